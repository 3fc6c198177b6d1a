"""Reports: what was sent in a period stands where, and what it cost.

A send belongs to its day (its send date, else the day when it was accepted, in the organization's time zone), so a
period's numbers change as its sends move on, never because they moved to another day.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain import cells
from sendtrail.domain.events import Kind
from sendtrail.domain.money import owed
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.trail import status_of_best
from sendtrail.services import campaigns
from sendtrail.services.campaigns import CampaignTotals, CampaignType, totals_of
from sendtrail.services.categories import WORDS, ByCategory, by_category
from sendtrail.services.context import Context
from sendtrail.services.money import balance_within, category_of
from sendtrail.services.sends import send_number
from sendtrail.store import counts, histories, items, organizations
from sendtrail.store.counts import DayRow
from sendtrail.store.database import Connection
from sendtrail.store.items import ItemRow
from sendtrail.store.organizations import OrganizationRow

Sector = Literal["all", "bulk", "triggered", "single", "gift"]
"""`gift` is every gift and eGift; of the rest, `single` has no campaign and the others are those of its type."""
DEFAULT_DAYS = 30
"""The last of them is today, as the organization's clocks have it."""
MAX_DAYS = 3_660
SLOWEST = 21
"""Days: all that took as long or longer is told as one."""
MAX_CAMPAIGNS = 500
MAX_SORTED = 10_000
"""Items that are read to be sorted by something else than their day."""
_BACK = timedelta(DEFAULT_DAYS - 1)


class Period(msgspec.Struct, frozen=True):
    """What a report is about; both days are in it."""

    start: date
    end: date
    sector: Sector


class Summary(Period, frozen=True):
    """How many sends of the period stand in each of the eight categories, in `total`, and the money.

    `spent`: cost of those that are owed, as `domain.money` has it. `balance`: what was paid in, ever, less the cost of
    everything live that is owed. Both are whole cents of `currency`, None for who may not know them: a balance is the
    whole organization's.
    """

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
    balance: int | None
    currency: str


class Day(ByCategory, frozen=True):
    """The sends of one day by the category in which they stand now."""

    day: date


class Timeline(Period, frozen=True):
    """Every day of the period, those without a send too."""

    data: list[Day]


class DaysTaken(msgspec.Struct, frozen=True):
    """So many sends took so many days; `label` says "21+" of the last, in which all slower ones are counted too."""

    days: int
    label: str
    n: int


class DaysToDeliver(Period, frozen=True):
    """In how many calendar days the sends of a period that stand as delivered came there, counted from their day.

    By the organization's clocks; deliveries that are only presumed are left out, since nobody knows when they came.
    `median`, `percentile_90`: in so many days half, or nine of ten, were delivered; None where nothing is. `as_of`:
    later news is not in it yet.
    """

    delivered: int
    median: int | None
    percentile_90: int | None
    as_of: datetime
    data: list[DaysTaken]


class Item(msgspec.Struct, frozen=True):
    """A single item or gift: `recipient` is a name, company or e-mail address, `status` the label for people of
    `code`, known by `evidence`."""

    id: str
    kind: str
    recipient: str
    status: str
    code: str
    evidence: str
    day: date
    cost_cents: int | None
    currency: str


class Items(msgspec.Struct, frozen=True):
    """A page of items; `sorts`: what they can be sorted by, which is only the day where there are many."""

    data: list[Item]
    next: str | None
    sorts: tuple[str, ...]


class TeamTotals(ByCategory, frozen=True):
    """The sends of a team by the category in which they stand now, and what they cost, as in `Summary`.

    `id` None: what no team sent.
    """

    id: str | None
    name: str
    spent: int | None
    currency: str


class CampaignRows(msgspec.Struct, frozen=True):
    """Campaigns with what they sent in a period; `more`: these are not all."""

    data: list[CampaignTotals]
    more: bool


async def summary(
    context: Context, scope: Scope, start: date | None = None, end: date | None = None, sector: Sector = "all"
) -> Summary:
    """The totals of a period, both days inclusive; by default the 30 days up to today. Invalid names the field."""
    return (await overview(context, scope, start, end, sector))[0]


async def timeline(
    context: Context, scope: Scope, start: date | None = None, end: date | None = None, sector: Sector = "all"
) -> Timeline:
    """The days of a period, both inclusive; by default the 30 days up to today. Invalid names the field."""
    _check_sector(sector)
    async with context.database.snapshot() as connection:
        start, end, _, rows = await _rows(connection, scope, start, end, sector)
    return _timeline(start, end, sector, rows)


