"""Who did what, and when: noted in the transaction of what was done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg.types.json import Jsonb

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


class Entry(NamedTuple):
    """`email`: of a member who acted; `key`: the name of an API key that did. Empty for the others."""

    id: int
    at: datetime
    live: bool | None
    actor: str
    email: str
    key: str
    action: str
    subject: str
    detail: dict[str, Any]


_ENTRIES: LiteralString = (
    "select audit.id, at, audit.live, actor, coalesce(member.email, ''), coalesce(api_key.name, ''), action,"
    "       subject, detail"
    "  from audit"
    "  left join member on actor = 'member:' || member.id"
    "  left join api_key on actor = 'key:' || api_key.id and api_key.organization_id = audit.organization_id"
)


async def note(connection: Connection, scope: Scope, action: str, subject: str = "", **detail: object) -> int:
    """Note that the scope's actor did something to somebody or something; the number of the note."""
    cursor = await connection.execute(
        "insert into audit (organization_id, live, actor, action, subject, detail)"
        " values (%(organization_id)s, %(live)s, %(actor)s, %(action)s, %(subject)s, %(detail)s) returning id",
        {
            "organization_id": scope.organization_id,
            "live": scope.live,
            "actor": scope.actor,
            "action": action,
            "subject": subject,
            "detail": Jsonb(detail),
        },
    )
    ((number,),) = await cursor.fetchall()
    return int(number)


async def add_detail(connection: Connection, scope: Scope, number: int, **detail: object) -> None:
    """Add to a note of the scope's actor how what it tells of ended."""
    await connection.execute(
        "update audit set detail = detail || %(detail)s"
        " where id = %(id)s and organization_id = %(organization_id)s and actor = %(actor)s",
        {"id": number, "organization_id": scope.organization_id, "actor": scope.actor, "detail": Jsonb(detail)},
    )


async def page(connection: Connection, scope: Scope, before: int | None, limit: int) -> list[Entry]:
    """At most `limit` notes of both modes, newest first; `before` is the last one of the page before."""
    cursor = await connection.execute(
        _ENTRIES + " where audit.organization_id = %(organization_id)s"
        " and (%(before)s::bigint is null or audit.id < %(before)s)"
        " order by audit.id desc limit %(limit)s",
        {"organization_id": scope.organization_id, "before": before, "limit": limit},
    )
    return [Entry(*row) async for row in cursor]


async def sends_changed(connection: Connection, scope: Scope, public_ids: Sequence[str]) -> dict[str, list[datetime]]:
    """When each of these sends was changed that was, from the first time on."""
    cursor = await connection.execute(
        "select subject, array_agg(at order by at) from audit"
        " where organization_id = %(organization_id)s and live = %(live)s"
        " and action = 'send.changed' and subject = any (%(subjects)s::text[])"
        " group by subject",
        {"organization_id": scope.organization_id, "live": scope.live, "subjects": list(public_ids)},
    )
    return {subject: times async for subject, times in cursor}


async def changes_of_send(connection: Connection, scope: Scope, public_id: str) -> list[Entry]:
    """All notes that a send was changed, newest first."""
    cursor = await connection.execute(
        _ENTRIES + " where audit.organization_id = %(organization_id)s"
        " and action = 'send.changed' and subject = %(subject)s"
        " order by audit.id desc",
        {"organization_id": scope.organization_id, "subject": public_id},
    )
    return [Entry(*row) async for row in cursor]
