"""Goals, as keys and people of an organization name and list them; `store.system.responses` writes them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("goals.sql")


class Target(NamedTuple):
    """The send that a goal belongs to, when it was made and its day. `link_id`: 0 where it has none; `testing`: the
    link is being tried out."""

    send_id: int
    link_id: int
    testing: bool
    made_at: datetime
    day: date


class GoalRow(NamedTuple):
    """One goal. Columns in the order of the statement `page`."""

    id: int
    send_id: int
    kind: int
    link_id: int
    campaign_id: int
    campaign: str
    occurred_at: datetime
    recorded_at: datetime
    value_cents: int
    currency: str
    reference: str
    bot: bool
    test: bool


async def target(
    connection: Connection,
    scope: Scope,
    by: Literal["link", "send", "external_id", "email"],
    *,
    number: int = 0,
    text: str = "",
    term: str = "",
    campaign_id: int | None = None,
) -> Target | None:
    """The newest send that somebody means who may write it. `number`: of a link or a send; `text`: the rest; `term`:
    by which sends to an e-mail address are found (domain/terms.py)."""
    query = reaching(_SQL["target"].replace("/* named */", _SQL[by]), scope, Permission.SENDS_WRITE)
    given = {"number": number, "text": text, "term": term, "campaign_id": campaign_id}
    cursor = await connection.execute(query, {**within(scope), **given})
    row = await cursor.fetchone()
    return Target(*row) if row else None


async def page(
    connection: Connection,
    scope: Scope,
    *,
    ids: Sequence[int] | None = None,
    send_id: int | None = None,
    campaign_id: int | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    before: int | None = None,
    limit: int,
) -> list[GoalRow]:
    """Goals that were reached from `start` until before `end`, the last recorded first; trials and machines too."""
    given = {"ids": ids and list(ids), "send_id": send_id, "campaign_id": campaign_id, "start": start, "end": end}
    query = reaching(_SQL["page"], scope, Permission.SENDS_READ)
    cursor = await connection.execute(
        query, {**within(scope), **given, "before": before, "limit": limit}, prepare=False
    )
    return [GoalRow(*row) async for row in cursor]
