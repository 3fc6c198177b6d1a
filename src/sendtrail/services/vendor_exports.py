"""Vendors' exports, given as files: what was sent through them before they told it by webhooks."""

from typing import get_args

from sendtrail.domain.problems import Invalid
from sendtrail.domain.send import KindWord
from sendtrail.feeds.vendors.catalogue import VENDORS
from sendtrail.feeds.vendors.reader import EXPORT

EXPORTERS = tuple(each.key for each in VENDORS.values() if each.exports)


def export_format(vendor: str, kind: str = "") -> str:
    """The format of a vendor's export, to be ingested as; Invalid names `vendor` or `kind`.

    `kind`: of sends of which no column says it, '' for letters.
    """
    if vendor not in EXPORTERS:
        raise Invalid(f"vendor {vendor[:40]!a} must be one of {', '.join(EXPORTERS)}", "vendor")
    if kind and kind not in get_args(KindWord):
        raise Invalid(f"kind {kind[:40]!a} must be one of {', '.join(get_args(KindWord))}", "kind")
    return f"{vendor}.{EXPORT}.{kind}" if kind else f"{vendor}.{EXPORT}"
