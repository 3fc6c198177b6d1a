"""What people change of a send: cancel it, send it elsewhere, say what happened to it. Sends of both modes can be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import UNSET

from sendtrail.domain.events import Evidence, Kind, event_type
from sendtrail.domain.problems import Conflict, Invalid, SendtrailError, Unaffordable
from sendtrail.domain.roles import Permission
from sendtrail.domain.send_change import AddressChange, SendChange, edition
from sendtrail.domain.trail import Status
from sendtrail.services import cancelling, editing, sends
from sendtrail.services.editing import ChangedMeanwhile
from sendtrail.services.happenings import MAX_TEXT, NewEvent, codes
from sendtrail.services.views import View
from sendtrail.web.forms import Blank, nonce, repeat_of, see, wrong_fields
from sendtrail.web.other_mode import send_in_either
from sendtrail.web.queries import day_in
from sendtrail.web.rendering import address, page
from sendtrail.web.telling import told
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form
from sendtrail.web.wording import spelled

FIELDS = {
    "name": "name",
    "company": "company",
    "email": "e-mail address",
    "phone": "phone",
    "address_line1": "first address line",
    "address_line2": "second address line",
    "city": "city",
    "state": "state",
    "postal_code": "postal code",
    "country": "country",
    "send_date": "send date",
    "tracking_number": "tracking number",
    "carrier": "carrier",
}
"""What people call what can change: the fields of a recipient, the send date, the number to follow it by."""
_ADDRESS = AddressChange.__struct_fields__
_NUMBER = ("tracking_number", "carrier")
CARRIERS = {
    "": "As its number says",
    "usps": "USPS",
    "canada_post": "Canada Post",
    "ups": "UPS",
    "fedex": "FedEx",
    "dhl": "DHL",
    "amazon": "Amazon",
}
"""Those whose pages we lead to; the API takes any other."""
_OURS = frozenset({"created", "cancelled"})
"""What a form is not asked for: a send is made, and cancelled, in ways of their own."""


@get("/sends/{send_id:str}/cancel", needs=Permission.SENDS_CANCEL)
async def show_cancel(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Asks why; or says that it is too late."""
    send, _ = await send_in_either(request, visitor, send_id)
    return _cancel_page(request, visitor, send, {})


