"""Days on which mail moves and days on which printers work, and moments within them.

Mail moves from Monday to Saturday, printers work from Monday to Friday, and neither on the post's holidays.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from sendtrail.domain.business_days import is_business_day, is_holiday

DAY = timedelta(days=1)
_SUNDAY = 6


@lru_cache(maxsize=4_096)
def moves(day: date) -> bool:
    """Whether the post sorts and delivers on this day."""
    return day.weekday() != _SUNDAY and not is_holiday(day, "US")


@lru_cache(maxsize=4_096)
def works(day: date) -> bool:
    """Whether printers and offices work on this day."""
    return is_business_day(day, "US")


def moving_day(day: date, count: int = 0) -> date:
    """The `count`-th day after `day` on which mail moves; for 0 `day` itself, or the next that is one."""
    return _after(day, count, moves)


def moving_day_before(day: date) -> date:
    """The last day before this one on which mail moves."""
    return _before(day, moves)


def moving_days_between(start: date, end: date) -> int:
    """How many days on which mail moves there are after `start`, up to and including `end`."""
    return sum(moves(start + DAY * n) for n in range(1, (end - start).days + 1))


def working_day(day: date, count: int = 0) -> date:
    """The `count`-th day after `day` on which printers work; for 0 `day` itself, or the next that is one."""
    return _after(day, count, works)


def working_day_before(day: date) -> date:
    """The last day before this one on which printers work."""
    return _before(day, works)


def _after(day: date, count: int, is_one: Callable[[date], bool]) -> date:
    while not is_one(day):
        day += DAY
    for _ in range(count):
        day += DAY
        while not is_one(day):
            day += DAY
    return day


def _before(day: date, is_one: Callable[[date], bool]) -> date:
    day -= DAY
    while not is_one(day):
        day -= DAY
    return day


def moment(random: Random, day: date, hour: float, hours: float, zone: ZoneInfo) -> datetime:
    """Some second within `hours` after `hour` o'clock of the local day; 24 and more lie on the next one."""
    seconds = int(hour * 3600 + random.random() * hours * 3600)
    return datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(seconds=seconds)
