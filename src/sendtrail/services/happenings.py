"""What people and printers say happened to a send: the one door by which they change a trail."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from sendtrail.domain.events import BY_CODE_AND_EVIDENCE, ID_BY_CODE, Evidence, Kind, Source
from sendtrail.domain.observation import Observation, as_detail, event_item
from sendtrail.domain.packing import to_ms
from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.trail import Status
from sendtrail.feeds import printer
from sendtrail.services.context import Context
from sendtrail.services.send_ids import no_send, send_named
from sendtrail.store import changes, ingest
from sendtrail.store.database import Connection

_LEFT, _OVER = 3, 7
"""Stages: from the first on a send is on its way, or used; in the second it has come to nothing."""
FUTURE = timedelta(hours=24)
MAX_TEXT = 2_000


class NewEvent(msgspec.Struct, forbid_unknown_fields=True):
    """What a person or a printer says happened. `occurred_at` without an offset is refused."""

    code: str
    occurred_at: datetime | None = None
    source: str = "person"
    note: str = ""
    reason: str = ""


async def tell(
    connection: Connection, context: Context, scope: Scope, public_id: str, events: Sequence[NewEvent]
) -> int:
    """Add events to a send's trail within the caller's transaction; the send's number.

    NotFound; Invalid names the event's field; Conflict where it is too late to cancel.
    """
    kind, send_id = send_named(context, public_id)
    cancels = any(event.code == "cancelled" for event in events)
    permission = Permission.SENDS_CANCEL if cancels else Permission.SENDS_WRITE
    scope.require(permission)
    await ingest.take_part(connection, scope)
    held = (await changes.hold(connection, scope, [send_id], permission)).get(send_id)
    if held is None or held.kind is not kind:
        raise no_send(public_id)
    if cancels and not held.status.type.cancellable:
        raise Conflict(too_late(held.status))
    now = datetime.now(UTC)
    who = await told_by(connection, context, scope)
    observations = [observation(event, kind, send_id, now, who) for event in events]
    for event in events:
        if event.code in _no_more(held.status):
            stands = f"{held.status.label} ({held.status.code})"
            raise Conflict(f"it cannot be {event.code} any more: the status is {stands}", "code")
    await ingest.record(connection, scope, ingest.copy_rows(observations, to_ms(now) // 1000))
    return send_id


def too_late(status: Status) -> str:
    """Why a send of this status cannot be cancelled, in one line."""
    if status.code == "cancelled":
        return "it is cancelled already"
    return f"it is too late to cancel: the status is {status.label} ({status.code})"


async def told_by(connection: Connection, context: Context, scope: Scope) -> dict[str, str]:
    """Who acts, as an event's detail keeps it: `by`, their name today, and `by_id`. Empty for the program itself."""
    kind, _, number = scope.actor.partition(":")
    name = await changes.actor_name(connection, scope) if number else ""
    return {"by": name, "by_id": context.ids.encode(kind, int(number))} if name else {}


def observation(event: NewEvent, kind: Kind, send_id: int, now: datetime, who: Mapping[str, str]) -> Observation:
    """The event as the pipeline takes it; Invalid names its field. `who`: by `told_by`, kept of what people say."""
    if event.source not in ("person", "printer"):
        raise Invalid("source must be person or printer", "source")
    type_ = BY_CODE_AND_EVIDENCE.get((event.code, Evidence.REPORTED))
    if type_ is None or type_.stage == 0 or kind not in type_.kinds:
        raise Invalid(f"code {event.code[:40]!a} must be one of {', '.join(codes(kind))}", "code")
    if event.source == "printer" and event.code not in printer.CODES:
        raise Invalid(f"code {event.code} is none that a printer can know: {', '.join(printer.CODES)}", "code")
    moment = event.occurred_at or now
    if moment.tzinfo is None:
        raise Invalid("occurred_at needs an offset, such as 2026-03-02T22:56:10-05:00", "occurred_at")
    if moment > now + FUTURE:
        raise Invalid("occurred_at lies more than 24 hours in the future", "occurred_at")
    for name, text in (("note", event.note), ("reason", event.reason)):
        if len(text) > MAX_TEXT or "\0" in text:
            raise Invalid(f"{name} may be {MAX_TEXT:,} characters at most, none of them NUL", name)
    try:
        ms = to_ms(moment.astimezone(UTC))
    except OverflowError:
        raise Invalid("occurred_at must not lie before 2020-01-01", "occurred_at") from None
    detail = as_detail({"note": event.note, "reason": event.reason, **(who if event.source == "person" else {})})
    return Observation(
        mid_serial=0,
        item=event_item(ms, event.code, Source[event.source.upper()], Evidence.REPORTED, detail),
        send=str(send_id),
        detail=detail,
    )


def codes(kind: Kind, status: Status | None = None) -> list[str]:
    """What somebody can say happened to a send of this kind, in the order of its life; with a status: what can still
    have happened to one that stands there."""
    known = {code for (code, _), type_ in BY_CODE_AND_EVIDENCE.items() if kind in type_.kinds and type_.stage}
    return sorted(known - (_no_more(status) if status else set()), key=ID_BY_CODE.__getitem__)


def _no_more(status: Status) -> set[str]:
    """What left cannot have failed before, and what was redeemed was used."""
    left = _LEFT <= status.type.stage < _OVER and not status.type.cancellable
    return ({"failed", "confirmation_expired"} if left else set()) | (
        {"refunded"} if status.code == "redeemed" else set()
    )
