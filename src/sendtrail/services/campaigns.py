"""Campaigns: what sends are grouped by, and how each of them stands."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.events import Kind
from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.services.categories import WORDS, ByCategory, by_category
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.store import campaigns, counts, histories, organizations
from sendtrail.store.campaigns import CampaignRow
from sendtrail.store.counts import Totals
from sendtrail.store.database import Connection
from sendtrail.store.histories import Move

CampaignType = Literal["bulk", "triggered"]
MAX_NAME = 200
DAILY = 180
"""Days that a history tells one by one; a longer one goes by weeks."""


class Campaign(msgspec.Struct, frozen=True):
    """`type`: `bulk` goes out at once, `triggered` one by one as something happens."""

    id: str
    name: str
    type: str
    live: bool
    created_at: datetime


class CampaignTotals(Campaign, frozen=True):
    """A campaign's sends by the category in which they stand, the days of the first and the last of them, the money.

    The days are None for a campaign without a send. `spent`: cents of `currency`, cancelled sends
    left out; None for who may not know what they cost.
    """

    first_day: date | None
    last_day: date | None
    total: int
    received: int
    producing: int
    handed_over: int
    in_transit: int
    local_delivery: int
    delivered: int
    returned: int
    cancelled: int
    spent: int | None
    currency: str


class KindTotals(ByCategory, frozen=True):
    """A campaign's sends of one kind."""

    kind: str


class HistoryDay(ByCategory, frozen=True):
    """How many of a campaign's pieces stood in each category at the end of a day; `total`: of how many we knew."""

    day: date


class CampaignHistory(msgspec.Struct, frozen=True):
    """A campaign from the day of its first send up to today, day by day or week by week; empty without a send.

    Days are those on which things happened, by the organization's clocks, not those on which we heard of them. `as_of`:
    later news is not in it yet.
    """

    step: Literal["day", "week"]
    as_of: datetime
    data: list[HistoryDay]


class CampaignDetail(CampaignTotals, frozen=True):
    """One campaign; `kinds`: those that it has sent."""

    kinds: list[KindTotals]


async def add_campaign(
    context: Context, scope: Scope, name: str, type_: CampaignType, *, request: Request | None = None
) -> Campaign:
    """A new campaign of the scope's mode; Conflict where its name is taken."""
    name = name.strip()
    if not _is_name(name):
        raise Invalid(f"name must be 1 to {MAX_NAME} characters on one line", "name")
    _check_type(type_)

    async def act(connection: Connection) -> bytes:
        row = await campaigns.add(connection, scope, name, type_)
        if row is None:
            raise Conflict(f"there is a campaign named {name[:60]!a} already", "name")
        return msgspec.json.encode(Campaign(**_named(context, scope, row)))

    return msgspec.json.decode(await once(context, scope, request, act), type=Campaign)


async def begin_missing(connection: Connection, context: Context, scope: Scope, names: Collection[str]) -> None:
    """Begin a bulk campaign for each name that is none yet, within the caller's transaction."""
    for name in sorted(names):
        if _is_name(name) and _number(context, name) is None:
            await campaigns.add(connection, scope, name, "bulk")


