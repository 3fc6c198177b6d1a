"""Reports: what was sent in a period stands where, and what it cost.

A send belongs to its day (its send date, else the day when it was accepted, in the organization's time zone), so a
period's numbers change as its sends move on, never because they moved to another day.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.events import Kind
from sendtrail.domain.problems import Invalid
from sendtrail.domain.scope import Scope
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services.context import Context
from sendtrail.services.money import balance_within, category_of
from sendtrail.store import counts, organizations
from sendtrail.store.counts import DayRow
from sendtrail.store.organizations import OrganizationRow

Sector = Literal["all", "bulk", "triggered", "single", "gift"]
"""`gift` is every gift and eGift; of the rest, `single` has no campaign and the others are those of its type."""
GIFTS = (Kind.GIFT, Kind.EGIFT)
DEFAULT_DAYS = 30
"""The last of them is today, as the organization's clocks have it."""
MAX_DAYS = 3_660
_BACK = timedelta(DEFAULT_DAYS - 1)
_WORDS = tuple(category.word for category in CATEGORIES)


class Summary(msgspec.Struct, frozen=True):
    """How many sends of the period stand in each of the eight categories, in `total`, and the money.

    `spent`: cost of those that are not cancelled. `balance`: what was paid in, ever, less the cost of everything live
    that is not cancelled. Both are whole cents of `currency`.
    """

    start: date
    end: date
    sector: Sector
    total: int
    received: int
    producing: int
    handed_over: int
    in_transit: int
    local_delivery: int
    delivered: int
    returned: int
    cancelled: int
    spent: int
    balance: int
    currency: str


class Day(msgspec.Struct, frozen=True):
    """The sends of one day by the category in which they stand now."""

    day: date
    total: int
    received: int
    producing: int
    handed_over: int
    in_transit: int
    local_delivery: int
    delivered: int
    returned: int
    cancelled: int


class Timeline(msgspec.Struct, frozen=True):
    """Every day of the period, those without a send too."""

    start: date
    end: date
    sector: Sector
    data: list[Day]


async def summary(
    context: Context, scope: Scope, start: date | None = None, end: date | None = None, sector: Sector = "all"
) -> Summary:
    """The totals of a period, both days inclusive; by default the 30 days up to today. Invalid names the field."""
    _check_sector(sector)
    async with context.database.snapshot() as connection:
        organization = await organizations.get(connection, scope)
        start, end = _period(start, end, organization)
        rows = await counts.days(connection, scope, start, end, sector, GIFTS, organization.currency)
        money = await balance_within(connection, scope, organization.currency)
    categories = _categories(rows)
    return Summary(
        start=start,
        end=end,
        sector=sector,
        total=categories.total(),
        **{word: categories[word] for word in _WORDS},
        spent=sum(row.cost_cents for row in rows if category_of(row.status) != "cancelled"),
        balance=money.balance,
        currency=organization.currency,
    )


async def timeline(
    context: Context, scope: Scope, start: date | None = None, end: date | None = None, sector: Sector = "all"
) -> Timeline:
    """The days of a period, both inclusive; by default the 30 days up to today. Invalid names the field."""
    _check_sector(sector)
    async with context.database.snapshot() as connection:
        organization = await organizations.get(connection, scope)
        start, end = _period(start, end, organization)
        rows = await counts.days(connection, scope, start, end, sector, GIFTS, organization.currency)
    by_day: dict[date, list[DayRow]] = {start + timedelta(days): [] for days in range((end - start).days + 1)}
    for row in rows:
        by_day[row.day].append(row)
    return Timeline(start, end, sector, [_day(day, _categories(of_day)) for day, of_day in by_day.items()])


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
    return Day(day=day, total=categories.total(), **{word: categories[word] for word in _WORDS})
