"""AfterShip's webhooks: `{event: "tracking_update", event_id, msg: {tracking_number, tag, checkpoints[]}, ts}`.

Shape: aftership.com/docs/tracking, webhook specifications; tags and subtags: its delivery statuses and sub-statuses. A
checkpoint's time is the place's own and mostly without an offset.
"""

from typing import Any

import msgspec

from sendtrail.feeds.vendors import carriers
from sendtrail.feeds.vendors.carriers import Sighting
from sendtrail.feeds.vendors.intake import Object, VendorIntake, expected_day, part, parts, text, zip5_of

_TAGS = {
    "Pending": "",
    "InfoReceived": "",
    "Expired": "",
    "InTransit": "in_transit",
    "OutForDelivery": "out_for_delivery",
    "AttemptFail": "delivery_attempted",
    "Delivered": "delivered",
    "AvailableForPickup": "pickup_available",
    "Exception": "in_transit",
}
"""Nothing of the parcel's way where its label was made, or where nothing was heard for long."""
_SUBTAGS = {
    "InTransit_009": "rerouted",
    "Exception_002": "delivery_attempted",
    "Exception_003": "delivery_attempted",
    "Exception_007": "delivery_attempted",
    "Exception_010": "returned",
    "Exception_011": "returned",
}
"""Forwarded to another address; the customer moved, refused it, or the address is wrong; on its way back, and there."""


def read(body: bytes, intake: VendorIntake, _: str) -> None:
    """Take one event; FieldError where all of it must be refused."""
    event = msgspec.json.decode(body, type=dict[str, Any])
    tracking = part(event, "msg")
    number = carriers.parcel(tracking, "tracking_number", intake)
    latest = part(tracking, "latest_estimated_delivery")
    day = text(latest, "datetime") or text(tracking, "expected_delivery")
    carriers.tell(number, parts(tracking, "checkpoints"), _sighting, expected_day(day), intake)


def _sighting(checkpoint: Object) -> Sighting:
    code = carriers.code_of(_TAGS, text(checkpoint, "tag"), "tag")
    code = _SUBTAGS.get(text(checkpoint, "subtag"), code)
    zip5 = zip5_of(text(checkpoint, "zip", "postal_code"))
    said = {
        "note": text(checkpoint, "message"),
        "issue": text(checkpoint, "subtag_message") if text(checkpoint, "tag") == "Exception" else "",
        "place": "" if zip5 else text(checkpoint, "location", "city"),
    }
    return Sighting(code, "checkpoint_time", checkpoint.get("checkpoint_time"), zip5, said)