async def list_campaigns(
    context: Context,
    scope: Scope,
    *,
    q: str = "",
    type_: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> tuple[list[CampaignTotals], str | None]:
    """Campaigns with their totals, newest first, and the cursor of the next page. Invalid names the field.

    `q`: letters that stand in the name, whatever their case.
    """
    if type_ is not None:
        _check_type(type_)
    before = None
    if after is not None:
        before = _number(context, after)
        if before is None:
            raise Invalid("after must be a cursor that a list answered as next", "after")
    async with context.database.snapshot() as connection:
        rows = await campaigns.page(connection, scope, q.strip(), type_, before, limit + 1)
        currency = (await organizations.get(connection, scope)).currency
        totals = await counts.campaigns_of(connection, scope, [row.id for row in rows[:limit]], currency)
    shown = [totals_of(context, scope, row, totals.get(row.id), currency) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else None


async def get(context: Context, scope: Scope, campaign_id: str) -> CampaignDetail:
    """One campaign with its totals; NotFound where the scope has none of that id."""
    async with context.database.snapshot() as connection:
        row = await read(connection, context, scope, campaign_id)
        currency = (await organizations.get(connection, scope)).currency
        totals = (await counts.campaigns_of(connection, scope, [row.id], currency)).get(row.id)
        kinds = await counts.kinds(connection, scope, row.id)
    return CampaignDetail(
        **_totals(context, scope, row, totals, currency), kinds=[_of_kind(*each) for each in kinds.items()]
    )


async def history(context: Context, scope: Scope, campaign_id: str) -> CampaignHistory:
    """How a campaign came to stand where it does; by weeks after 180 days. NotFound where the scope has it not."""
    async with context.database.snapshot() as connection:
        row = await read(connection, context, scope, campaign_id)
        organization = await organizations.get(connection, scope)
        totals = (await counts.campaigns_of(connection, scope, [row.id], organization.currency)).get(row.id)
        moves = await histories.moves(connection, scope, row.id)
        as_of = await histories.as_of(connection, scope, campaign_id=row.id)
    if totals is None or totals.first_day is None:
        return CampaignHistory("day", as_of, [])
    today = datetime.now(ZoneInfo(organization.time_zone)).date()
    first = min(totals.first_day, today)
    step = timedelta(1 if (today - first).days < DAILY else 7)
    days = [today - n * step for n in range((today - first) // step, -1, -1)]
    return CampaignHistory("day" if step.days == 1 else "week", as_of, _standings(days, moves))


def _standings(days: list[date], moves: list[Move]) -> list[HistoryDay]:
    """Where all stood at the end of each of these days; both in order."""
    standing = [0] * len(WORDS)
    data, place = [], 0
    for day in days:
        while place < len(moves) and moves[place].day <= day:
            standing[moves[place].category] += moves[place].n
            place += 1
        data.append(HistoryDay(day=day, **by_category(standing)))
    return data


async def read(connection: Connection, context: Context, scope: Scope, campaign_id: str) -> CampaignRow:
    """The campaign of a public id, within the caller's transaction; NotFound where the scope has none of that id."""
    number = _number(context, campaign_id)
    row = None if number is None else await campaigns.get(connection, scope, number)
    if row is None:
        raise NotFound(f"no campaign {campaign_id[:60]!a}", "id")
    return row


def totals_of(
    context: Context,
    scope: Scope,
    row: CampaignRow,
    totals: Totals | None,
    currency: str,
    permission: Permission = Permission.CAMPAIGNS_READ,
) -> CampaignTotals:
    """A campaign as lists show it; `totals` None: it has sent nothing. `permission`: by which they were counted."""
    return CampaignTotals(**_totals(context, scope, row, totals, currency, permission))


def _totals(
    context: Context,
    scope: Scope,
    row: CampaignRow,
    totals: Totals | None,
    currency: str,
    permission: Permission = Permission.CAMPAIGNS_READ,
) -> dict[str, Any]:
    totals = totals or Totals(None, None, 0, [0] * len(WORDS), 0)
    return {
        **_named(context, scope, row),
        "first_day": totals.first_day,
        "last_day": totals.last_day,
        **by_category(totals.categories),
        "spent": totals.spent if scope.sees_money(permission) else None,
        "currency": currency,
    }


def _of_kind(kind: Kind, categories: list[int]) -> KindTotals:
    return KindTotals(kind=kind.word, **by_category(categories))


def _named(context: Context, scope: Scope, row: CampaignRow) -> dict[str, Any]:
    return {
        "id": context.ids.encode("campaign", row.id),
        "name": row.name,
        "type": row.type,
        "live": scope.live,
        "created_at": row.created_at,
    }


def _check_type(type_: str) -> None:
    if type_ not in ("bulk", "triggered"):
        raise Invalid("type must be bulk or triggered", "type")


def _is_name(text: str) -> bool:
    return 0 < len(text) <= MAX_NAME and text.isprintable()


def _number(context: Context, public_id: str) -> int | None:
    try:
        prefix, number = context.ids.decode(public_id)
    except ValueError:
        return None
    return number if prefix == "campaign" else None
