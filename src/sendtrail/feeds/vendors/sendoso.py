"""Sendoso's webhooks: `{send_gid, status_changed_at}`, delivered by Svix.

The body does not say what happened, so each type of event has an address of its own, such as `/sendoso/delivered`. The
28 types: developer.sendoso.com/webhooks. What it says of parcels comes from carriers; `redeemed` means that the code
was made, not that it was spent.
"""

from typing import Any

import msgspec

from sendtrail.feeds.intake import FieldError, shown
from sendtrail.feeds.vendors.intake import VendorIntake, text

TYPES = {
    "amazon_fulfilling": "supplier_fulfilling",
    "amazon_shipped": "supplier_shipped",
    "blocked": "held",
    "bounced": "failed",
    "canceled": "cancelled",
    "clicked": "clicked",
    "confirmation_canceled": "confirmation_expired",
    "confirming_address": "address_requested",
    "delivered": "delivered",
    "email_blacklist": "failed",
    "expired": "expired",
    "failed": "failed",
    "fulfilling": "supplier_fulfilling",
    "fulfillment_issue": "held",
    "initiated": "created",
    "insufficient_funds": "held",
    "invalid_email_format": "failed",
    "opened": "opened",
    "order_received": "ordered",
    "out_of_stock": "held",
    "pending_approval": "awaiting_approval",
    "pending_sendoso_approval": "awaiting_approval",
    "redeemed": "redeemed",
    "refunded": "refunded",
    "sent": "offer_sent",
    "shipped": "shipped",
    "suspicious_email": "held",
    "undeliverable": "undeliverable",
}
_PLAIN = frozenset(word for word, code in TYPES.items() if word == code) | {
    "canceled",
    "initiated",
    "order_received",
    "sent",
    "confirming_address",
    "confirmation_canceled",
    "amazon_fulfilling",
    "amazon_shipped",
}
"""Types of which our code says all."""


def read(body: bytes, intake: VendorIntake, type_: str) -> None:
    """Take one event of the type that its address names; FieldError where it must be refused."""
    message = msgspec.json.decode(body, type=dict[str, Any])
    word = type_.removeprefix("send.")
    if word not in TYPES:
        told = f"the address ends in {shown(type_)}" if type_ else "the address does not say what happened"
        raise FieldError(f"{told}; it must end in one of {', '.join(TYPES)}")
    name = intake.name("send_gid", text(message, "send_gid"))
    at = intake.moment("status_changed_at", message.get("status_changed_at"))
    intake.tell(name, TYPES[word], at, detail={} if word in _PLAIN else {"reason": word.replace("_", " ")})
