"""Test sends moved along by hand, one event at a time."""

from datetime import UTC, datetime

import msgspec

from sendtrail.domain.events import BY_CODE_AND_EVIDENCE, ID_BY_CODE, Evidence, Kind, event_type
from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.progression import TOLD_BY, next_event, way_of
from sendtrail.domain.scope import Scope
from sendtrail.domain.trail import Status
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.playing import held, tell
from sendtrail.services.sends import views
from sendtrail.services.views import View
from sendtrail.simulator.tellings import evidence_of, usual_telling
from sendtrail.store import rehearsals
from sendtrail.store.database import Connection


async def progress(
    context: Context,
    scope: Scope,
    public_id: str,
    event: str = "",
    request: Request | None = None,
    now: datetime | None = None,
) -> bytes:
    """Move a test send to its next usual event, or to the one named; its JSON, which a repeat of `request` gets again.

    NotFound; Invalid names `event`; Conflict for a live send, one that has come to its end or is beyond the event, and
    while a rehearsal of it is played.
    """

    async def act(connection: Connection) -> bytes:
        return msgspec.json.encode(await _progress(connection, context, scope, public_id, event, now))

    return await once(context, scope, request, act)


def next_of(send: View) -> str:
    """The label of the event to which `progress` would move a test send; empty for none."""
    way = way_of(Kind[send["kind"].upper()], send["post"], send["supplier"])
    code = next_event(way, send["status"]["code"])
    return event_type(code, Evidence.REPORTED).label if code else ""


async def _progress(
    connection: Connection, context: Context, scope: Scope, public_id: str, event: str, now: datetime | None
) -> View:
    moment = now or datetime.now(UTC)
    test = await held(connection, context, scope, public_id)
    send_id, status, subject, _ = test
    known = _codes(subject.kind)
    if event and event not in known:
        raise Invalid(f"event {event[:40]!a} must be one of {', '.join(known)}", "event")
    rehearsal = await rehearsals.of_send(connection, scope, send_id)
    if rehearsal and rehearsal.due_at:
        raise Conflict("a rehearsal of this send is being played: stop or reset it first", "id")
    telling = usual_telling(subject, event or next_event(subject.way, status.code) or "")
    if telling is None:
        raise Conflict(f"nothing usually follows the status {_named(status)}: this send has come to its end", "id")
    if event and event_type(event, evidence_of(telling)).stage < status.type.stage:
        raise Conflict(f"this send is beyond {event}: its status is {_named(status)}", "event")
    await test.require_day(connection, scope, moment)
    await tell(connection, context, scope, send_id, subject, telling, moment, f"next step of {public_id.lower()}")
    (shown,) = await views(connection, context, scope, [send_id])
    return shown


def _codes(kind: Kind) -> list[str]:
    """To what a send of this kind can be moved, in the order of its life."""
    types = (BY_CODE_AND_EVIDENCE[code, Evidence.REPORTED] for code in TOLD_BY if code != "created")
    return sorted((each.code for each in types if kind in each.kinds), key=ID_BY_CODE.__getitem__)


def _named(status: Status) -> str:
    return f"{status.label} ({status.code})"
