"""Budgets: what may be spent by all, by a team, or on a campaign."""

from collections.abc import Sequence
from datetime import date
from typing import LiteralString, NamedTuple

from sendtrail.domain.budgets import Period
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("budgets.sql")


class BudgetRow(NamedTuple):
    """`team_id` and `campaign_id` 0: everything that the organization sends. `strict`: what goes beyond is refused."""

    id: int
    team_id: int
    team: str
    campaign_id: int
    campaign: str
    period: Period
    cents: int
    currency: str
    strict: bool


class Asked(NamedTuple):
    """Of which sends the cost is asked for: a team's, a campaign's, or (both 0) all; both days are in it."""

    team_id: int
    campaign_id: int
    start: date
    end: date


async def listed(connection: Connection, scope: Scope) -> list[BudgetRow]:
    """Those that the scope may see: the organization's, then teams', then campaigns', by name."""
    return await _rows(connection, reaching(_SQL["listed"], scope, Permission.MONEY_READ), within(scope))


async def strict_ones(
    connection: Connection, scope: Scope, team_ids: Sequence[int], campaign_ids: Sequence[int]
) -> list[BudgetRow]:
    """Those that may refuse sends of these teams and campaigns, whoever may see them, in the order of their numbers."""
    values = {"team_ids": list(team_ids), "campaign_ids": list(campaign_ids)}
    return await _rows(connection, _SQL["strict"], {**within(scope), **values})


async def hold(connection: Connection, scope: Scope, ids: Sequence[int]) -> None:
    """Let nobody else ask what was spent of these until the transaction ends, in the order of their numbers."""
    await connection.execute(_SQL["hold"], {**within(scope), "ids": list(ids)})


async def spent(connection: Connection, scope: Scope, asked: Sequence[Asked], currency: str) -> list[int]:
    """Cents of what is owed, for each that is asked, in their order."""
    names = ("team_ids", "campaign_ids", "starts", "ends")
    columns = {name: [each[place] for each in asked] for place, name in enumerate(names)}
    cursor = await connection.execute(_SQL["spent"], {**within(scope), **columns, "currency": currency}, prepare=False)
    return [cents async for _, cents in cursor]


async def put(
    connection: Connection, scope: Scope, team_id: int, campaign_id: int, period: Period, cents: int, *, strict: bool
) -> BudgetRow:
    """Set one, in place of what stood there for the same team or campaign and period."""
    values = {"team_id": team_id, "campaign_id": campaign_id, "period": period, "cents": cents, "strict": strict}
    (row,) = await _rows(connection, _SQL["put"], {**within(scope), **values})
    return row


async def remove(connection: Connection, scope: Scope, budget_id: int) -> bool:
    """Whether it was there."""
    cursor = await connection.execute(_SQL["remove"], {**within(scope), "id": budget_id})
    return cursor.rowcount == 1


async def _rows(connection: Connection, query: LiteralString, values: dict[str, object]) -> list[BudgetRow]:
    for part in ("columns", "names"):
        query = query.replace("/* " + part + " */", _SQL[part].strip())
    cursor = await connection.execute(query, values)
    return [BudgetRow(*row) async for row in cursor]
