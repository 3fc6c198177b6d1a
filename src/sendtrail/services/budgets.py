"""Budgets: what may be spent by all, by a team, or on a campaign, in a month, a quarter, a year, or in all.

A budget counts what is owed for sends by their day, as reports do. A strict one refuses sends that go beyond it; the
others only show that they are.
"""

from datetime import date, datetime
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.budgets import Period, span
from sendtrail.domain.problems import Forbidden, Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.campaigns import called
from sendtrail.services.context import Context
from sendtrail.services.money import MAX_DEPOSIT
from sendtrail.services.owning import teams_named
from sendtrail.services.people import TeamName
from sendtrail.services.statements import CampaignName
from sendtrail.store import audit, budgets, organizations
from sendtrail.store.budgets import Asked, BudgetRow
from sendtrail.store.database import Connection

PERIODS: tuple[Period, ...] = get_args(Period)


class Budget(msgspec.Struct, frozen=True):
    """A budget, and how it stands in the period of today; `start` and `end` are null for one of all time.

    Of everything where neither `team` nor `campaign` is named. `strict`: sends that go beyond it are refused.
    """

    id: str
    team: TeamName | None
    campaign: CampaignName | None
    period: Period
    cents: int
    spent: int
    left: int
    currency: str
    strict: bool
    start: date | None
    end: date | None


async def list_budgets(context: Context, scope: Scope) -> list[Budget]:
    """The budgets that the scope may see; none in test mode, which has no money."""
    if not scope.live:
        return []
    async with context.database.snapshot() as connection:
        return await _told(connection, context, scope, await budgets.listed(connection, scope))


async def set_budget(
    context: Context,
    scope: Scope,
    period: str,
    cents: int,
    *,
    team: str = "",
    campaign: str = "",
    strict: bool = False,
) -> Budget:
    """Set a budget: of everything, of a team or of a campaign (by id or name), in place of what stood there.

    Invalid names the field; Forbidden in test mode.
    """
    _check_may(scope)
    if period not in PERIODS:
        raise Invalid(f"period must be one of {', '.join(PERIODS)}", "period")
    if not 0 <= cents <= MAX_DEPOSIT:
        raise Invalid(f"cents must lie between 0 and {MAX_DEPOSIT}", "cents")
    if team and campaign:
        raise Invalid("campaign must be left out where a team is named: a budget is one's or the other's", "campaign")
    chosen: Period = next(each for each in PERIODS if each == period)

    async def act(connection: Connection) -> Budget:
        team_id = (await teams_named(connection, context, scope, [team])).get(team) if team else 0
        if team_id is None:
            raise Invalid(f"team {team[:60]!a} must be the id or the name of a team", "team")
        row = (await called(connection, context, scope, [campaign])).get(campaign) if campaign else None
        if campaign and row is None:
            raise Invalid(f"campaign {campaign[:60]!a} does not exist", "campaign")
        kept = await budgets.put(connection, scope, team_id, row.id if row else 0, chosen, cents, strict=strict)
        await audit.note(connection, scope, "budget.set", _of(kept), period=period, cents=cents, strict=strict)
        (told,) = await _told(connection, context, scope, [kept])
        return told

    return await context.database.run(act)


async def remove_budget(context: Context, scope: Scope, budget_id: str) -> None:
    """Let what it counted be spent without it; NotFound."""
    scope.require(Permission.MONEY_WRITE, Reach.ORGANIZATION)
    try:
        prefix, number = context.ids.decode(budget_id)
    except ValueError:
        prefix, number = "", 0
    async with context.database.transaction() as connection:
        rows = {row.id: row for row in await budgets.listed(connection, scope)}
        row = rows.get(number) if prefix == "budget" and scope.live else None
        if row is None or not await budgets.remove(connection, scope, row.id):
            raise NotFound(f"no budget {budget_id[:60]!a}", "id")
        await audit.note(connection, scope, "budget.removed", _of(row), period=row.period)


async def _told(connection: Connection, context: Context, scope: Scope, rows: list[BudgetRow]) -> list[Budget]:
    if not rows:
        return []
    zone = ZoneInfo((await organizations.get(connection, scope)).time_zone)
    today = datetime.now(zone).date()
    asked = [Asked(row.team_id, row.campaign_id, *span(row.period, today)) for row in rows]
    spent = await budgets.spent(connection, scope, asked, rows[0].currency)
    return [_budget(context, row, each, cents) for row, each, cents in zip(rows, asked, spent, strict=True)]


def _budget(context: Context, row: BudgetRow, asked: Asked, spent: int) -> Budget:
    encode = context.ids.encode
    ends = row.period != "all"
    return Budget(
        id=encode("budget", row.id),
        team=TeamName(encode("team", row.team_id), row.team) if row.team_id else None,
        campaign=CampaignName(encode("campaign", row.campaign_id), row.campaign) if row.campaign_id else None,
        period=row.period,
        cents=row.cents,
        spent=spent,
        left=row.cents - spent,
        currency=row.currency,
        strict=row.strict,
        start=asked.start if ends else None,
        end=asked.end if ends else None,
    )


def _of(row: BudgetRow) -> str:
    return row.team or row.campaign or "everything"


def _check_may(scope: Scope) -> None:
    if not scope.live:
        raise Forbidden("test mode has no money: keep budgets in live mode")
    scope.require(Permission.MONEY_WRITE, Reach.ORGANIZATION)
