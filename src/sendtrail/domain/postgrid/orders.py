"""A mail piece as an order of PostGrid, in the words of its client.

What its client cannot do without has PostGrid's defaults where Sendtrail does not know it: the size of a piece that is
produced elsewhere, the sender of one that has none. All else that is not known is left out.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sendtrail.domain.facts import Facts
from sendtrail.domain.ids import Ids
from sendtrail.domain.notice_bodies import stamp
from sendtrail.domain.pieces import DIGITAL_ONLY, Making
from sendtrail.domain.postgrid.classes import told as class_told
from sendtrail.domain.postgrid.contacts import ADDRESS
from sendtrail.domain.trail import Event, Trail, status
from sendtrail.domain.vocabularies.postgrid import tell

Order = dict[str, Any]

CHANGING = ("status", "imbStatus", "imbDate", "imbZIPCode", "sendDate", "to", "trackingNumber", "cancellation")
"""The fields of an order that can become others. `updatedAt` goes with them and is not named."""
CONTACT = {"name": "firstName", **ADDRESS}
FIELDS = {
    **{f"{whose}.{ours}": f"{whose}.{theirs}" for whose in ("to", "from") for ours, theirs in CONTACT.items()},
    "to.country": "to.countryCode",
    "from.country": "from.countryCode",
    "send_date": "sendDate",
    "mailing_class": "mailingClass",
    "extra_service": "extraService",
}
"""What an order's fields are called by the client, by what those of a send are."""
_REASONS = {"cancelled": "user_initiated", "failed": "invalid_content"}
_NEVER_PRINTED = {"reason": "user_initiated", "note": DIGITAL_ONLY}
"""Of a digital cheque, which is cancelled as it is made, and so told from the first on. PostGrid's documents call the
reason `digital_only`, which its client's type has not."""


_SIZES = {"letter": "us_letter", "postcard": "6x4", "self_mailer": "8.5x11_bifold", "cheque": "us_letter"}
"""What a piece has of which nobody said another."""
_TEMPLATES = {
    "template": "template",
    "front_template": "frontTemplate",
    "back_template": "backTemplate",
    "inside_template": "insideTemplate",
    "outside_template": "outsideTemplate",
    "letter_template": "letterTemplate",
}
_OF_SENDS = 1 << 39
"""Contacts that are no rows: those of sends that came with an address have numbers from here on."""


class Piece(NamedTuple):
    """How a send is made. `to`, `from_`: its contacts as the client knows them, None where the send's own address is
    not, or no longer, theirs; `return_envelope`: its number."""

    making: Making = Making()
    description: str = ""
    to: Order | None = None
    from_: Order | None = None
    return_envelope: int | None = None


def order(
    send: Mapping[str, Any],
    trail: Trail,
    facts: Facts,
    ids: Ids,
    piece: Piece | None = None,
    changed_at: datetime | None = None,
) -> Order:
    """A mail piece as an order. `send`: as the API shows it; `trail`: the events so far, one at least; `piece`: None
    where it is produced elsewhere; `changed_at`: when somebody last gave it another recipient, day or number."""
    known = piece or Piece()
    told = {name: value for name, value in tell(trail, facts).items() if value is not None}
    is_digital = known.making.cheque is not None and known.making.cheque.digital_only is not None
    told |= {"status": "cancelled"} if is_digital else {}
    cancellation = _NEVER_PRINTED if is_digital else _cancellation(trail, told.get("status", ""))
    number = ids.decode(send["id"])[1]
    extra = send["extra_service"]
    sender = known.from_ or _contact(ids, of_send(number, sender=True), send["from"] or {}, send)
    return {
        "id": send["id"],
        "object": send["kind"],
        "live": send["live"],
        **told,
        "sendDate": _midnight(send["send_date"] or send["day"]),
        "mailingClass": class_told(known.making.mailing_class, send["mailing_class"], extra),
        **({"extraService": extra} if extra else {}),
        "to": known.to or _contact(ids, of_send(number), send["to"], send),
        **({"from": sender} if send["from"] or send["kind"] != "postcard" else {}),
        **_made(send["kind"], known, ids),
        **({"trackingNumber": send["tracking_number"]} if send["tracking_number"] else {}),
        **_carrier_tracking(send),
        **({"cancellation": cancellation} if cancellation else {}),
        **({"description": known.description} if known.description else {}),
        **({"metadata": send["metadata"]} if send["metadata"] is not None else {}),
        "createdAt": stamp(send["created_at"]),
        "updatedAt": stamp(max(send["created_at"], changed_at or send["created_at"], *map(_known_at, trail))),
    }


def _known_at(event: Event) -> datetime:
    """When we heard of an event: what happened within the second in which it was noted was known at once."""
    at_once = event.recorded_at <= event.occurred_at < event.recorded_at + timedelta(seconds=1)
    return event.occurred_at if at_once else event.recorded_at