async def overview(
    context: Context, scope: Scope, start: date | None = None, end: date | None = None, sector: Sector = "all"
) -> tuple[Summary, Timeline]:
    """`summary` and `timeline` of one moment, for little more than the cost of one of them."""
    _check_sector(sector)
    async with context.database.snapshot() as connection:
        start, end, currency, rows = await _rows(connection, scope, start, end, sector)
        money = await balance_within(connection, scope, currency)
    categories = _categories(rows)
    totals = Summary(
        start=start,
        end=end,
        sector=sector,
        **by_category([categories[word] for word in WORDS]),
        spent=sum(row.cost_cents for row in rows if owed(row.status))
        if scope.sees_money(Permission.REPORTS_READ)
        else None,
        balance=money.balance if scope.may(Permission.MONEY_READ, Reach.ORGANIZATION) else None,
        currency=currency,
    )
    return totals, _timeline(start, end, sector, rows)


async def days_to_deliver(
    context: Context,
    scope: Scope,
    start: date | None = None,
    end: date | None = None,
    sector: Sector = "all",
    campaign_id: str | None = None,
) -> DaysToDeliver:
    """How long delivery took, for what was sent in a period, inclusive, or what of it belongs to a campaign.

    By default the 30 days up to today. Invalid names the field.
    """
    _check_sector(sector)
    async with context.database.snapshot() as connection:
        number = None if campaign_id is None else await _campaign(connection, context, scope, campaign_id)
        start, end = _period(start, end, await organizations.get(connection, scope))
        taken = await histories.taken(connection, scope, "delivered", start, end, sector, number)
        as_of = await histories.as_of(connection, scope, start, end, number)
    buckets = [0] * (SLOWEST + 1)
    for days, n in taken:
        buckets[min(days, SLOWEST)] += n
    data = [DaysTaken(days, f"{days}+" if days == SLOWEST else f"{days}", n) for days, n in enumerate(buckets)]
    return DaysToDeliver(
        start=start,
        end=end,
        sector=sector,
        delivered=sum(buckets),
        median=_percentile(taken, 50),
        percentile_90=_percentile(taken, 90),
        as_of=as_of,
        data=data,
    )


async def campaign_rows(
    context: Context,
    scope: Scope,
    start: date,
    end: date,
    type_: CampaignType | None,
    sort: str = "day",
    descending: bool = True,
) -> CampaignRows:
    """The first 500 campaigns that sent something in a period, inclusive, gifts left out. Invalid names the field.

    `type_` None: of both types. `sort`: name, day (the last one), total, delivered (the share), returned or spent.
    """
    if type_ not in (None, *get_args(CampaignType)):
        raise Invalid("type must be bulk or triggered", "type")
    _check_sort(sort, counts.CAMPAIGN_ORDERS)
    async with context.database.snapshot() as connection:
        organization = await organizations.get(connection, scope)
        start, end = _period(start, end, organization)
        currency = organization.currency
        rows = await counts.campaigns(
            connection, scope, start, end, type_, currency, sort, descending, MAX_CAMPAIGNS + 1
        )
    shown = [
        totals_of(context, scope, row, totals, currency, Permission.REPORTS_READ)
        for row, totals in rows[:MAX_CAMPAIGNS]
    ]
    return CampaignRows(shown, len(rows) > MAX_CAMPAIGNS)


async def team_rows(context: Context, scope: Scope, start: date, end: date, sector: Sector = "all") -> list[TeamTotals]:
    """What each team sent in a period, inclusive, and what that cost; what no team sent comes last."""
    _check_sector(sector)
    async with context.database.snapshot() as connection:
        organization = await organizations.get(connection, scope)
        start, end = _period(start, end, organization)
        rows = await counts.teams(connection, scope, start, end, sector, organization.currency)
    money = scope.sees_money(Permission.REPORTS_READ)
    found = []
    for (team_id, name), group in groupby(rows, key=lambda row: (row.team_id, row.team)):
        of_team = list(group)
        categories = Counter[str]()
        for row in of_team:
            categories[category_of(row.status)] += row.n
        found.append(
            TeamTotals(
                id=context.ids.encode("team", team_id) if team_id else None,
                name=name,
                **by_category([categories[word] for word in WORDS]),
                spent=sum(row.cost_cents for row in of_team if owed(row.status)) if money else None,
                currency=organization.currency,
            )
        )
    return found


async def item_rows(
    context: Context,
    scope: Scope,
    start: date,
    end: date,
    sector: Literal["single", "gift"],
    sort: str = "day",
    descending: bool = True,
    *,
    after: str | None = None,
    limit: int = 50,
) -> Items:
    """Single items or gifts of a period, inclusive, in pages. Invalid names the field.

    `sort`: day, or, where the period has 10,000 of them at most, recipient, status (in the order of a send's life) or
    cost. `after`: the `next` of the page before.
    """
    if sector not in ("single", "gift"):
        raise Invalid("sector must be single or gift", "sector")
    _check_sort(sort, items.ORDERS)
    async with context.database.snapshot() as connection:
        start, end, _, rows = await _rows(connection, scope, start, end, sector)
        sorts = tuple(items.ORDERS) if sum(row.n for row in rows) <= MAX_SORTED else ("day",)
        if sort not in sorts:
            raise Invalid(f"sort must be day where a period has more than {MAX_SORTED:,} items", "sort")
        before = _cursor(context, after)
        found = await items.page(connection, scope, start, end, sector, sort, descending, before, limit + 1)
    shown = [_item(context, scope, row) for row in found[:limit]]
    return Items(shown, shown[-1].id if len(found) > limit else None, sorts)


