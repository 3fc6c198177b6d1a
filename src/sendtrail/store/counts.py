"""How many sends stand where, and what they cost: read from the totals that the pipeline keeps."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import LiteralString, NamedTuple

from sendtrail.domain.events import Kind
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.store.campaigns import CampaignRow, telling
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("counts.sql")
_OF_CAMPAIGN = len(CampaignRow._fields)
GIFTS = [int(Kind.GIFT), int(Kind.EGIFT)]
"""The parameter `gifts` of a sector's condition."""

CAMPAIGN_ORDERS: dict[str, LiteralString] = {
    "name": "lower(campaign.name)",
    "day": "last_day",
    "total": "total",
    "delivered": "categories[6]::float / total",
    "returned": "categories[7]",
    "spent": "spent",
}
"""What a list of campaigns can be sorted by; `delivered` is the share of all."""


class DayRow(NamedTuple):
    """The sends of one day in one status; `status` is `best & packing.STATUS_MASK`."""

    day: date
    status: int
    n: int
    cost_cents: int


class TeamRow(NamedTuple):
    """The sends of one team (0: of none) in one status."""

    team_id: int
    team: str
    status: int
    n: int
    cost_cents: int


class Totals(NamedTuple):
    """What a campaign sent, and the days on which it did; `categories` in the order of stannp.CATEGORIES."""

    first_day: date | None
    last_day: date | None
    total: int
    categories: list[int]
    spent: int


def sector_condition(sector: str) -> LiteralString:
    """What to add to a query so that only a sector counts: as in DESIGN, or `all`."""
    return _SQL[sector]


async def days(
    connection: Connection, scope: Scope, start: date, end: date, sector: str, currency: str
) -> list[DayRow]:
    """The days of a period, inclusive, by status. `sector` as in DESIGN or `all`."""
    cursor = await connection.execute(
        reaching(_SQL["days"].replace("/* sector */", _SQL[sector]), scope, Permission.REPORTS_READ),
        {**_within(scope), "start": start, "end": end, "currency": currency},
        prepare=False,  # a plan for any period would be a poor one for this
    )
    return [DayRow(*row) async for row in cursor]


async def teams(
    connection: Connection, scope: Scope, start: date, end: date, sector: str, currency: str
) -> list[TeamRow]:
    """What each team sent in a period, inclusive, by status; that of no team last. `sector` as in DESIGN or `all`."""
    cursor = await connection.execute(
        reaching(_SQL["teams"].replace("/* sector */", _SQL[sector]), scope, Permission.REPORTS_READ),
        {**_within(scope), "start": start, "end": end, "currency": currency},
        prepare=False,
    )
    return [TeamRow(*row) async for row in cursor]


async def campaigns(
    connection: Connection,
    scope: Scope,
    start: date,
    end: date,
    type_: str | None,
    currency: str,
    sort: str,
    descending: bool,
    limit: int,
) -> list[tuple[CampaignRow, Totals]]:
    """Campaigns (of a type, if one is named) with what they sent in a period, inclusive, gifts left out.

    `sort`: of CAMPAIGN_ORDERS.
    """
    order: LiteralString = CAMPAIGN_ORDERS[sort] + (" desc," if descending else ",")
    chosen: LiteralString = "and created_on between %(start)s and %(end)s " + sector_condition(
        type_ or "campaigns_only"
    )
    period = {"start": start, "end": end}
    return await _campaigns(connection, scope, Permission.REPORTS_READ, chosen, order, currency, limit, period)


async def campaigns_of(
    connection: Connection, scope: Scope, campaign_ids: Collection[int], currency: str
) -> dict[int, Totals]:
    """All that these campaigns ever sent, by their numbers; those without a send are left out."""
    chosen: LiteralString = "and campaign_id = any (%(campaign_ids)s) and campaign_id <> 0"
    ids = {"campaign_ids": list(campaign_ids)}
    few = len(campaign_ids)
    rows = await _campaigns(connection, scope, Permission.CAMPAIGNS_READ, chosen, "", currency, few, ids)
    return {campaign.id: totals for campaign, totals in rows}


async def kinds(connection: Connection, scope: Scope, campaign_id: int) -> dict[Kind, list[int]]:
    """A campaign's sends by kind, each in the order of stannp.CATEGORIES."""
    query = reaching(_SQL["kinds"], scope, Permission.CAMPAIGNS_READ)
    cursor = await connection.execute(query, {**_within(scope), "campaign_id": campaign_id}, prepare=False)
    found: dict[Kind, list[int]] = {}
    async for kind, place, n in cursor:
        found.setdefault(Kind(kind), [0] * len(CATEGORIES))[place] = n
    return found


async def last_day(connection: Connection, scope: Scope, before: date, sector: str) -> date | None:
    """The last day before another one on which something was sent."""
    cursor = await connection.execute(
        reaching(_SQL["last_day"].replace("/* sector */", _SQL[sector]), scope, Permission.REPORTS_READ),
        {**_within(scope), "before": before},
        prepare=False,
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def fold(connection: Connection, scope: Scope, days: Sequence[date], campaign_ids: Sequence[int]) -> None:
    """Put together what many writers counted of each of these days' sends of a campaign, and drop what came to nothing.

    No total changes. To be done when they have become quiet, so that reports read little.
    """
    cells = {**_within(scope), "days": list(days), "campaign_ids": list(campaign_ids)}
    for step in ("fold_turn", "fold", "fold_empty"):
        await connection.execute(_SQL[step], cells)


async def _campaigns(
    connection: Connection,
    scope: Scope,
    permission: Permission,
    chosen: LiteralString,
    order: LiteralString,
    currency: str,
    limit: int,
    parameters: Mapping[str, object],
) -> list[tuple[CampaignRow, Totals]]:
    query = telling(_SQL["campaigns"]).replace("/* chosen */", chosen).replace("/* order */", order)
    cursor = await connection.execute(
        reaching(query, scope, permission),
        {**_within(scope), **parameters, "currency": currency, "limit": limit},
        prepare=False,
    )
    return [(CampaignRow(*row[:_OF_CAMPAIGN]), Totals(*row[_OF_CAMPAIGN:])) async for row in cursor]


def _within(scope: Scope) -> dict[str, object]:
    return {**within(scope), "gifts": GIFTS}
