"""Karrio's webhooks: `{event: "tracker_updated", data: {tracking_number, status, events[], test_mode}}`.

Shape: karrioapi/karrio, modules/events (webhook task and its tests); statuses: its unified tracking statuses. Older
releases give events no status of their own: then the newest alone is known, by the tracker's.
"""

import re
from typing import Any

import msgspec

from sendtrail.feeds.vendors import carriers
from sendtrail.feeds.vendors.carriers import Sighting
from sendtrail.feeds.vendors.intake import Object, VendorIntake, expected_day, part, parts, text

_STATUSES = {
    "pending": "",
    "unknown": "",
    "cancelled": "",
    "picked_up": "in_transit",
    "in_transit": "in_transit",
    "incident": "in_transit",
    "on_hold": "in_transit",
    "delivery_delayed": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "ready_for_pickup": "pickup_available",
    "delivery_failed": "delivery_attempted",
    "delivered": "delivered",
    "return_to_sender": "returned",
}
_PLAIN = frozenset({"in_transit", "out_for_delivery", "ready_for_pickup", "delivered", "return_to_sender"})
"""Statuses of which our code says all."""
_CLOCK = re.compile(r"(\d{1,2}):(\d{2}(?::\d{2})?) ?([AP]M)", re.ASCII | re.IGNORECASE)


def read(body: bytes, intake: VendorIntake, _: str) -> None:
    """Take one event; FieldError where all of it must be refused. Events that are not of trackers say nothing."""
    event = msgspec.json.decode(body, type=dict[str, Any])
    if not text(event, "event").startswith("tracker"):
        return
    tracker = part(event, "data")
    if isinstance(test := tracker.get("test_mode"), bool):
        intake.check_mode("test_mode", not test)
    number = carriers.parcel(tracker, "tracking_number", intake)
    events = parts(tracker, "events")
    newest = max(events, key=_when, default=None)

    def sighted(each: Object) -> Sighting | None:
        status = text(each, "status") or (text(tracker, "status") if each is newest else "")
        return _sighting(each, status) if status else None

    carriers.tell(number, events, sighted, expected_day(tracker.get("estimated_delivery")), intake)


def _when(event: Object) -> str:
    """The time of an event as text that sorts. Some carriers' times end in AM or PM, also after 13:00."""
    clock = _CLOCK.fullmatch(text(event, "time"))
    hour = int(clock[1]) % 12 + (12 if clock[3].upper() == "PM" else 0) if clock else 0
    time = f"{hour:02}:{clock[2]}" if clock else text(event, "time")
    return text(event, "timestamp") or f"{text(event, 'date')} {time}".strip()


def _sighting(event: Object, status: str) -> Sighting:
    code = carriers.code_of(_STATUSES, status, "status")
    said = {
        "note": text(event, "description"),
        "issue": "" if status in _PLAIN else status.replace("_", " "),
        "place": text(event, "location"),
    }
    return Sighting(code, "date", _when(event), 0, said)
