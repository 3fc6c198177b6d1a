"""Lob's webhooks: `{id, body, reference_id, event_type{id}, date_created}`, the body being the piece.

Types, tracking events and the 27 words of certified mail: lob/lob-openapi@539ed451. A piece carries all its tracking
events, so one message may tell of several. Its Delivered is made when the carrier's GPS leaves the area: worked out by
rule, but for certified mail, which somebody signed for.
"""

import re
from typing import Any

import msgspec

from sendtrail.domain.events import Evidence
from sendtrail.feeds.intake import FieldError, clean, shown
from sendtrail.feeds.vendors import recipients
from sendtrail.feeds.vendors.intake import Object, VendorIntake, expected_day, part, parts, raw_of, text, zip5_of

WORDS = {
    "mailed": "handed_over",
    "in_transit": "in_transit",
    "in_local_area": "in_local_area",
    "processed_for_delivery": "out_for_delivery",
    "re_routed": "rerouted",
    "returned_to_sender": "returned",
    "delivered": "delivered",
    "pickup_available": "pickup_available",
    "international_exit": "in_transit",
    "issue": "in_transit",
}
_OTHERS = {
    "created": "created",
    "rejected": "failed",
    "rendered_pdf": "rendered",
    "deleted": "cancelled",
    "failed": "failed",
    "viewed": "link_opened",
}
_SAY_NOTHING = re.compile(r"rendered_thumbnails|return_envelope\.\w+(-\w+)?|informed_delivery\.\w+")
"""Of the piece's way: a picture is ready; its return envelope's way; what USPS mails about it."""
_CERTIFIED = {
    "package_in_local_area": "in_local_area",
    "out_for_delivery": "out_for_delivery",
    "pickup_available": "pickup_available",
    "package_held": "pickup_available",
    "delivered": "delivered",
    "package_forwarded": "rerouted",
    "returned_to_sender": "returned",
    "delivery_attempted": "delivery_attempted",
    "notice_left": "delivery_attempted",
    "location_inaccessible": "delivery_attempted",
    "package_lost": "failed",
    "package_disposed": "failed",
    "package_undeliverable": "undeliverable",
    "package_unclaimed": "returned",
    "address_issue": "delivery_attempted",
}
"""What an Issue is about, or a step exactly. The other words stay as its detail: with the step's name, or as an attempt
where Lob says that somebody has to act."""


def read(body: bytes, intake: VendorIntake, _: str) -> None:
    """Take one event; FieldError where all of it must be refused."""
    event = msgspec.json.decode(body, type=dict[str, Any])
    kind, _, what = text(part(event, "event_type"), "id").partition(".")
    if not what:
        raise FieldError("event_type.id is missing, such as letter.in_transit")
    piece = part(event, "body")
    name = intake.name("body.id", text(piece, "id") or text(event, "reference_id"))
    what, certified = what.removeprefix("certified."), what.startswith("certified.")
    if _SAY_NOTHING.fullmatch(what):
        return
    word = what.replace("-", "_")
    if word not in WORDS and word not in _OTHERS:
        raise FieldError(f"event_type.id {shown(f'{kind}.{what}')} is none that we know")
    _offer(piece, name, kind, intake)
    tracked = parts(piece, "tracking_events")
    expected = expected_day(piece.get("expected_delivery_date"))
    for each in tracked:
        _take(each, name, intake, expected, certified=certified)
    if word in _OTHERS or not any(_word(each) == word for each in tracked):
        at = intake.moment("date_created", event.get("date_created"))
        code = _OTHERS.get(word) or WORDS[word]
        evidence = Evidence.LOGICAL if code == "delivered" and not certified else Evidence.REPORTED
        intake.tell(name, code, at, evidence=evidence, detail=_remarks(word), expected=expected)


def _take(event: Object, name: str, intake: VendorIntake, expected: int, *, certified: bool) -> None:
    word = _word(event)
    try:
        if word not in WORDS:
            raise FieldError(f"tracking_events: name {shown(text(event, 'name'))} is none that we know")
        zip5 = zip5_of(event.get("location"))
        at = intake.moment("tracking_events: time", event.get("time"), zip5)
    except FieldError as error:
        intake.refuse(intake.line, error.reason, raw_of(event))
        return
    details = part(event, "details")
    exact = text(details, "event")
    signed = certified or text(event, "type") == "certified"
    must_act = details.get("action_required") is True
    plain = "delivery_attempted" if signed and must_act and word == "issue" else WORDS[word]
    code = _CERTIFIED.get(exact, plain) if signed else plain
    said = {
        "issue": exact.replace("_", " ") if word == "issue" else "",
        "note": text(details, "description"),
        "notes": text(details, "notes"),
        "action_required": "yes" if must_act else "",
        "place": "" if zip5 else clean(text(event, "location")),
    }
    evidence = Evidence.LOGICAL if code == "delivered" and not signed else Evidence.REPORTED
    intake.tell(name, code, at, evidence=evidence, detail=_remarks(word) | said, zip5=zip5, expected=expected)


def _word(event: Object) -> str:
    return re.sub(r"[\s-]+", "_", text(event, "name").lower())


def _remarks(word: str) -> dict[str, str]:
    """What our code does not say."""
    if word == "international_exit":
        return {"note": "left the country"}
    return {"reason": "rejected"} if word == "rejected" else {}


def _offer(piece: Object, name: str, kind: str, intake: VendorIntake) -> None:
    """The piece as a send of ours, where its body tells to whom it goes."""
    word = recipients.kind_of(text(piece, "object")) or recipients.kind_of(kind)
    to = recipients.address(part(piece, "to"))
    if not (word and to):
        return
    send = {
        "kind": word,
        "to": to,
        "from": recipients.address(part(piece, "from")),
        "send_date": text(piece, "send_date")[:10],
        "mailing_class": recipients.mailing_class(text(piece, "mail_type")) if to.country == "US" else "",
        "extra_service": recipients.extra_service(text(piece, "extra_service")) if to.country == "US" else "",
        "tracking_number": text(piece, "tracking_number"),
        "metadata": part(piece, "metadata"),
        "supplier": "Lob",
    }
    intake.offer(name, send, piece.get("date_created"))