@post("/sends/{send_id:str}/cancel", needs=Permission.SENDS_CANCEL)
async def cancel(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Cancel it, however often the button was pressed."""
    fields = await read_form(request, visitor)
    send, scope = await send_in_either(request, visitor, send_id)
    try:
        await cancelling.cancel(
            context_of(request), scope, send_id, _text(fields, "reason"), repeat_of(request, fields)
        )
    except (Conflict, Invalid) as problem:
        send, _ = await send_in_either(request, visitor, send_id)
        return _cancel_page(request, visitor, send, fields, problem)
    return see(f"/sends/{send_id}?done=cancelled")


@get("/sends/{send_id:str}/edit", needs=Permission.SENDS_WRITE)
async def show_edit(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """The recipient and the send date, to be changed; or says that it is too late."""
    send, _ = await send_in_either(request, visitor, send_id)
    return _edit_page(request, visitor, send, _current(send))


@post("/sends/{send_id:str}/edit", needs=Permission.SENDS_WRITE)
async def edit(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Change it, unless somebody else did since the form was shown."""
    fields = await read_form(request, visitor)
    send, scope = await send_in_either(request, visitor, send_id)
    try:
        again, seen = repeat_of(request, fields), fields.get("seen") or None
        await editing.edit(context_of(request), scope, send_id, _change(fields), again, seen)
    except (Conflict, Invalid, Unaffordable) as problem:
        send, _ = await send_in_either(request, visitor, send_id)
        return _edit_page(request, visitor, send, fields, problem)
    return see(f"/sends/{send_id}?done=changed")


@get("/sends/{send_id:str}/tracking", needs=Permission.SENDS_WRITE)
async def show_tracking(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Asks for the tracking number, and whose it is."""
    send, _ = await send_in_either(request, visitor, send_id)
    return _tracking_page(request, visitor, send, {name: send[name] for name in _NUMBER})


@post("/sends/{send_id:str}/tracking", needs=Permission.SENDS_WRITE)
async def track(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Give it the number. An empty one takes it away."""
    fields = await read_form(request, visitor)
    send, scope = await send_in_either(request, visitor, send_id)
    change = SendChange(tracking_number=_text(fields, "tracking_number"), carrier=_text(fields, "carrier"))
    try:
        await editing.edit(context_of(request), scope, send_id, change)
    except (Conflict, Invalid) as problem:
        return _tracking_page(request, visitor, send, fields, problem)
    return see(f"/sends/{send_id}?done=changed")


@get("/sends/{send_id:str}/events", needs=Permission.SENDS_WRITE)
async def show_happening(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Asks what happened, when, and what is to be said of it."""
    send, _ = await send_in_either(request, visitor, send_id)
    return _happening_page(request, visitor, send, {})


@post("/sends/{send_id:str}/events", needs=Permission.SENDS_WRITE)
async def tell_happening(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Add to the trail what somebody knows: the mail that came back lies before them."""
    fields = await read_form(request, visitor)
    send, scope = await send_in_either(request, visitor, send_id)
    try:
        at = _moment(fields, visitor.organization.time_zone)
        event = NewEvent(fields.get("code", ""), at, note=_text(fields, "note"))
        if event.code in _OURS:
            raise Invalid("code must be one of those to choose from", "code")
        await sends.record_event_once(context_of(request), scope, send_id, event, repeat_of(request, fields))
    except (Conflict, Invalid) as problem:
        return _happening_page(request, visitor, send, fields, problem)
    return see(f"/sends/{send_id}?done=told")


def _cancel_page(
    request: WebRequest, visitor: Visitor, send: View, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    zone = ZoneInfo(visitor.organization.time_zone)
    trail = told(send["trail"], lambda moment: moment.astimezone(zone))
    return _page(
        request,
        "send_cancel.html",
        visitor,
        send,
        typed,
        wrong_fields(problem, {"reason": "reason"}),
        status=_status(problem),
        last=next((each for each in trail.tellings if each.code == send["status"]["code"]), None),
    )


def _edit_page(
    request: WebRequest, visitor: Visitor, send: View, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    names = {f"to.{name}" if name in _ADDRESS else name: words for name, words in FIELDS.items()}
    wrong = {param.removeprefix("to."): text for param, text in wrong_fields(problem, names).items()}
    return _page(
        request,
        "send_edit.html",
        visitor,
        send,
        typed,
        wrong,
        status=_status(problem),
        seen=edition(send["to"], send["send_date"]),
        meanwhile=_current(send) if isinstance(problem, ChangedMeanwhile) else {},
        fields=FIELDS,
    )


def _tracking_page(
    request: WebRequest, visitor: Visitor, send: View, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    wrong = wrong_fields(problem, {name: FIELDS[name] for name in _NUMBER})
    return _page(
        request,
        "send_tracking.html",
        visitor,
        send,
        typed,
        wrong,
        status=_status(problem),
        carriers=({send["carrier"]: send["carrier"]} | CARRIERS).items(),
    )


def _change(fields: Mapping[str, str]) -> SendChange:
    """What a form asks for; Invalid for a day that is none."""
    to = AddressChange(**{name: _text(fields, name) for name in _ADDRESS if name in fields})
    given = {name: text for name, text in fields.items() if text}
    return SendChange(to, day_in(given, "send_date") if "send_date" in fields else UNSET)


def _current(send: View) -> dict[str, str]:
    """What the fields of the form hold as long as nobody has typed."""
    to = msgspec.structs.asdict(address(send["to"]))
    return {**to, "send_date": send["send_date"].isoformat() if send["send_date"] else ""}


def _happening_page(
    request: WebRequest, visitor: Visitor, send: View, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    kind, stands = Kind[send["kind"].upper()], send["status"]
    status = Status(stands["code"], stands["label"], stands["since"], Evidence[stands["evidence"].upper()])
    possible = codes(kind, status)
    return _page(
        request,
        "send_events.html",
        visitor,
        send,
        typed,
        wrong_fields(problem, {"code": "what happened", "occurred_at": "when", "note": "note"}),
        status=_status(problem),
        choices=[(code, event_type(code, Evidence.REPORTED).label) for code in possible if code not in _OURS],
        likely="redeemed" if kind is Kind.EGIFT else "returned",
        zone=datetime.now(ZoneInfo(visitor.organization.time_zone)).tzname(),
    )


def _page(
    request: WebRequest,
    template: str,
    visitor: Visitor,
    send: View,
    typed: Mapping[str, str],
    wrong: Mapping[str, str],
    **values: Any,
) -> Response[str]:
    return page(
        request,
        template,
        visitor,
        send=send,
        typed=Blank(typed),
        wrong=Blank(wrong),
        nonce=typed.get("nonce") or nonce(),
        spelled=spelled,
        longest=MAX_TEXT,
        **values,
    )


def _status(problem: SendtrailError | None) -> int:
    return 409 if isinstance(problem, Conflict) else 400 if problem else 200


def _text(fields: Mapping[str, str], name: str) -> str:
    """What was typed, with the line ends of everybody else."""
    return fields.get(name, "").replace("\r\n", "\n").strip()


def _moment(fields: Mapping[str, str], time_zone: str) -> datetime | None:
    """When, by the organization's clocks; None for now."""
    text = fields.get("occurred_at", "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(time_zone))
    except ValueError:
        raise Invalid("occurred_at must be a day and a time such as 2026-03-02T14:30", "occurred_at") from None
