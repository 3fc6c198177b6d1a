"""A tracker's template in PostGrid's words and in ours, and where trackers stand in what is to be printed.

PostGrid's names what it merges: `{{to.firstName}}`, `{{from.companyName}}`, and the order's own merge variables without
anything before them. Ours are those of domain/landing.py.
"""

import re
from datetime import datetime
from typing import Any

from sendtrail.domain.landing import MERGE
from sendtrail.domain.notice_bodies import stamp
from sendtrail.domain.postgrid.orders import CONTACT
from sendtrail.domain.problems import Invalid

Visit = dict[str, Any]

TEMPLATE = "redirectURLTemplate"
WORD = "tracker"
_OURS = {
    f"{whose}.{theirs}": f"{whose}.{ours}"
    for whose in ("to", "from")
    for theirs, ours in {
        "firstName": "first_name",
        "lastName": "last_name",
        **{CONTACT[ours]: ours for ours in ("company", "email", "city", "state", "postal_code")},
        "countryCode": "country",
    }.items()
}
_THEIRS = {ours: theirs for theirs, ours in _OURS.items()}
_VARIABLE = re.compile(r"\{\{\s*([^{}?#]*?)\s*\}\}")
_NAMED = re.compile(rf"\{{\{{\s*({WORD}_[^{{}}\s]*?)(?:\.qrcode)?\s*\}}\}}", re.IGNORECASE)


def ours(template: str) -> str:
    """A template of PostGrid's as a landing has it; Invalid names `redirectURLTemplate`."""
    return _VARIABLE.sub(lambda found: f"{{{{{_our(found[1])}}}}}", template)


def theirs(template: str) -> str:
    """A landing's template in PostGrid's words: what `ours` was given, without spaces within its braces."""
    return _VARIABLE.sub(lambda found: f"{{{{{_THEIRS.get(found[1], found[1].removeprefix(MERGE))}}}}}", template)


def named_in(html: str) -> list[str]:
    """What stands in some HTML where the id of a tracker does whose link, or its QR code, is wanted, each once and in
    small letters: `{{tracker_…}}`, `{{tracker_….qrcode}}`. Whether there is such a tracker is not said."""
    return list(dict.fromkeys(found.lower() for found in _NAMED.findall(html)))


def visit(
    visit_id: str, tracker: str | None, order: str, live: bool, device: str, at: datetime, address: str | None = None
) -> Visit:
    """A visit by way of a tracker's link. `tracker`, `order`: their ids; `address`: the visitor's, empty where it is
    not kept, None where it is not to be told."""
    return {
        "id": visit_id,
        "object": "tracker_visit",
        "live": live,
        "tracker": tracker,
        "orderID": order,
        "device": device,
        **({} if address is None else {"ipAddress": address}),
        "createdAt": stamp(at),
        "updatedAt": stamp(at),
    }


def _our(name: str) -> str:
    if name in _OURS:
        return _OURS[name]
    if not name or name.partition(".")[0] in ("to", "from"):
        known = ", ".join(_OURS)
        raise Invalid(f"{TEMPLATE}: {name[:60]!a} is no variable; there are {known} and merge variables", TEMPLATE)
    return MERGE + name
