"""Webhooks in PostGrid's formats: how they stand, each try to tell them something, and what there was to tell."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sendtrail.domain.deliveries import State
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.nouns import COUNTED, Found, Noun, holding
from sendtrail.store.reach import within

_SQL = statements("webhooks.sql")


class WebhookRow(NamedTuple):
    """One of the view `webhook`. `secret`: what signs."""

    id: int
    url: str
    format: str
    secret: str
    events: list[str]
    enabled: bool
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class InvocationRow(NamedTuple):
    """One try, the how-manieth of its delivery. `status`: 0 where there was no answer; `send_id`, `kind`: of the send
    that it was told of, None for what is of none. Columns of the statement `invocations`."""

    delivery_id: int
    turn: int
    notification_id: int
    type: str
    send_id: int | None
    kind: int | None
    status: int
    at: datetime


WEBHOOK = Noun(
    "webhook",
    WebhookRow,
    "url || ' ' || array_to_string(events, ' ') || ' ' || description || ' ' || coalesce(metadata::text, '')",
)


async def invocations(
    connection: Connection,
    scope: Scope,
    hook_id: int,
    types: Sequence[str],
    *,
    terms: Sequence[str],
    skip: int,
    limit: int,
) -> Found[InvocationRow]:
    """Some of the tries to tell a hook something of these types, the newest first, counted as lists are. `terms`: what
    type and status together hold."""
    values = {
        **within(scope),
        "hook_id": hook_id,
        "types": list(types),
        "patterns": [holding(term) for term in terms],
        "skip": skip,
        "limit": limit,
        "most": skip + limit + COUNTED,
        "delivered": State.DELIVERED,
    }
    cursor = await connection.execute(_SQL["invocations"].replace("/* tries */", _SQL["tries"]), values, prepare=False)
    rows = [InvocationRow(*row) async for row in cursor]
    counting = _SQL["count_invocations"].replace("/* tries */", _SQL["tries"])
    ((total,),) = await (await connection.execute(counting, values, prepare=False)).fetchall()
    return Found(rows, int(total))


async def told(
    connection: Connection, scope: Scope, types: Sequence[str], *, skip: int, limit: int
) -> tuple[list[str], int]:
    """The bodies of some of what was told in these types, each once, the newest first, and how many there are. Trials
    are not among them."""
    values = {
        **within(scope),
        "types": list(types),
        "skip": skip,
        "limit": limit,
        "most": skip + limit + COUNTED,
    }
    cursor = await connection.execute(_SQL["told"], values, prepare=False)
    bodies = [row[0] async for row in cursor]
    ((total,),) = await (await connection.execute(_SQL["count_told"], values, prepare=False)).fetchall()
    return bodies, int(total)
