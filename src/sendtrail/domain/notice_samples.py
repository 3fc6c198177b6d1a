"""Made-up notifications: to try a receiver, and to map fields before anything happened. `"sample": true` marks them."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from sendtrail.domain.events import EVENT_TYPES, MAIL, EventType, Evidence, Kind
from sendtrail.domain.notice_bodies import NATIVE, POSTGRID, Body, Told, native, postgrid, stamp
from sendtrail.domain.notices import RESPONSES, UPDATED, word_type
from sendtrail.domain.vocabularies import postalytics

_CHICAGO = timezone(timedelta(hours=-6))
_SCANNED = frozenset({"scanned", "in_transit", "in_local_area", "out_for_delivery", "rerouted", "delivered"})
_VISIT = {
    "link": "link_4c8t0q2m6x1zb", "device": "phone", "country": "US", "region": "IL", "referrer": "", "reference": "",
    "bot": False, "test": False,
}  # fmt: skip
_CAMPAIGN = {
    "id": "campaign_7h2k9m4v6t1xd", "object": "campaign", "live": True,
    "mailingList": "mailing_list_2m6x1zb4c8t0q", "description": "Welcome kit", "errors": [],
    "createdAt": "2026-11-20T15:04:05.000Z", "updatedAt": "2026-11-20T15:31:40.000Z",
}  # fmt: skip
_STOCK_ORDER = {
    "id": "return_envelope_order_5k2xq8m1t0d7n", "object": "return_envelope_order", "live": True,
    "returnEnvelope": "return_envelope_9r2m7dn3x0k6p", "quantityOrdered": 5000,
    "createdAt": "2026-11-20T15:04:05.000Z", "updatedAt": "2026-11-20T15:31:40.000Z",
}  # fmt: skip
_SUBJECTS: Mapping[str, tuple[Body, Body, Body]] = {
    "campaign": (_CAMPAIGN, {"status": "drafting", "createdCount": 0}, {"status": "ready", "createdCount": 250}),
    "return_envelope_order": (_STOCK_ORDER, {"status": "placed"}, {"status": "filled", "quantityFilled": 5000}),
}
"""Each, what of it is otherwise when it is created, and what becomes another later."""
_READERS = ("stannp", "sendoso", "lob")
_OUT = "out_for_delivery"


def made_up(told: Told, organization: Mapping[str, str]) -> Body:
    """A body as `domain/notice_bodies.py` has it, of something that never happened to a send that does not exist.

    `told.type`: any type that there is; `organization`: `{id, name}`.
    """
    body = _native(told, organization) if _is_native(told.type) else _postgrid(told)
    return {**body, "sample": True}


def _is_native(type_: str) -> bool:
    return type_.partition(".")[0] in ("send", "postalytics", *_READERS)


def _native(told: Told, organization: Mapping[str, str]) -> Body:
    reader, _, name = told.type.partition(".")
    first_scan = told.type == "postalytics.Mailed"
    what = next(
        (each for each in reversed(EVENT_TYPES) if _tells(each, reader, name)), _row("scanned" if first_scan else _OUT)
    )
    kind = _kind(what)
    sample: Body = NATIVE["data"]
    response = what.code in RESPONSES
    evidence = max(what.evidence if what.code in _SCANNED else {Evidence.REPORTED})
    status = _status(_row(_OUT) if response else what, told.occurred_at, Evidence.SCANNED if response else evidence)
    words: Body = dict(sample["send"]["vocabularies"])
    if not response:
        words |= {each: word for each in _READERS if (word := getattr(what, each))}
        if code := what.postalytics.partition(" (")[0]:
            words["postalytics"] = {"name": code, "code": postalytics.CODES[code]}
    send = {
        **sample["send"],
        "id": f"{kind.word}_{sample['send']['id'].rpartition('_')[2]}",
        "kind": kind.word,
        "live": told.live,
        "status": status,
        "vocabularies": words if kind in MAIL else {"stannp": what.stannp, "sendoso": what.sendoso},
    }
    changed = told.type == UPDATED
    return native(
        told,
        organization,
        _event(what, evidence, told.occurred_at, changed),
        send,
        code=_code(reader, name, what),
        status_changed=not (response or changed),
        previous_status=None if response or changed else sample["previous_status"],
        updated_fields=["to.address_line1", "to.postal_code"] if changed else None,
    )


def _tells(what: EventType, reader: str, name: str) -> bool:
    """Whether a row of the table is what a type tells of."""
    if reader == "send":
        return what.code == name
    if reader == "postalytics":
        return what.postalytics == name
    return bool(word := getattr(what, reader)) and word_type(reader, word) == f"{reader}.{name}"


def _row(code: str) -> EventType:
    return next(each for each in reversed(EVENT_TYPES) if each.code == code)


def _kind(what: EventType) -> Kind:
    return Kind.LETTER if what.kinds & MAIL else min(what.kinds)


def _status(what: EventType, since: datetime, evidence: Evidence) -> Body:
    return {"code": what.code, "label": what.label, "since": stamp(since), "evidence": evidence.word}


def _code(reader: str, name: str, what: EventType) -> Body | None:
    if reader == "send":
        return None
    number = postalytics.CODES[name] if reader == "postalytics" else None
    return {"vocabulary": reader, "name": name if number is not None else getattr(what, reader), "number": number}


def _event(what: EventType, evidence: Evidence, at: datetime, changed: bool) -> Body:
    sample: Body = NATIVE["data"]["event"]
    event = {
        **sample,
        "code": what.code,
        "label": what.label,
        "occurred_at": stamp(at),
        "local_time": at.astimezone(_CHICAGO).isoformat(timespec="seconds"),
        "recorded_at": stamp(at),
        "evidence": evidence.word,
    }
    if what.code not in _SCANNED or changed:
        event |= {"source": "printer", "place": None, "phase": None, "operation": None, "local_time": None}
    if what.code in RESPONSES:
        event |= {"seq": None, "id": "visit_6p3x0k9r2m7dn", "source": "recipient", "response": dict(_VISIT)}
    if changed:
        event |= {"seq": None, "code": "updated", "label": "Changed", "source": "person", "evidence": "reported"}
    return event


def _postgrid(told: Told) -> Body:
    kind, _, what = told.type.partition(".")
    order: Body = POSTGRID["data"]
    at = stamp(told.occurred_at)
    if kind == "tracker":
        data: dict[str, Any] = {
            "id": "tracker_visit_6p3x0k9r2m7dn", "object": "tracker_visit", "live": told.live,
            "tracker": _VISIT["link"], "orderID": order["id"], "device": _VISIT["device"],
            "createdAt": at, "updatedAt": at,
        }  # fmt: skip
        return postgrid(told, data, None)
    if kind in _SUBJECTS:
        subject, new, later = _SUBJECTS[kind]
        changed = None if what == "created" else later
        return postgrid(told, {**subject, "live": told.live, **(changed or new)}, changed)
    data = {**order, "id": f"{kind}_{order['id'].rpartition('_')[2]}", "object": kind, "live": told.live}
    if what == "created":
        data = {name: value for name, value in data.items() if not name.startswith("imb")} | {"status": "ready"}
    return postgrid(told, data, None if what == "created" else POSTGRID["updatedFields"])
