"""Rehearsals: a whole journey played to a test send, step by step, through the feeds by which real mail is told of.

All of it is planned when it begins. A step is told and ticked off in one transaction, so a worker that dies has either
told it or not, and the next one goes on from there.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal, TypeVar

import msgspec

from sendtrail.domain.events import Kind
from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.progression import next_event, way_of
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.playing import TEST_ONLY, TestSend, held, post_class, subject_of, tell
from sendtrail.services.send_ids import send_number
from sendtrail.services.sends import get as get_send
from sendtrail.services.views import View
from sendtrail.simulator.rehearsal import PACES, PROBLEMS, Pace, Problem, Step, outcome, plan, problems_of
from sendtrail.simulator.tellings import Subject, code_of
from sendtrail.store import audit, rehearsals
from sendtrail.store.database import Connection
from sendtrail.store.rehearsals import RehearsalRow
from sendtrail.store.system import rehearsals as due

T = TypeVar("T")

_APART = timedelta(seconds=1)
"""Between two steps of a send at the least, also where the worker comes late: the scans of a second have no order."""
_POSTPONED = timedelta(minutes=1)
State = Literal["playing", "stopped", "finished"]


class Rehearsal(msgspec.Struct, frozen=True):
    """How far the rehearsal of a send has come: `played` of its `steps`.

    `next`: the event that comes next, and `next_at` when; null where none will. `outcome`: the status, by code, in
    which it ends.
    """

    send: str
    pace: Pace
    problem: Problem
    state: State
    steps: int
    played: int
    next: str | None
    next_at: datetime | None
    ends_at: datetime | None
    outcome: str
    begun_at: datetime


async def begin(
    context: Context,
    scope: Scope,
    public_id: str,
    pace: str = "seconds",
    problem: str = "none",
    request: Request | None = None,
    now: datetime | None = None,
) -> Rehearsal:
    """Begin to play a journey to a test send, from where it stands.

    NotFound; Invalid names `pace` or `problem`; Conflict for a live send, one that has come to its end, and one that
    has a rehearsal already.
    """
    moment = now or datetime.now(UTC)

    async def act(connection: Connection) -> bytes:
        return msgspec.json.encode(await _begin(connection, context, scope, public_id, pace, problem, moment))

    return msgspec.json.decode(await once(context, scope, request, act), type=Rehearsal)


async def get(context: Context, scope: Scope, public_id: str) -> Rehearsal:
    """The rehearsal of a test send. NotFound, also where it has none; Conflict for a live send."""
    await get_send(context, scope, public_id)
    if scope.live:
        raise Conflict(TEST_ONLY, "id")
    found = await find(context, scope, public_id)
    if found is None:
        raise _none(public_id)
    return found


async def find(context: Context, scope: Scope, public_id: str) -> Rehearsal | None:
    """The rehearsal of a test send that the scope can see, if it has one."""
    send_id = send_number(context, public_id)
    async with context.database.snapshot() as connection:
        row = await rehearsals.of_send(connection, scope, send_id)
        return _shown(row, await subject_of(connection, context, scope, send_id)) if row else None


async def stop(context: Context, scope: Scope, public_id: str, now: datetime | None = None) -> None:
    """Play no further step for the time being. NotFound, also where nothing is being played."""
    moment = now or datetime.now(UTC)

    async def act(connection: Connection) -> None:
        row, _ = await _held(connection, context, scope, public_id)
        if row.due_at is None:
            raise _none(public_id)
        await rehearsals.stop(connection, scope, row, moment)
        await audit.note(connection, scope, "rehearsal.stopped", public_id.lower())

    await context.database.run(act)


async def go_on(context: Context, scope: Scope, public_id: str, now: datetime | None = None) -> None:
    """Play on where it was stopped; all that is left comes later by the pause. NotFound, also where none is stopped."""
    moment = now or datetime.now(UTC)

    async def act(connection: Connection) -> None:
        row, _ = await _held(connection, context, scope, public_id)
        if row.stopped_at is None:
            raise _none(public_id)
        pause = moment - row.stopped_at
        await rehearsals.go_on(connection, scope, row, pause, _due(_steps(row), row.step, row.since + pause))

    await context.database.run(act)


async def reset(context: Context, scope: Scope, public_id: str) -> int:
    """Take a rehearsal back: the send stands as it did before it; how many events went. NotFound, also for none."""

    async def act(connection: Connection) -> int:
        row, _ = await _held(connection, context, scope, public_id)
        gone = await rehearsals.rewind(connection, scope, row)
        await audit.note(connection, scope, "rehearsal.reset", public_id.lower(), events=gone)
        return gone

    return await context.database.run(act)


async def play(context: Context, now: datetime | None = None) -> int:
    """Tell every step that is due, of all organizations; how many. What a step tells happens as it is told.

    Any number of workers: each takes rehearsals that no other has. One that cannot go on lets others go first.
    """
    played = 0
    while True:
        claimed: list[int] = []
        try:
            if not await context.database.run(partial(_play, context, now or datetime.now(UTC), claimed)):
                return played
        except Exception:
            async with context.database.transaction() as connection:
                for number in claimed:
                    await due.postpone(connection, number, _POSTPONED)
            raise
        played += 1


def problems_for(send: View) -> tuple[Problem, ...]:
    """What a rehearsal of a test send could have go wrong; none where nothing is left to play."""
    kind = Kind[send["kind"].upper()]
    way = way_of(kind, send["post"], send["supplier"])
    if next_event(way, send["status"]["code"]) is None:
        return ()
    return problems_of(Subject(send["id"], kind, way, send["imb"], post_class(send["mailing_class"])))


def one_of(text: str, known: tuple[T, ...], param: str) -> T:
    """That of the known words which a text is; Invalid names `param`."""
    for each in known:
        if each == text:
            return each
    raise Invalid(f"{param} must be one of {', '.join(map(str, known))}", param)


async def _begin(
    connection: Connection, context: Context, scope: Scope, public_id: str, pace: str, problem: str, now: datetime
) -> Rehearsal:
    test = await held(connection, context, scope, public_id)
    send_id, status, subject, _ = test
    chosen = one_of(pace, PACES, "pace")
    wrong = one_of(problem, PROBLEMS, "problem")
    if wrong not in problems_of(subject):
        raise Invalid(f"problem {wrong} is none of this send, which knows {', '.join(problems_of(subject))}", "problem")
    if await rehearsals.of_send(connection, scope, send_id):
        raise Conflict("this send has a rehearsal already: reset it first", "id")
    await test.require_day(connection, scope, now)
    seed = f"{subject.id} {now.isoformat()}"
    steps = await asyncio.to_thread(plan, subject, chosen, wrong, seed, now, status.code)
    if not steps:
        raise Conflict(f"nothing is left to be played: the status is {status.label} ({status.code})", "id")
    row = await rehearsals.begin(
        connection, scope, send_id, chosen, wrong, msgspec.json.encode(steps), now, _due(steps, 0, now)
    )
    await audit.note(connection, scope, "rehearsal.begun", subject.id, pace=pace, problem=problem)
    return _shown(row, subject)


async def _play(context: Context, now: datetime, claimed: list[int], connection: Connection) -> bool:
    """One step of one rehearsal; False where none is due. `claimed` gets its number."""
    row = await due.claim(connection, now)
    if row is None:
        return False
    claimed[:] = [row.id]
    scope = Scope(row.organization_id, False, rehearsals.actor(row))
    steps, after = _steps(row), row.step + 1
    subject = await subject_of(connection, context, scope, row.send_id)
    name = f"rehearsal of {subject.id}, step {after} of {len(steps)}"
    items = await tell(connection, context, scope, row.send_id, subject, steps[row.step].telling, now, name)
    next_at = max(_due(steps, after, row.since), now + _APART) if after < len(steps) else None
    await rehearsals.told(connection, scope, row, items, next_at, now)
    return True


async def _held(
    connection: Connection, context: Context, scope: Scope, public_id: str
) -> tuple[RehearsalRow, TestSend]:
    """The rehearsal of a send that the scope may write to; neither changes until the transaction ends.

    The rehearsal first, as where a step is played: else two could wait for each other.
    """
    row = await rehearsals.of_send(connection, scope, send_number(context, public_id), hold=True)
    test = await held(connection, context, scope, public_id)
    if row is None:
        raise _none(public_id)
    return row, test


def _due(steps: Sequence[Step], step: int, since: datetime) -> datetime:
    return since + timedelta(seconds=steps[step].after)


def _steps(row: RehearsalRow) -> list[Step]:
    return msgspec.json.decode(row.steps, type=list[Step])


def _none(public_id: str) -> NotFound:
    return NotFound(f"no such rehearsal of {public_id[:60]!a}", "id")


def _shown(row: RehearsalRow, subject: Subject) -> Rehearsal:
    steps, playing = _steps(row), row.due_at is not None
    problem = one_of(row.problem, PROBLEMS, "problem")
    return Rehearsal(
        send=subject.id,
        pace=one_of(row.pace, PACES, "pace"),
        problem=problem,
        state="playing" if playing else "stopped" if row.stopped_at else "finished",
        steps=len(steps),
        played=row.step,
        next=code_of(steps[row.step].telling) if playing else None,
        next_at=row.due_at,
        ends_at=_due(steps, -1, row.since) if playing else None,
        outcome=outcome(subject, problem),
        begun_at=row.begun_at,
    )
