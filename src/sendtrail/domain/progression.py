"""What usually comes next in the life of a send: the way that test sends are moved along, one event at a time.

A way is what kind, post and supplier make of that.
"""

from collections.abc import Mapping
from typing import Literal

from sendtrail.domain.events import MAIL, Kind, Source

Way = Literal["mail", "lettermail", "gift", "amazon", "egift"]
"""`lettermail`: mail that its post does not scan. `amazon`: a gift that this supplier keeps and ships."""

_TABLE = """
status              | mail             | lettermail  | gift             | amazon              | egift
created             | rendered         | rendered    | ordered          | ordered             | offer_sent
awaiting_approval   | rendered         | rendered    | ordered          | ordered             | offer_sent
address_requested   |                  |             | ordered          | ordered             |
held                | resumed          | resumed     | resumed          | resumed             | resumed
resumed             | rendered         | rendered    | ordered          | ordered             | offer_sent
ordered             |                  |             | shipped          | supplier_fulfilling |
supplier_fulfilling |                  |             | shipped          | supplier_shipped    |
supplier_shipped    |                  |             | in_transit       | in_transit          |
offer_sent          |                  |             |                  |                     | opened
in_production       | rendered         | rendered    |                  |                     |
rendered            | addressed        | addressed   |                  |                     |
addressed           | printed          | printed     |                  |                     |
printed             | handed_over      | handed_over |                  |                     |
reprinting          | printed          | printed     |                  |                     |
opened              |                  |             |                  |                     | clicked
handed_over         | in_transit       | delivered   |                  |                     |
shipped             |                  |             | in_transit       | in_transit          |
scanned             | in_transit       | delivered   |                  |                     |
clicked             |                  |             |                  |                     | redeemed
in_transit          | in_local_area    | delivered   | in_local_area    | in_local_area       |
in_local_area       | out_for_delivery | delivered   | out_for_delivery | out_for_delivery    |
out_for_delivery    | delivered        | delivered   | delivered        | delivered           |
rerouted            | in_local_area    | delivered   | in_local_area    | in_local_area       |
delivery_attempted  | delivered        | delivered   | delivered        | delivered           |
pickup_available    | delivered        | delivered   | delivered        | delivered           |
"""
"""The usual event after each status, by way. What has none is an end."""


def _read(table: str) -> dict[tuple[str, str], str]:
    head, *lines = table.strip().splitlines()
    _, *ways = (cell.strip() for cell in head.split("|"))
    found = {}
    for line in lines:
        status, *events = (cell.strip() for cell in line.split("|"))
        found.update({(way, status): event for way, event in zip(ways, events, strict=True) if event})
    return found


_NEXT = _read(_TABLE)

TOLD_BY: Mapping[str, Source] = {
    "created": Source.SYSTEM,
    "awaiting_approval": Source.SYSTEM,
    "address_requested": Source.SYSTEM,
    "ordered": Source.SYSTEM,
    "held": Source.PRINTER,
    "resumed": Source.PRINTER,
    "supplier_fulfilling": Source.VENDOR,
    "supplier_shipped": Source.VENDOR,
    "offer_sent": Source.SYSTEM,
    "in_production": Source.PRINTER,
    "rendered": Source.PRINTER,
    "addressed": Source.PRINTER,
    "printed": Source.PRINTER,
    "reprinting": Source.PRINTER,
    "opened": Source.RECIPIENT,
    "handed_over": Source.PRINTER,
    "shipped": Source.VENDOR,
    "scanned": Source.CARRIER,
    "clicked": Source.RECIPIENT,
    "in_transit": Source.CARRIER,
    "in_local_area": Source.CARRIER,
    "out_for_delivery": Source.CARRIER,
    "rerouted": Source.CARRIER,
    "delivery_attempted": Source.CARRIER,
    "pickup_available": Source.CARRIER,
    "expired": Source.SYSTEM,
    "undeliverable": Source.CARRIER,
    "delivered": Source.CARRIER,
    "redeemed": Source.RECIPIENT,
    "returned": Source.PERSON,
    "confirmation_expired": Source.SYSTEM,
    "failed": Source.PRINTER,
    "refunded": Source.VENDOR,
}
"""Who tells of an event where no scan does. Cancelling is not here: people do that, and it has a way of its own."""


def way_of(kind: Kind, post: str, supplier: str) -> Way:
    """The way that a send goes. `supplier` in anybody's spelling."""
    if kind in MAIL:
        return "lettermail" if post == "canada_post" else "mail"
    if kind is Kind.EGIFT:
        return "egift"
    return "amazon" if "amazon" in supplier.lower() else "gift"


def next_event(way: Way, status: str) -> str | None:
    """The code of the usual event after a status; None after the last one."""
    return _NEXT.get((way, status))


def usual(way: Way, status: str = "created") -> tuple[str, ...]:
    """The codes that usually follow a status, to the end of the way."""
    codes: list[str] = []
    while (code := next_event(way, codes[-1] if codes else status)) is not None:
        codes.append(code)
    return tuple(codes)