async def latest_period_with_mail(
    context: Context, scope: Scope, sector: Sector = "all", before: date | None = None
) -> tuple[date, date] | None:
    """The 30 days up to the last one on which something was sent, or up to the last such day before `before`."""
    _check_sector(sector)
    async with context.database.snapshot() as connection:
        day = await counts.last_day(connection, scope, before or date.max, sector)
    return None if day is None else (max(day, date.min + _BACK) - _BACK, day)


async def timeline_csv(
    context: Context, scope: Scope, start: date | None = None, end: date | None = None, sector: Sector = "all"
) -> bytes:
    """`timeline` as CSV (RFC 4180, UTF-8): day, total and the eight categories, a line for each day."""
    shown = await timeline(context, scope, start, end, sector)
    columns = ("day", "total", *WORDS)
    lines = [cells.line([getattr(day, column) for column in columns]) for day in shown.data]
    return "".join([cells.line(columns), *lines]).encode()


async def _rows(
    connection: Connection, scope: Scope, start: date | None, end: date | None, sector: str
) -> tuple[date, date, str, list[DayRow]]:
    """The period that is meant, the organization's currency, and what was sent."""
    organization = await organizations.get(connection, scope)
    start, end = _period(start, end, organization)
    return (
        start,
        end,
        organization.currency,
        await counts.days(connection, scope, start, end, sector, organization.currency),
    )


async def _campaign(connection: Connection, context: Context, scope: Scope, campaign_id: str) -> int:
    try:
        return (await campaigns.read(connection, context, scope, campaign_id)).id
    except NotFound:
        raise Invalid(f"campaign {campaign_id[:60]!a} does not exist", "campaign") from None


def _percentile(taken: Sequence[tuple[int, int]], percent: int) -> int | None:
    """The fewest days within which so many of a hundred are; `taken`: days and numbers, by days."""
    total = sum(n for _, n in taken)
    so_far = 0
    for days, n in taken:
        so_far += n
        if so_far * 100 >= total * percent:
            return days
    return None


def _timeline(start: date, end: date, sector: Sector, rows: list[DayRow]) -> Timeline:
    by_day: dict[date, list[DayRow]] = {start + timedelta(days): [] for days in range((end - start).days + 1)}
    for row in rows:
        by_day[row.day].append(row)
    return Timeline(start, end, sector, [_day(day, _categories(of_day)) for day, of_day in by_day.items()])


def _item(context: Context, scope: Scope, row: ItemRow) -> Item:
    kind, status = Kind(row.kind).word, status_of_best(row.best)
    to = row.recipient
    return Item(
        id=context.ids.encode(kind, row.send_id),
        kind=kind,
        recipient=to.get("name") or to.get("company") or to.get("email") or "",
        status=status.label,
        code=status.code,
        evidence=status.evidence.word,
        day=row.day,
        cost_cents=row.cost_cents if scope.sees_money(Permission.REPORTS_READ) else None,
        currency=row.currency,
    )


def _cursor(context: Context, after: str | None) -> int | None:
    if after is None:
        return None
    try:
        return send_number(context, after)
    except NotFound:
        raise Invalid("after must be a cursor that a list answered as next", "after") from None


def _check_sort(sort: str, orders: Collection[str]) -> None:
    if sort not in orders:
        raise Invalid(f"sort must be one of {', '.join(orders)}", "sort")


def _period(start: date | None, end: date | None, organization: OrganizationRow) -> tuple[date, date]:
    end = end or datetime.now(ZoneInfo(organization.time_zone)).date()
    start = start or max(end, date.min + _BACK) - _BACK
    if start > end:
        raise Invalid(f"start must not lie after end, which is {end}", "start")
    if (end - start).days >= MAX_DAYS:
        raise Invalid(f"start and end may be {MAX_DAYS:,} days apart at most", "start")
    return start, end


def _check_sector(sector: str) -> None:
    if sector not in get_args(Sector):
        raise Invalid(f"sector must be one of {', '.join(get_args(Sector))}", "sector")


def _categories(rows: list[DayRow]) -> Counter[str]:
    categories: Counter[str] = Counter()
    for row in rows:
        categories[category_of(row.status)] += row.n
    return categories


def _day(day: date, categories: Counter[str]) -> Day:
    return Day(day=day, **by_category([categories[word] for word in WORDS]))
