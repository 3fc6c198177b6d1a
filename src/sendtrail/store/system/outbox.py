"""The way out of the outbox, for all organizations: each row carries its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg.types.json import Jsonb

from sendtrail.domain.deliveries import State
from sendtrail.store.database import Connection, statements
from sendtrail.store.responses import ResponseRow

LANES = 16
_ASIDE = -1
_SQL = statements("system/outbox.sql")


class OutboxRow(NamedTuple):
    """Something that happened: the trail had `told` events and the best `was`; or a response; or a change, each field
    with its text before and after."""

    id: int
    organization_id: int
    live: bool
    send_id: int
    told: int | None
    was: int | None
    response_id: int | None
    change: dict[str, tuple[str, str]] | None
    created_at: datetime


class HookRow(NamedTuple):
    """A hook that hears of the sends of an organization, `heard`; it belongs to `organization_id`."""

    heard: int
    live: bool
    id: int
    organization_id: int
    events: list[str]
    kinds: list[int]
    campaigns: list[int]
    tags: list[str]
    bots: bool
    wait_days: int
    created_at: datetime


class TellingRow(NamedTuple):
    """What was told of a send, as domain/news.py's Memory; `shown`: of its order the fields that change."""

    send_id: int
    sequence: int
    postal: int
    reroutes: int
    events: int
    shown: dict[str, Any] | None


class NewNotification(NamedTuple):
    id: int
    organization_id: int
    live: bool
    send_id: int
    sequence: int
    type: str
    occurred_at: datetime
    created_at: datetime
    body: str


class NewDelivery(NamedTuple):
    """`organization_id`: the hook's."""

    hook_id: int
    organization_id: int
    live: bool
    notification_id: int
    send_id: int
    state: State
    due_at: datetime


async def claim(connection: Connection, lanes: Sequence[int], most: int, limit: int) -> list[OutboxRow]:
    """What `limit` oldest of at most `most` of the lanes, tried in this order, are about, by number; ours until the
    transaction ends. Must come first in it: what is read then is of one moment. A transaction that took the same rows
    before makes this one fail as a serialization failure."""
    await connection.execute(_SQL["isolate"])
    cursor = await connection.execute(_SQL["lanes"], {"lanes": list(lanes), "most": most})
    if not (taken := [row[0] async for row in cursor]):
        return []
    await connection.execute(_SQL["settings"])
    cursor = await connection.execute(_SQL["claim"], {"lanes": taken, "limit": limit})
    return [OutboxRow(*row) async for row in cursor]


async def remove(connection: Connection, ids: Sequence[int]) -> None:
    """They are told."""
    await connection.execute(_SQL["remove"], {"ids": list(ids)})


async def set_aside(connection: Connection, ids: Sequence[int]) -> None:
    """They cannot be told as it is, and hold nothing else up."""
    await connection.execute(_SQL["set_aside"], {"ids": list(ids), "aside": _ASIDE})


async def put_back(connection: Connection) -> int:
    """Try again what was set aside; how many entries."""
    cursor = await connection.execute(_SQL["put_back"], {"lanes": LANES, "aside": _ASIDE})
    return cursor.rowcount


async def hooks(connection: Connection, organizations: Sequence[int]) -> list[HookRow]:
    """All hooks that hear of these organizations, in both modes."""
    cursor = await connection.execute(_SQL["hooks"], {"organizations": list(organizations)})
    return [HookRow(*row) async for row in cursor]


async def responses(connection: Connection, rows: Sequence[OutboxRow]) -> dict[int, ResponseRow]:
    """The visits and goals among these entries, by number."""
    told = [(row.send_id, row.response_id) for row in rows if row.response_id]
    numbers = {"send_ids": [send_id for send_id, _ in told], "ids": [number for _, number in told]}
    cursor = await connection.execute(_SQL["responses"], numbers)
    return {row[0]: ResponseRow(*row) async for row in cursor}


async def told(connection: Connection, send_ids: Sequence[int]) -> dict[int, TellingRow]:
    """What was told of those of the sends of which anything was."""
    cursor = await connection.execute(_SQL["told"], {"send_ids": list(send_ids)})
    return {row[0]: TellingRow(*row) async for row in cursor}


async def remember(connection: Connection, rows: Sequence[tuple[int, bool, TellingRow]]) -> None:
    """What was told now, with each send's organization and mode."""
    ordered = sorted(rows, key=lambda row: row[2].send_id)
    await connection.execute(
        _SQL["remember"],
        {
            "organization_ids": [organization_id for organization_id, _, _ in ordered],
            "lives": [live for _, live, _ in ordered],
            "send_ids": [row.send_id for _, _, row in ordered],
            "sequences": [row.sequence for _, _, row in ordered],
            "postals": [row.postal for _, _, row in ordered],
            "reroutes": [row.reroutes for _, _, row in ordered],
            "events": [row.events for _, _, row in ordered],
            "showns": [_jsonb(row.shown) for _, _, row in ordered],
        },
    )


async def numbers(connection: Connection, n: int) -> list[int]:
    """The next `n` numbers of notifications: their bodies have them as ids."""
    cursor = await connection.execute(_SQL["numbers"], {"n": n})
    return [row[0] async for row in cursor]


async def put(
    connection: Connection, notifications: Sequence[NewNotification], deliveries: Sequence[NewDelivery]
) -> None:
    """Write them; deliveries are numbered in the order given."""
    async with connection.cursor() as cursor:
        async with cursor.copy(_SQL["notify"]) as copy:
            for notification in notifications:
                await copy.write_row(notification)
        async with cursor.copy(_SQL["deliver"]) as copy:
            for delivery in deliveries:
                await copy.write_row(delivery)


def _jsonb(shown: Mapping[str, Any] | None) -> Jsonb | None:
    return None if shown is None else Jsonb(shown, dumps=msgspec.json.encode)
