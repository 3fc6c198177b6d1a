"""Stannp's webhooks: `{webhook_id, event, created, retries, mailpieces[]}`, at most 50 pieces at once.

Events, statuses and shapes: stannp.com/us/direct-mail-api/webhooks and /reporting. Times name no zone and are read in
the organization's. Its `delivered` is an estimate, as it says itself: a presumption here.
"""

from typing import Any

import msgspec

from sendtrail.domain.events import Evidence
from sendtrail.feeds.intake import FieldError, shown
from sendtrail.feeds.vendors import recipients
from sendtrail.feeds.vendors.intake import Object, VendorIntake, number_of, parts, raw_of, text

STATUSES = {
    "received": "created",
    "created": "created",
    "producing": "in_production",
    "printing": "in_production",
    "handed_over": "handed_over",
    "dispatched": "handed_over",
    "in_transit": "in_transit",
    "local_delivery": "out_for_delivery",
    "delivered": "delivered",
    "returned": "returned",
    "cancelled": "cancelled",
}
_SAY_NOTHING = ("test_url", "campaign_status")
"""Of one send: the trial when a webhook is made, and what becomes of a whole campaign."""


def read(body: bytes, intake: VendorIntake, _: str) -> None:
    """Take one message; FieldError where all of it must be refused."""
    message = msgspec.json.decode(body, type=dict[str, Any])
    event = text(message, "event")
    if event in _SAY_NOTHING:
        return
    if event not in ("mailpiece_status", "recipient_events"):
        raise FieldError(f"event {shown(event)} is none that we know, such as mailpiece_status")
    field, take = ("mailpieces", _take) if event == "mailpiece_status" else ("events", _take_response)
    found = parts(message, field)
    if not found:
        raise FieldError(f"{field} must be a list of objects with at least one in it")
    for intake.line, each in enumerate(found, 1):
        try:
            take(each, message, intake)
        except FieldError as error:
            intake.refuse(intake.line, error.reason, raw_of(each))


def _take(piece: Object, message: Object, intake: VendorIntake) -> None:
    name = intake.name("id", text(piece, "id"))
    status = text(piece, "status").lower()
    if status not in STATUSES:
        raise FieldError(f"status {shown(status)} is none of {', '.join(STATUSES)}")
    _offer(piece, name, intake)
    code = STATUSES[status]
    told = text(piece, "dispatched") if status == "dispatched" else ""
    at = intake.moment("created", told or message.get("created"), zone=intake.zone)
    intake.tell(name, code, at, evidence=Evidence.INFERRED if code == "delivered" else Evidence.REPORTED)


def _take_response(event: Object, message: Object, intake: VendorIntake) -> None:
    """A scan of a QR code, if it says of which piece."""
    name = intake.name("mailpiece_id", text(event, "mailpiece_id", "mailpiece"))
    at = intake.moment("created", text(event, "created") or message.get("created"), zone=intake.zone)
    code = "goal_reached" if event.get("conversion") in (True, 1, "1") else "link_opened"
    intake.tell(name, code, at, detail={"event": text(event, "name"), "value": text(event, "value")})


def _offer(piece: Object, name: str, intake: VendorIntake) -> None:
    kind = recipients.kind_of(text(piece, "type")) or recipients.kind_of(text(piece, "format"))
    recipient = piece.get("recipient")
    to = recipients.address(recipient if isinstance(recipient, dict) else piece)
    if number := text(piece, "tracking_reference", "tracking_ref"):
        intake.also[name] = number_of(number)
    if kind and to and to.address_line1:
        intake.offer(name, {"kind": kind, "to": to, "tracking_number": number, "supplier": "Stannp"})