def of_send(send_id: int, *, sender: bool = False) -> int:
    """The number of the contact that a send's recipient or sender is where no row is."""
    return _OF_SENDS | send_id * 2 | sender


def send_of(contact: int) -> tuple[int, bool] | None:
    """The send whose recipient, or (True) whose sender, such a number names; None for a contact's row."""
    return ((contact - _OF_SENDS) >> 1, bool(contact & 1)) if contact >= _OF_SENDS else None


def changing(of: Order) -> Order:
    """Those of its fields that can become others, None where it has none: what two orders are compared by. Of the
    recipient it is the address: what a contact is called besides changes no order."""
    return {name: addressed(of[name]) if name == "to" and name in of else of.get(name) for name in CHANGING}


def changes(before: Order, now: Order, of: Order) -> Order:
    """Each field that became another, with what it is now in the order; both as `changing` gives them."""
    return {name: of.get(name) for name, value in now.items() if value != before.get(name)}


def _cancellation(trail: Trail, order_status: str) -> dict[str, str] | None:
    if order_status != "cancelled":
        return None
    code = status(trail).code
    last = next((event for event in reversed(trail) if event.code == code), None)
    detail = (last.detail if last else None) or {}
    note = str(detail.get("reason") or detail.get("note") or "")
    return {"reason": _REASONS.get(code, "user_initiated"), **({"note": note} if note else {})}


def _made(kind: str, piece: Piece, ids: Ids) -> Order:
    """What only mail pieces of its kind have."""
    making, envelope = piece.making, piece.return_envelope
    made: Order = {"size": making.size or _SIZES[kind]}
    if kind == "letter":
        made |= {
            "color": making.color,
            "doubleSided": making.double_sided,
            "addressPlacement": making.address_placement or "top_first_page",
        }
    if kind in ("letter", "cheque"):
        made["envelope"] = making.envelope or "standard"
    if kind == "cheque":
        made |= _cheque(making, ids)
    return {
        **made,
        **({"paper": making.paper} if making.paper else {}),
        **({"perforatedPage": making.perforated_page} if making.perforated_page else {}),
        **{_TEMPLATES[part]: ids.encode("template", number) for part, number in making.templates.items()},
        **({"mergeVariables": making.merge_variables} if making.merge_variables is not None else {}),
        **({"returnEnvelope": ids.encode("return_envelope", envelope)} if envelope else {}),
    }


def _cheque(making: Making, ids: Ids) -> Order:
    """One that is produced elsewhere is made out for nothing that we know."""
    cheque = making.cheque
    if cheque is None:
        return {"amount": 0, "bankAccount": "", "currencyCode": "USD"}
    texts = {"memo": cheque.memo, "message": cheque.message, "logo": cheque.logo, "digitalOnly": cheque.digital_only}
    return {
        "amount": cheque.amount,
        "bankAccount": ids.encode("bank_account", cheque.bank_account),
        "currencyCode": cheque.currency,
        "number": cheque.number,
        **{name: value for name, value in texts.items() if value},
    }


def _carrier_tracking(send: Mapping[str, Any]) -> Order:
    """What a carrier knows besides: PostGrid's client leaves it alone."""
    day: date | None = send["expected_delivery"]
    known = {
        "carrier": send["carrier"],
        "trackingNumber": send["tracking_number"],
        "trackingURL": send["tracking_url"],
        "expectedDelivery": day.isoformat() if day else "",
    }
    told = {name: value for name, value in known.items() if value}
    return {"carrierTracking": told} if told else {}


def _contact(ids: Ids, number: int, address: Mapping[str, str], send: Mapping[str, Any]) -> Order:
    """A send's own address as a contact. The whole name stands as the first one: what people are called does not split
    by rule."""
    return contact_of(ids, number, address, send["live"], send["created_at"])


def contact_of(ids: Ids, number: int, address: Mapping[str, str], live: bool, at: datetime) -> Order:
    """An address that is no contact's, as the client knows contacts. `at`: when its send was accepted."""
    known = {theirs: address[ours] for ours, theirs in CONTACT.items() if address.get(ours)}
    return {
        "id": ids.encode("contact", number),
        "object": "contact",
        "live": live,
        "addressLine1": "",
        **known,
        "countryCode": address.get("country") or "US",
        "addressStatus": "verified",
        "createdAt": stamp(at),
        "updatedAt": stamp(at),
    }


def addressed(contact: Order) -> Order:
    """A contact's address alone, with the name whole."""
    names = ("firstName", "lastName")
    name = " ".join(contact[each] for each in names if contact.get(each))
    known = {each: contact[each] for each in (*CONTACT.values(), "countryCode") if contact.get(each)}
    return {**known, **({"firstName": name} if name else {})}


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00.000Z"
