"""Visits and goals of sends: read here, written by `store.system.responses`."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("responses.sql")


class Totals(NamedTuple):
    """What a send's responses come to. `visits`, `visitors`, `goals` are by people; trials count nowhere.

    `unlisted`: of all of them so many have no row, since too many came within a minute.
    """

    visits: int
    visitors: int
    bots: int
    goals: int
    value_cents: int
    unlisted: int
    first_visit_at: datetime | None
    last_visit_at: datetime | None
    first_goal_at: datetime | None
    last_goal_at: datetime | None


NO_TOTALS = Totals(0, 0, 0, 0, 0, 0, None, None, None, None)


class ResponseRow(NamedTuple):
    """One visit or goal. `code`, `source`, `evidence`: numbers of domain/events.py; `test`: while the link was tried
    out; `link_id`: 0 where it came by none; `tracker_id`: whose link it is, where hooks are told. Times are aware."""

    id: int
    link_id: int
    code: int
    source: int
    evidence: int
    bot: bool
    test: bool
    occurred_at: datetime
    recorded_at: datetime
    device: str
    country: str
    region: str
    referrer: str
    value_cents: int
    reference: str
    tracker_id: int = 0


async def has_any(connection: Connection, scope: Scope) -> bool:
    """Whether anybody ever responded to the organization's mail of this mode."""
    cursor = await connection.execute(
        "select exists (select from engagement where organization_id = %(organization_id)s and live = %(live)s)",
        within(scope),
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def totals(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> dict[int, Totals]:
    """What came of these sends; only those that anybody responded to."""
    query = reaching(_SQL["totals"], scope, Permission.SENDS_READ)
    cursor = await connection.execute(query, {**within(scope), "send_ids": list(send_ids)})
    return {send_id: Totals(*figures) async for send_id, *figures in cursor}


async def newest(
    connection: Connection, scope: Scope, send_ids: Sequence[int], most: int
) -> dict[int, list[ResponseRow]]:
    """At most `most` responses of each of these sends, the last of them, in order of arrival."""
    query = reaching(_SQL["newest"], scope, Permission.SENDS_READ)
    cursor = await connection.execute(query, {**within(scope), "send_ids": list(send_ids), "most": most})
    found: dict[int, list[ResponseRow]] = {}
    async for send_id, *row in cursor:
        found.setdefault(send_id, []).append(ResponseRow(*row))
    return found
