"""What may be spent in which time. A budget counts sends by their day, as reports do."""

from datetime import date, timedelta
from typing import Literal

Period = Literal["month", "quarter", "year", "all"]
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def span(period: Period, day: date) -> tuple[date, date]:
    """The first and the last day of the period in which a day lies; of `all`, the first and the last that there are."""
    if period == "all":
        return date.min, date.max
    months = _MONTHS[period]
    first = (day.month - 1) // months * months + 1
    return date(day.year, first, 1), _month_after(day.year, first + months) - timedelta(1)


def _month_after(year: int, month: int) -> date:
    """The first day of a month, or of January where there is no such month."""
    return date(year, month, 1) if month <= 12 else date(year + 1, 1, 1)
