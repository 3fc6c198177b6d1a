"""Hooks for tests of what is told: made by hand, and what was made of the outbox for them."""

import json
from typing import Any, NamedTuple

from sendtrail.domain import notices
from sendtrail.domain.deliveries import State
from sendtrail.domain.scope import Scope
from sendtrail.services import announcing
from sendtrail.services.context import Context


class Telling(NamedTuple):
    """One delivery with its notification."""

    hook: int
    type: str
    sequence: int
    body: dict[str, Any]
    send: int
    state: State
    due_at: Any
    organization: int


async def listen(context: Context, scope: Scope, *events: str, **more: Any) -> int:
    """A hook of the organization, in the scope's mode; its number."""
    values = {"organization_id": scope.organization_id, "live": scope.live, "target": "webhook", "events": list(events)}
    values |= {"codes": notices.heard(events), "created_by": scope.actor} | more
    names = ", ".join(values)
    async with context.database.transaction() as connection:
        cursor = await connection.execute(
            f"insert into hook ({names}) values ({', '.join(['%s'] * len(values))}) returning id".encode(),
            list(values.values()),
        )
        row = await cursor.fetchone()
    assert row
    return int(row[0])


async def told(context: Context) -> list[Telling]:
    """What is new to be told, hook by hook in its order; the outbox is empty then, and so are notifications."""
    await announcing.announce(context)
    async with context.database.transaction() as connection:
        cursor = await connection.execute(
            "select hook_id, type, sequence, body, delivery.send_id, state, due_at, delivery.organization_id"
            " from delivery join notification on notification.id = notification_id order by hook_id, delivery.id"
        )
        rows = await cursor.fetchall()
        await connection.execute("delete from delivery")
        await connection.execute("delete from notification")
        cursor = await connection.execute("select count(*) from outbox")
        assert await cursor.fetchone() == (0,)
    return [Telling(hook, type_, n, json.loads(body), send, State(state), *rest)
            for hook, type_, n, body, send, state, *rest in rows]  # fmt: skip


async def types(context: Context) -> list[str]:
    return [each.type for each in await told(context)]
