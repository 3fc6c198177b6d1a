"""The one entry to what vendors send: bytes of a known vendor to batches, and never an exception for what they hold.

`format` is the vendor's key alone for a webhook's body (`lob`), with the type that its address named
(`sendoso.shipped`), or with `csv`, and the kind of its sends if they do not say it, for an export
(`postalytics.csv.postcard`).
"""

from collections.abc import Callable, Iterator
from datetime import tzinfo
from typing import BinaryIO, cast

import msgspec

from sendtrail.feeds.containers import plain
from sendtrail.feeds.intake import Damaged, FieldError
from sendtrail.feeds.reader import Told
from sendtrail.feeds.vendors import exports
from sendtrail.feeds.vendors.catalogue import VENDORS
from sendtrail.feeds.vendors.intake import VendorBatch, VendorIntake

EXPORT = "csv"
_FILE = "the file"


def is_vendors(format: str) -> bool:
    """Whether a file's format is one of these."""
    return format.partition(".")[0] in VENDORS


def is_export(format: str) -> bool:
    """Whether a format of a vendor is its export, rather than a message of its webhooks."""
    return format.partition(".")[2].partition(".")[0] == EXPORT


def read(
    stream: BinaryIO,
    format: str,
    *,
    now_ms: int,
    zone: tzinfo,
    live: bool,
    progress: Callable[[int], None] | None = None,
) -> Iterator[VendorBatch]:
    """Everything that a message or an export says, plain, gzip or zip. `progress` is told the bytes read so far."""
    key, _, rest = format.partition(".")
    intake = VendorIntake(key, now_ms, zone, live=live)
    for part in plain(cast(BinaryIO, Told(stream, progress)) if progress else stream, _FILE):
        try:
            if is_export(format):
                for _ in exports.read(part.chunks, intake, rest.partition(".")[2]):
                    yield intake.vendor_batch()
            else:
                _take(b"".join(part.chunks), intake, rest)
                yield intake.vendor_batch()
        except Damaged as error:
            intake.refuse_rest(str(error), error.cut_off)
            yield intake.vendor_batch()


def _take(body: bytes, intake: VendorIntake, type_: str) -> None:
    intake.line = 1
    try:
        VENDORS[intake.vendor].read(body, intake, type_)
    except FieldError as error:
        intake.refuse(1, error.reason, body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        intake.refuse(1, "the body must be a JSON object", body)
