"""Campaigns: what sends are grouped by."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

from psycopg.errors import UniqueViolation

from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("campaigns.sql")


class CampaignRow(NamedTuple):
    """A campaign. `owner_id`, `team_id`, `fund_id`: 0 for nobody's and no team's, and for no fund of its own to pay;
    the names are empty then. `landing_id` 0: its sends get no links, and what stands after it is empty."""

    id: int
    name: str
    type: str
    created_at: datetime
    archived_at: datetime | None
    deleted_at: datetime | None
    owner_id: int
    owner_email: str
    owner_name: str
    team_id: int
    team: str
    fund_id: int
    fund: str
    landing_id: int
    template: str
    days: int
    testing: bool

    @property
    def state(self) -> str:
        """`active`, `archived` or `deleted`."""
        return "deleted" if self.deleted_at else "archived" if self.archived_at else "active"


def telling(query: LiteralString) -> LiteralString:
    """A query in which `/* columns */` becomes those of a CampaignRow, and `/* names */` the tables that they need."""
    for part in ("columns", "names", "state"):
        query = query.replace("/* " + part + " */", _SQL[part].strip())
    return query


async def add(
    connection: Connection,
    scope: Scope,
    name: str,
    type_: str,
    owner_id: int = 0,
    team_id: int = 0,
    fund_id: int = 0,
) -> CampaignRow | None:
    """Keep a campaign of the scope's mode; None where its name is taken."""
    values = {"name": name, "type": type_, "owner_id": owner_id, "campaign_team_id": team_id, "fund_id": fund_id}
    cursor = await connection.execute(telling(_SQL["add"]), {**within(scope), **values})
    row = await cursor.fetchone()
    return CampaignRow(*row) if row else None


async def get(connection: Connection, scope: Scope, campaign_id: int) -> CampaignRow | None:
    """One campaign; None where the scope has none of this number."""
    query = reaching(telling(_SQL["get"]), scope, Permission.CAMPAIGNS_READ)
    cursor = await connection.execute(query, {**within(scope), "id": campaign_id})
    row = await cursor.fetchone()
    return CampaignRow(*row) if row else None


async def held(connection: Connection, scope: Scope, campaign_id: int) -> CampaignRow | None:
    """A campaign that nobody else changes until the transaction ends; None where the scope may not change it."""
    query = reaching(telling(_SQL["held"]), scope, Permission.CAMPAIGNS_WRITE)
    cursor = await connection.execute(query, {**within(scope), "id": campaign_id})
    row = await cursor.fetchone()
    return CampaignRow(*row) if row else None


async def page(
    connection: Connection,
    scope: Scope,
    q: str,
    type_: str | None,
    states: Sequence[str],
    before: int | None,
    limit: int,
) -> list[CampaignRow]:
    """At most `limit` campaigns, newest first, of any type for None; `before` is the last one of the page before.

    `q`: letters that stand in the name, in lower or upper case.
    """
    query = reaching(telling(_SQL["page"]), scope, Permission.CAMPAIGNS_READ)
    parameters = {"q": q, "type": type_, "states": list(states), "before": before, "limit": limit}
    cursor = await connection.execute(query, {**within(scope), **parameters})
    return [CampaignRow(*row) async for row in cursor]


async def tally(connection: Connection, scope: Scope, q: str, type_: str | None) -> dict[str, int]:
    """How many campaigns `page` would find in each state; no word for those without."""
    query = reaching(telling(_SQL["tally"]), scope, Permission.CAMPAIGNS_READ)
    cursor = await connection.execute(query, {**within(scope), "q": q, "type": type_})
    return {state: n async for state, n in cursor}


async def called(connection: Connection, scope: Scope, names: Sequence[str], ids: Sequence[int]) -> list[CampaignRow]:
    """Campaigns of these names or numbers, in any state; of those that had one name, the one that has it comes last."""
    query = reaching(telling(_SQL["called"]), scope, Permission.CAMPAIGNS_READ)
    cursor = await connection.execute(query, {**within(scope), "names": list(names), "ids": list(ids)})
    return [CampaignRow(*row) async for row in cursor]


async def change(
    connection: Connection, scope: Scope, campaign_id: int, name: str, owner_id: int, team_id: int, fund_id: int
) -> CampaignRow | None:
    """Give a campaign that is held another name, owner, team or fund; None where the name is taken."""
    values = {"name": name, "owner_id": owner_id, "campaign_team_id": team_id, "fund_id": fund_id}
    return await _changed(connection, scope, _SQL["change"], campaign_id, values)


async def move(connection: Connection, scope: Scope, campaign_id: int, state: str) -> CampaignRow | None:
    """Make a campaign that is held `active`, `archived` or `deleted`; None where its name is taken meanwhile."""
    return await _changed(connection, scope, _SQL["move"], campaign_id, {"state": state})


async def _changed(
    connection: Connection, scope: Scope, query: LiteralString, campaign_id: int, values: dict[str, object]
) -> CampaignRow | None:
    try:
        async with connection.transaction():
            cursor = await connection.execute(telling(query), {**within(scope), "id": campaign_id, **values})
            row = await cursor.fetchone()
    except UniqueViolation:
        return None
    return CampaignRow(*row) if row else None
