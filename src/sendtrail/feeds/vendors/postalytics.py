"""Postalytics' webhooks: `{mailId, eventDate, expectedDeliveryDate, eventType, to{…}, meta{fields}}`, unsigned.

Shape: support.postalytics.com 70000599976; numbers and what they mean: the status-code page of seed 002. There is one
webhook for each campaign; what kind of mail it is, the address says (`/postalytics/postcard`), else it is a letter. In
Canada `Mailed` is the printer's hand-off, elsewhere the first scan of the post.
"""

from typing import Any

import msgspec

from sendtrail.domain.vocabularies.postalytics import CODES
from sendtrail.feeds.intake import FieldError, shown
from sendtrail.feeds.vendors import recipients
from sendtrail.feeds.vendors.intake import VendorIntake, expected_day, part, text

EVENTS = {
    "MailPieceCreated": "rendered",
    "Addressed": "addressed",
    "Printed": "printed",
    "Mailed": "scanned",
    "InTransit": "in_transit",
    "InLocalArea": "in_local_area",
    "ProcessedForDelivery": "out_for_delivery",
    "ReRouted": "rerouted",
    "ReturnedToSender": "returned",
    "pURLOpened": "link_opened",
    "pURLCompleted": "goal_reached",
}
_NAMES = {str(number): name for name, number in CODES.items()} | {name.lower(): name for name in CODES}


def read(body: bytes, intake: VendorIntake, type_: str) -> None:
    """Take one event; FieldError where it must be refused."""
    message = msgspec.json.decode(body, type=dict[str, Any])
    asked = text(message, "eventType")
    event = _NAMES.get(asked.lower())
    if event is None:
        numbers = ", ".join(map(str, sorted(CODES.values())))
        raise FieldError(f"eventType {shown(asked)} is none of the numbers {numbers}")
    kind = recipients.kind_of(type_) if type_ else "letter"
    if kind is None:
        raise FieldError(f"the address ends in {shown(type_)}; it must end in letter, postcard or self_mailer")
    name = intake.name("mailId", text(message, "mailId"))
    person = part(message, "to")
    to = recipients.address(person)
    if to:
        fields = part(part(message, "meta"), "fields")
        intake.offer(name, {"kind": kind, "to": to, "metadata": fields, "supplier": "Postalytics"})
    in_canada = to is not None and to.country == "CA"
    code = "handed_over" if event == "Mailed" and in_canada else EVENTS[event]
    moved = text(person, "updatedAddress", "newAddress") if code == "rerouted" else ""
    at = intake.moment("eventDate", message.get("eventDate"), zone=intake.zone)
    expected = expected_day(message.get("expectedDeliveryDate"))
    intake.tell(name, code, at, detail={"new_address": moved}, expected=expected)
