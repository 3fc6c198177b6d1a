"""What hooks were told, to look at and to tell again; trials."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from sendtrail.domain.deliveries import State
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import within

_SQL = statements("hook_deliveries.sql")
_STATES = {state.word: state.value for state in State}


class DeliveryRow(NamedTuple):
    """One notification for one hook. `kind` None: of no send; a trial where `send_id` is 0, else it is a
    thread (domain/deliveries.py). `note`: the answer of a CRM that knows no
    such person. Columns of `columns`."""

    id: int
    notification_id: int
    type: str
    sequence: int
    occurred_at: datetime
    send_id: int
    kind: int | None
    recipient: str
    hook_id: int
    state: int
    again: bool
    due_at: datetime
    tries: int
    created_at: datetime
    ended_at: datetime | None
    status: int | None
    took_ms: int | None
    error: str
    note: str


class WholeRow(NamedTuple):
    """One with all that was said. `attempts`: of each try that failed at, status, took_ms, error; `body`: JSON."""

    delivery: DeliveryRow
    answer: str
    attempts: list[dict[str, Any]]
    body: str


class Narrowed(NamedTuple):
    """Which deliveries to list; None: all. `since` and all before `until`; `status`: of the last try."""

    state: State | None = None
    types: Sequence[str] | None = None
    send_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    status: int | None = None


async def page(
    connection: Connection, scope: Scope, hook_id: int, narrowed: Narrowed, before: int | None, limit: int
) -> list[DeliveryRow]:
    """The deliveries of a hook, the newest first; `before`: the last one of the page before."""
    values = {**within(scope), **narrowed._asdict(), "hook_id": hook_id, "before": before, "limit": limit}
    cursor = await connection.execute(_columns("page"), values)
    return [DeliveryRow(*row) async for row in cursor]


async def get(connection: Connection, scope: Scope, hook_id: int, delivery_id: int) -> WholeRow | None:
    """One delivery of a hook; None where it has none of that number."""
    values = {**within(scope), "hook_id": hook_id, "delivery_id": delivery_id}
    row = await (await connection.execute(_columns("get"), values)).fetchone()
    return WholeRow(DeliveryRow(*row[:-3]), *row[-3:]) if row else None


async def of_send(connection: Connection, scope: Scope, send_id: int, limit: int) -> list[DeliveryRow]:
    """What hooks of the organization were told of a send, the newest first."""
    cursor = await connection.execute(_columns("of_send"), {**within(scope), "send_id": send_id, "limit": limit})
    return [DeliveryRow(*row) async for row in cursor]


async def coming(
    connection: Connection, scope: Scope, hook_id: int, delivery_id: int
) -> tuple[int, State, datetime] | None:
    """What a delivery told, or another delivery of the same to the same hook, that is still to be told: its number,
    whether it is waiting or pending, and until when; None where nothing of it is."""
    values = {**within(scope), "hook_id": hook_id, "delivery_id": delivery_id, **_STATES}
    row = await (await connection.execute(_SQL["coming"], values)).fetchone()
    return (row[0], State(row[1]), row[2]) if row else None


async def hurry(connection: Connection, scope: Scope, hook_id: int, delivery_id: int) -> None:
    """Try one that is pending at once, after what is to be told before it."""
    values = {**within(scope), "hook_id": hook_id, "delivery_id": delivery_id, **_STATES}
    await connection.execute(_SQL["hurry"], values)


async def again(connection: Connection, scope: Scope, hook_id: int, delivery_id: int) -> int | None:
    """Tell what a delivery told once more; the number of the new one, None where there is none of that number."""
    values = {**within(scope), "hook_id": hook_id, "delivery_id": delivery_id, **_STATES}
    row = await (await connection.execute(_SQL["again"], values)).fetchone()
    return int(row[0]) if row else None


async def all_again(
    connection: Connection,
    scope: Scope,
    hook_id: int,
    since: datetime,
    until: datetime | None,
    *,
    failed_only: bool,
    limit: int,
) -> int:
    """Tell once more what was put into words for a hook within a time; how much, at most `limit`."""
    wanted = {"hook_id": hook_id, "since": since, "until": until, "failed_only": failed_only, "limit": limit}
    return (await connection.execute(_SQL["all_again"], {**within(scope), **wanted, **_STATES})).rowcount


async def tell_trial(connection: Connection, scope: Scope, hook_id: int, type_: str, body: Callable[[int], str]) -> int:
    """Have a trial told, which is of no send; the number of its delivery. `body`: of a notification of that number."""
    ((number,),) = await (await connection.execute(_SQL["number"])).fetchall()
    values = {**within(scope), "hook_id": hook_id, "id": number, "type": type_, "body": body(number), **_STATES}
    ((delivery_id,),) = await (await connection.execute(_SQL["tell_trial"], values)).fetchall()
    return int(delivery_id)


async def recent(
    connection: Connection,
    scope: Scope,
    types: Sequence[str],
    campaigns: Sequence[int],
    kinds: Sequence[int],
    tags: Sequence[str],
    limit: int,
) -> list[str]:
    """The bodies of the last notifications of these types, the newest first; of all sends where nothing else is said,
    else of those in one of the campaigns, of one of the kinds and with one of the tags."""
    heard = {"campaigns": list(campaigns), "kinds": list(kinds), "tags": list(tags)}
    values = {**within(scope), **heard, "types": list(types), "limit": limit}
    return [row[0] async for row in await connection.execute(_SQL["recent"], values)]


def _columns(statement: str) -> LiteralString:
    return _SQL[statement].replace("/* columns */", _SQL["columns"])
