"""The status words of a Sendoso-style send tracker, for gifts and eGifts and for mail pieces beside them."""

from collections.abc import Mapping

from sendtrail.domain.events import EventType, Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.trail import Trail, status

MEANINGS: Mapping[str, str] = {
    "Order Received": "The order is in and waits to be put together or printed.",
    "Confirming Address": "The recipient was asked where the gift should go and has not answered yet.",
    "Confirmation Canceled": "The recipient did not confirm an address in time, so the gift was called off.",
    "Fulfillment Issue": "Something holds the order up before it can leave; somebody should look at it.",
    "Amazon Fulfilling": "The supplier is getting the item ready for the warehouse that will send it on.",
    "Amazon Shipped": "The supplier has sent the item to the warehouse that will send it on.",
    "Shipped": "It has left; where its way can be followed, the tracking link shows it.",
    "Delivered": "It arrived, by the word of the carrier or the post. What we merely presume stays Shipped.",
    "Undeliverable": "It could not be delivered, because of its address or because nobody took it.",
    "Sent": "The eGift offer went out by e-mail and has not been opened.",
    "Opened": "The recipient opened the offer's e-mail and has not chosen yet.",
    "Clicked": "The recipient followed the offer's link and has not confirmed the e-mail address yet.",
    "Redeemed": "The recipient has the eGift's code; whether it was spent is not known.",
    "Expired": "The offer ran out before the recipient took it.",
    "Refunded": "The money went back: the offer was never opened or bounced, or the order was called off.",
    "Failed": "The order could not be carried out; somebody should look at it.",
    "Canceled": "The order was called off.",
}


def tell(trail: Trail, facts: Facts) -> str | None:
    """The word for the status; None while only responses are known. A presumed delivery is still Shipped."""
    return status(trail).type.sendoso or None if trail else None


def called(kind: Kind, type_: EventType) -> tuple[str, ...]:
    """All words of a send of this status, for `standings`."""
    return (type_.sendoso,) if type_.sendoso else ()
