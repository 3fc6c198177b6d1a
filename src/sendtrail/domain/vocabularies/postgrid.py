"""A mail piece as an order of PostGrid shows it: its `status`, and beside it what the barcode told (`imbStatus`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sendtrail.domain.events import MAIL, EventType, Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.trail import Event, Trail, order_key

MEANINGS: Mapping[str, str] = {
    "ready": "The order is made and will be printed on its send date; it can still be cancelled.",
    "printing": "The order is with a printer, who takes up to two business days.",
    "processed_for_delivery": "The order was handed to the post.",
    "completed": "The order has most likely arrived; nobody vouches for it.",
    "cancelled": "The order was called off or refused and will not be sent.",
    "entered_mail_stream": "A facility of the United States post has seen the piece.",
    "out_for_delivery": "The last facility is done with the piece: it should arrive within a day.",
    "returned_to_sender": "The piece is on its way back to its sender.",
}

_PROGRESS = ("ready", "printing", "processed_for_delivery")
_ENDS = ("completed", "cancelled")
_ON_THE_WAY = 4
"""The stage in which a presumed delivery stands among the scans."""
IMB_STATUSES = {"E": "entered_mail_stream", "O": "out_for_delivery", "R": "returned_to_sender"}
"""What the letter behind a slash in the event table stands for."""


@dataclass(frozen=True, slots=True)
class Order:
    """The fields of an order that follow from its trail; None where an order has none."""

    status: str | None = None
    imb_status: str | None = None
    imb_date: datetime | None = None
    imb_zip_code: str | None = None


def order(trail: Trail, facts: Facts) -> Order:
    """How the order stands. A kind that PostGrid does not know (gift, eGift) and an empty trail have no fields.

    `imb_*` are those of the greatest event by law 1 that has an imbStatus: a piece that was returned stays returned
    while it is scanned on its way back, and no late scan takes back what a later one said. They belong to the United
    States post. PostGrid gives them to live orders only; ours rehearse, so test orders have them too.
    """
    if facts.kind not in MAIL or not trail:
        return Order()
    imb = max((e for e in trail if facts.post == "usps" and _imb_status(e)), key=order_key, default=None)
    if imb is None:
        return Order(_status(trail))
    return Order(_status(trail), _imb_status(imb), imb.occurred_at, imb.zip or None)


def tell(trail: Trail, facts: Facts) -> dict[str, str | None]:
    """The order's fields by their names on the wire; times in UTC with milliseconds."""
    told = order(trail, facts)
    date = told.imb_date.isoformat(timespec="milliseconds").replace("+00:00", "Z") if told.imb_date else None
    return {"status": told.status, "imbStatus": told.imb_status, "imbDate": date, "imbZIPCode": told.imb_zip_code}


def _status(trail: Trail) -> str:
    """The furthest that the order came: a return leaves it as it was, a reroute after `completed` too. What came back
    was mailed, though nobody told of that.

    Of `completed` and `cancelled` the one that happened first stays: a scan of a cancelled order does not revive it,
    and what arrived is not called off afterwards.
    """
    ends = [event for event in trail if _order_status(event) in _ENDS]
    if ends:
        return _order_status(min(ends, key=lambda event: (event.occurred_at, event.type.rank)))
    words = {"processed_for_delivery" if event.code == "returned" else _order_status(event) for event in trail}
    return next((word for word in reversed(_PROGRESS) if word in words), "ready")


def _order_status(event: Event) -> str:
    return event.type.postgrid.partition("/")[0]


def _imb_status(event: Event) -> str | None:
    return IMB_STATUSES.get(event.type.postgrid.partition("/")[2])


def called(kind: Kind, type_: EventType) -> tuple[str, ...]:
    """All words for the status of an order of this standing, for `standings`: the furthest that it came is not always
    where it stands now. An order may have been `completed` before it was seen on its way once more, came back or was
    called off; one that came back stays what it was."""
    word = type_.postgrid.partition("/")[0]
    if kind not in MAIL:
        return ()
    if type_.code == "returned":
        return ("processed_for_delivery", "completed")
    if word == "cancelled":
        return ("cancelled", "completed")
    if type_.stage == _ON_THE_WAY and word != "completed":
        return ("processed_for_delivery", "completed")
    return (word or "ready",)
