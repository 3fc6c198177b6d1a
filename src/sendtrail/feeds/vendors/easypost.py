"""EasyPost's webhooks: `{description: "tracker.updated", mode, result: Tracker}`.

Shape and words: docs.easypost.com (Tracker, TrackingDetail, Event) and EasyPost's client libraries. A detail's
`failure` is an exception on the way, such as nobody at home, after which the parcel is tried again.
"""

from typing import Any

import msgspec

from sendtrail.feeds.vendors import carriers
from sendtrail.feeds.vendors.carriers import Sighting
from sendtrail.feeds.vendors.intake import Object, VendorIntake, expected_day, part, parts, text, zip5_of

_STATUSES = {
    "unknown": "",
    "pre_transit": "",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "delivered": "delivered",
    "available_for_pickup": "pickup_available",
    "return_to_sender": "returned",
    "failure": "delivery_attempted",
    "cancelled": "",
    "error": "",
}
"""What a detail says; nothing of the parcel's way where its label was made or withdrawn."""
_NEAR = ("received_at_destination_facility",)
_NO_ATTEMPT = frozenset({"damaged", "held", "lost", "missorted", "transit_exception", "weather_delay"})


def read(body: bytes, intake: VendorIntake, _: str) -> None:
    """Take one event; FieldError where all of it must be refused. Events that are not of trackers say nothing."""
    event = msgspec.json.decode(body, type=dict[str, Any])
    tracker = part(event, "result")
    if not text(event, "description").startswith("tracker.") and tracker.get("object") != "Tracker":
        return
    if mode := text(event, "mode"):
        intake.check_mode("mode", mode == "production")
    number = carriers.parcel(tracker, "tracking_code", intake)
    expected = expected_day(tracker.get("est_delivery_date"))
    carriers.tell(number, parts(tracker, "tracking_details"), _sighting, expected, intake)


def _sighting(detail: Object) -> Sighting:
    code = carriers.code_of(_STATUSES, text(detail, "status"), "status")
    exact = text(detail, "status_detail")
    if code == "in_transit" and exact in _NEAR:
        code = "in_local_area"
    elif code == "delivery_attempted" and exact in _NO_ATTEMPT:
        code = "in_transit"
    place = part(detail, "tracking_location")
    zip5 = zip5_of(place.get("zip"))
    said = {
        "note": text(detail, "message"),
        "place": "" if zip5 else ", ".join(filter(None, (text(place, "city"), text(place, "state")))),
    }
    return Sighting(code, "datetime", detail.get("datetime"), zip5, said)
