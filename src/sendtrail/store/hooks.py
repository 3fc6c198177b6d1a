"""Hooks: whom an organization tells what happens to its sends. What is wrong with one is found before it comes here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg.types.json import Jsonb

from sendtrail.domain.deliveries import NOBODY, State
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import within

_SQL = statements("hooks.sql")
MOST_COUNTED = 10_001
"""Of what waits for one hook no more are counted."""
LATEST = 1_000
"""How a hook fared during a day is told by so many of its deliveries."""
_STATES = {state.word: state.value for state in State}


class HookRow(NamedTuple):
    """One hook. `campaigns`: numbers with names; `made_by`: a member's e-mail address; `signing_until`: of each secret
    before that signs too, the first to end first. Columns of `columns`."""

    id: int
    name: str
    target: str
    url: str
    format: str
    settings: dict[str, Any]
    secret: str
    signing_until: list[datetime]
    events: list[str]
    kinds: list[int]
    campaigns: list[tuple[int, str]]
    tags: list[str]
    bots: bool
    clients: bool
    wait_days: int
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    made_by: str
    disabled_at: datetime | None
    disabled_why: str
    ended_at: datetime | None
    ended_why: str
    failures: int
    failing_since: datetime | None
    rest_until: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None


class Content(NamedTuple):
    """What somebody says of a hook. `kinds`, `campaigns`: numbers; empty: all. `codes`: what follows from `events`."""

    name: str
    url: str
    format: str
    settings: dict[str, Any]
    events: list[str]
    codes: int
    kinds: list[int]
    campaigns: list[int]
    tags: list[str]
    bots: bool
    clients: bool
    wait_days: int
    description: str
    metadata: dict[str, Any] | None


class HealthRow(NamedTuple):
    """How a hook fares: what is to be sent, since when the oldest of it; what waits for its day; of the latest
    deliveries of a day how many arrived, of those that were tried, and for how many the CRM knew nobody."""

    pending: int
    oldest_at: datetime | None
    waiting: int
    delivered: int
    tried: int
    nobody: int


async def page(connection: Connection, scope: Scope, *, limit: int, before: int | None = None) -> list[HookRow]:
    """Hooks that were not deleted, the newest first; `before`: the last one of the page before."""
    return await _rows(connection, scope, "page", limit=limit, before=before)


async def get(connection: Connection, scope: Scope, hook_id: int) -> HookRow | None:
    """One hook; None where the scope has none of that number, or it was deleted."""
    return next(iter(await _rows(connection, scope, "get", hook_id=hook_id)), None)


async def named(connection: Connection, scope: Scope, hook_ids: Sequence[int]) -> list[HookRow]:
    """Several hooks, those that were not deleted, in no order."""
    return await _rows(connection, scope, "named", hook_ids=list(hook_ids))


async def hold(connection: Connection, scope: Scope, hook_id: int) -> HookRow | None:
    """As `get`, of one that nobody else changes before the transaction ends."""
    await connection.execute(_SQL["hold"], {**within(scope), "hook_id": hook_id})
    return await get(connection, scope, hook_id)


async def count(connection: Connection, scope: Scope) -> int:
    """How many hooks hear of something."""
    cursor = await connection.execute(_SQL["count"], within(scope))
    ((number,),) = await cursor.fetchall()
    return int(number)


async def add(connection: Connection, scope: Scope, target: str, secret: str, content: Content) -> int:
    """A new hook; its number."""
    given = {**_values(content), "target": target, "secret": secret, "actor": scope.actor}
    cursor = await connection.execute(_SQL["add"], {**within(scope), **given})
    ((number,),) = await cursor.fetchall()
    return int(number)


async def change(connection: Connection, scope: Scope, hook_id: int, content: Content) -> None:
    """Let a hook, which is held, be as said from now on."""
    await connection.execute(_SQL["change"], {**within(scope), "hook_id": hook_id, **_values(content)})


async def disable(connection: Connection, scope: Scope, hook_id: int, why: str) -> None:
    """Send nothing to a hook, which is held; what happens waits."""
    await connection.execute(_SQL["disable"], {**within(scope), "hook_id": hook_id, "why": why})


async def wake(connection: Connection, scope: Scope, hook_id: int) -> None:
    """Send at once what waits for a hook, which is held, as if it had never failed."""
    values = {**within(scope), "hook_id": hook_id, "pending": State.PENDING}
    for step in ("wake", "hurry"):
        await connection.execute(_SQL[step], values)


async def end(connection: Connection, scope: Scope, hook_id: int) -> None:
    """Delete a hook, which is held: it is told nothing more."""
    values = {**within(scope), "hook_id": hook_id, **_STATES}
    for step in ("end", "drop"):
        await connection.execute(_SQL[step], values)


async def rotate(connection: Connection, scope: Scope, hook_id: int, secret: str, hours: int) -> None:
    """Sign with another secret, and for some hours with the one before too, where a way of signing has room for two."""
    values = {**within(scope), "hook_id": hook_id, "secret": secret, "hours": hours}
    await connection.execute(_SQL["rotate"], values)


async def health(connection: Connection, scope: Scope, hook_ids: Sequence[int]) -> dict[int, HealthRow]:
    """How hooks fare, by their numbers."""
    values = {
        **within(scope),
        "hook_ids": list(hook_ids),
        "most": MOST_COUNTED,
        "latest": LATEST,
        "nobody": NOBODY,
        **_STATES,
    }
    cursor = await connection.execute(_SQL["health"], values)
    return {row[0]: HealthRow(*row[1:]) async for row in cursor}


def _values(content: Content) -> dict[str, object]:
    metadata = None if content.metadata is None else Jsonb(content.metadata)
    return {**content._asdict(), "settings": Jsonb(content.settings), "metadata": metadata}


async def _rows(connection: Connection, scope: Scope, statement: str, **values: object) -> list[HookRow]:
    query: LiteralString = _SQL[statement].replace("/* columns */", _SQL["columns"])
    given: Mapping[str, object] = {**within(scope), **values}
    return [HookRow(*row) async for row in await connection.execute(query, given)]
