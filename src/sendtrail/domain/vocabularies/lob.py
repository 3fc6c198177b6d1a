"""Lob's names of tracking events and of a piece's own steps (`rendered_pdf`)."""

from collections.abc import Mapping

from sendtrail.domain.events import EventType, Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.trail import Trail, status

MEANINGS: Mapping[str, str] = {
    "created": "The piece was ordered.",
    "rendered_pdf": "The print file is made and with the printer.",
    "In Transit": "The post processed the piece where it entered the mail.",
    "In Local Area": "The post processed the piece in the area where it is to be delivered.",
    "Processed for Delivery": "The office nearest to the recipient cleared the piece; the mailbox is about a day away.",
    "Re-Routed": "The post sent the piece another way: the recipient moved, or the address or barcode was wrong.",
    "Issue": "A delivery was tried in vain; the recipient may have to do something.",
    "Pickup Available": "The piece waits at a post office to be collected.",
    "Delivered": "The carrier left the delivery area with the round done, or a delivery was recorded.",
    "Returned to Sender": "The piece is on its way back to its sender.",
    "viewed": "Somebody opened the piece's QR code or short link.",
    "failed": "The piece could not be produced.",
    "deleted": "The piece was called off.",
}


def tell(trail: Trail, facts: Facts) -> str | None:
    """The name of the event that is the status. None where Lob has none: it tells no hand-over and presumes nothing."""
    return status(trail).type.lob or None if trail else None


def called(kind: Kind, type_: EventType) -> tuple[str, ...]:
    """All words of a send of this status, for `standings`."""
    return (type_.lob,) if type_.lob else ()
