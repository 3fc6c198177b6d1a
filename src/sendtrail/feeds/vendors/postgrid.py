"""PostGrid's webhooks: `{id, type, live, data, updatedFields, createdAt}`, `data` being the order; JSON or a token.

Fields: PyPI `postgrid-python` 2.3.0; payload formats: guides.postgrid.com. An order keeps its last state only, so a
status is taken when it is news: the order is new, or `updatedFields` names it, as a list or as a record of new values.
Where that does not say what is new, a status may have been told before. `completed` is its own approximation, a week or
so after the hand-over: a presumption here.
"""

import base64
import binascii
from typing import Any

import msgspec

from sendtrail.domain.events import Evidence
from sendtrail.feeds.intake import FieldError, shown
from sendtrail.feeds.vendors import recipients
from sendtrail.feeds.vendors.intake import Object, VendorIntake, part, text, zip5_of

STATUSES = {
    "ready": "created",
    "printing": "in_production",
    "processed_for_delivery": "handed_over",
    "completed": "delivered",
    "cancelled": "cancelled",
}
POSTAL = {
    "entered_mail_stream": "scanned",
    "out_for_delivery": "out_for_delivery",
    "returned_to_sender": "returned",
}
_POSTAL_FIELDS = {"imbStatus", "imbDate", "imbZIPCode"}
_SAY_NOTHING = ("campaign", "return_envelope_order", "virtual_mailbox_item", "box")
"""Of one send; a box holds many cheques, each with an order of its own."""


def read(body: bytes, intake: VendorIntake, _: str) -> None:
    """Take one event; FieldError where all of it must be refused."""
    event = msgspec.json.decode(claims(body) if not body.lstrip().startswith(b"{") else body, type=dict[str, Any])
    if "type" not in event:  # a token may hold the event as one of its claims
        event = next((each for each in event.values() if isinstance(each, dict) and "type" in each), event)
    noun, _, what = text(event, "type").partition(".")
    if noun in _SAY_NOTHING:
        return
    intake.check_mode("live", event.get("live"))
    data = part(event, "data")
    if (noun, what) == ("tracker", "visited"):
        name = intake.name("data.orderID", text(data, "orderID"))
        intake.tell(name, "link_opened", intake.moment("createdAt", data.get("createdAt") or event.get("createdAt")))
        return
    kind = recipients.kind_of(noun)
    if kind is None or what not in ("created", "updated"):
        raise FieldError(f"type {shown(text(event, 'type'))} is none that we know, such as letter.updated")
    name = intake.name("data.id", text(data, "id"))
    _offer(data, name, kind, intake)
    changed = None if what == "created" else _changed(event)
    if changed is None or changed & {"status", "cancellation"}:
        _take_status(data, event, name, intake, told_before=what != "created" and changed is None)
    if (postal := text(data, "imbStatus")) and (changed is None or changed & _POSTAL_FIELDS):
        _take_postal(postal, data, name, intake)


def _changed(event: Object) -> set[str] | None:
    """The fields that are news; None where that is not told."""
    fields = event.get("updatedFields")
    return set(map(str, fields)) if isinstance(fields, list | dict) else None


def claims(body: bytes) -> bytes:
    """What a JSON Web Token says, as JSON; whoever asks has verified it. FieldError if it is no token."""
    try:
        _, middle, _ = body.strip().split(b".")
        return base64.urlsafe_b64decode(middle + b"=" * (-len(middle) % 4))
    except (ValueError, binascii.Error):
        raise FieldError("the body is neither JSON nor a JSON Web Token") from None


def _take_postal(postal: str, data: Object, name: str, intake: VendorIntake) -> None:
    """What the post said last. Without the date of the scan, nothing tells a repeated status from a new one."""
    if postal not in POSTAL:
        raise FieldError(f"data.imbStatus {shown(postal)} is none of {', '.join(POSTAL)}")
    zip5 = zip5_of(data.get("imbZIPCode"))
    dated = bool(text(data, "imbDate"))
    at = intake.moment("data.imbDate", data.get("imbDate") if dated else data.get("updatedAt"), zip5)
    intake.tell(name, POSTAL[postal], at, zip5=zip5, told_before=not dated)


def _take_status(data: Object, event: Object, name: str, intake: VendorIntake, *, told_before: bool) -> None:
    status = text(data, "status")
    if status not in STATUSES:
        raise FieldError(f"data.status {shown(status)} is none of {', '.join(STATUSES)}")
    code, detail = STATUSES[status], {}
    if cancellation := part(data, "cancellation"):
        detail = {"reason": text(cancellation, "reason"), "note": text(cancellation, "note")}
        code = "failed" if detail["reason"].startswith("invalid") else code
    evidence = Evidence.INFERRED if code == "delivered" else Evidence.REPORTED
    at = intake.moment("createdAt", event.get("createdAt") or data.get("updatedAt"))
    intake.tell(name, code, at, evidence=evidence, detail=detail, told_before=told_before)


def _offer(data: Object, name: str, kind: str, intake: VendorIntake) -> None:
    to = recipients.address(part(data, "to"))
    if not to:
        return
    in_us = to.country == "US"
    send = {
        "kind": kind,
        "to": to,
        "from": recipients.address(part(data, "from")),
        "send_date": text(data, "sendDate")[:10],
        "mailing_class": recipients.mailing_class(text(data, "mailingClass")) if in_us else "",
        "extra_service": recipients.extra_service(text(data, "extraService", "mailingClass"))
        if in_us and kind in ("letter", "cheque")
        else "",
        "tracking_number": text(data, "trackingNumber"),
        "metadata": part(data, "metadata"),
        "supplier": "PostGrid",
    }
    intake.offer(name, send, data.get("createdAt"))
