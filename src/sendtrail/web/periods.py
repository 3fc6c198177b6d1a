"""The periods that a report may be about: by name, which moves with the days, or by its two days."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from sendtrail.domain.problems import Invalid
from sendtrail.web.queries import day_in


class Period(NamedTuple):
    """Both days are in it. `name`: one of PERIODS, '' for days of one's own."""

    start: date
    end: date
    name: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The parameters that lead back to it."""
        return {"period": self.name} if self.name else self.days

    @property
    def days(self) -> dict[str, str]:
        """The parameters that name its days, for pages that know no period by name."""
        return {"start": self.start.isoformat(), "end": self.end.isoformat()}


def _last(days: int) -> Callable[[date], tuple[date, date]]:
    return lambda today: (today - timedelta(days - 1), today)


def _last_month(today: date) -> tuple[date, date]:
    end = today.replace(day=1) - timedelta(1)
    return end.replace(day=1), end


PERIODS: Mapping[str, tuple[str, Callable[[date], tuple[date, date]]]] = {
    "last_7_days": ("Last 7 days", _last(7)),
    "last_30_days": ("Last 30 days", _last(30)),
    "last_90_days": ("Last 90 days", _last(90)),
    "this_month": ("This month", lambda today: (today.replace(day=1), today)),
    "last_month": ("Last month", _last_month),
    "this_year": ("This year", lambda today: (today.replace(month=1, day=1), today)),
    "next_30_days": ("Next 30 days", lambda today: (today + timedelta(1), today + timedelta(30))),
}
DEFAULT = "last_30_days"
AHEAD = "next_30_days"
_MONTH = timedelta(29)


def period_in(query: Mapping[str, str], today: date) -> Period:
    """The period that an address asks for; Invalid names the parameter that is wrong."""
    start, end = day_in(query, "start"), day_in(query, "end")
    name = query.get("period", "" if start or end else DEFAULT)
    if name:
        if name not in PERIODS:
            raise Invalid("there is no such period: choose one of the list", "period")
        return Period(*PERIODS[name][1](today), name)
    end = end or max(today, start or today)
    start = start or max(end, date.min + _MONTH) - _MONTH
    if start > end:
        raise Invalid(f"start must not lie after end, which is {end}", "start")
    return Period(start, end)
