"""Days on which the post works: what quiet days, usual delivery times and presumed deliveries are counted in.

Saturdays are no business days, though US letters are delivered then: printers and offices rest, and a delivery is
better presumed a day late than a day early. Holidays come from the `holidays` library, corrected where the post
differs from the government:

* USPS keeps the federal holidays. One that falls on a Sunday is kept on Monday; one on a Saturday is kept that day
  only, and mail moves on the Friday before. Offices closed around Christmas by executive order do not bind it.
* Canada Post keeps the national holidays of federal workplaces, those of a weekend on the next business days, and
  Easter Monday. Holidays of single provinces are left out.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

Country = Literal["US", "CA"]
"""Whose post carries the mail, not where it goes."""

USUAL_DAYS = {"first_class": 10, "marketing": 15, "lettermail": 10}
"""Business days from hand-over after which a piece without a single scan is presumed delivered, by mail class."""

_DAY = timedelta(days=1)
_FEDERAL_OFFICES_ONLY = ("Christmas Eve", "Day After Christmas")


def is_business_day(day: date, country: Country) -> bool:
    """Monday to Friday, and no holiday of the country's post."""
    return day.weekday() < 5 and not is_holiday(day, country)


def is_holiday(day: date, country: Country) -> bool:
    """A day that the country's post keeps, whatever day of the week it is."""
    return day in _holidays(country, day.year)


@lru_cache(maxsize=4096)
def add_business_days(day: date, count: int, country: Country) -> date:
    """The business day that is the `count`-th after `day`; `day` itself for 0, whatever day that is."""
    if count < 0:
        raise ValueError(f"count is {count}; it must be 0 or more business days")
    while count:
        day += _DAY
        count -= is_business_day(day, country)
    return day


@lru_cache(maxsize=4096)
def last_before(today: date, count: int, country: Country) -> date:
    """The latest day after which `count` business days went by before `today`."""
    day = today - _DAY
    while add_business_days(day, count, country) >= today:
        day -= _DAY
    return day


def business_days_between(start: date, end: date, country: Country) -> int:
    """How many business days there are after `start` up to and including `end`; 0 where `end` is not later."""
    return sum(is_business_day(start + _DAY * n, country) for n in range(1, (end - start).days + 1))


@lru_cache(maxsize=64)
def _holidays(country: Country, year: int) -> frozenset[date]:
    # Imported late: the library loads all the world's countries, which takes 0.4 s.
    from holidays import country_holidays

    found = country_holidays(
        country, years=year, categories=("government",), observed=country == "CA", language="en_US"
    )
    if country == "CA":
        easter_mondays = {day + 3 * _DAY for day, name in found.items() if name == "Good Friday"}
        return frozenset(found) | easter_mondays
    kept = {day for day, name in found.items() if not any(word in name for word in _FEDERAL_OFFICES_ONLY)}
    return frozenset(kept | {day + _DAY for day in kept if day.weekday() == 6})
