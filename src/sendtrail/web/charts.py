"""What the charts of the pages are given: `assets/charts` draws it, a table beside each has the same numbers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services.reports import Day, DaysToDeliver, Summary
from sendtrail.web.rendering import day, share

_DAYS, _WEEKS = 62, 53 * 7
"""Days of a period up to which each day, and each week, has a bar of its own."""


class Bar(NamedTuple):
    """The sends of a day, a week or a month by category."""

    label: str
    start: date
    end: date
    total: int
    counts: dict[str, int]


def donut(summary: Summary, href: Callable[[str], str]) -> dict[str, Any]:
    """The eight categories as slices; `href` of a category's word leads to its sends."""
    return {
        "slices": [
            {
                "category": each.word,
                "name": each.label,
                "value": (n := getattr(summary, each.word)),
                "share": share(n, summary.total),
                "href": href(each.word),
            }
            for each in CATEGORIES
        ]
    }


def grain(days: Sequence[Day]) -> str:
    """What one bar stands for: a day, a week or a month, so that there are never too many to see."""
    return "day" if len(days) <= _DAYS else "week" if len(days) <= _WEEKS else "month"


_BEGINS: Mapping[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(day.weekday()),
    "month": lambda day: day.replace(day=1),
}


def bars(days: Sequence[Day]) -> list[Bar]:
    """The days, or the weeks or months that they make."""
    each = grain(days)
    begins = _BEGINS[each]
    form = "{0:%b %Y}" if each == "month" else "{0.day} {0:%b}"
    groups = [list(group) for _, group in groupby(days, lambda day: begins(day.day))]
    return [
        Bar(
            form.format(group[0].day),
            group[0].day,
            group[-1].day,
            sum(day.total for day in group),
            {category.word: sum(getattr(day, category.word) for day in group) for category in CATEGORIES},
        )
        for group in groups
    ]


def stacked(found: Sequence[Bar], href: Callable[[Bar], str] | None = None) -> dict[str, Any]:
    """Bars as series, the furthest category at the bottom; `href` of a bar leads to its days, if there is one."""
    return {
        "labels": [bar.label for bar in found],
        "spans": [day(bar.start) if bar.start == bar.end else f"{day(bar.start)} to {day(bar.end)}" for bar in found],
        "hrefs": [href(bar) for bar in found] if href else [],
        "series": [
            {"category": each.word, "name": each.label, "values": [bar.counts[each.word] for bar in found]}
            for each in reversed(CATEGORIES)
            if any(bar.counts[each.word] for bar in found)
        ],
    }


def spread(days: DaysToDeliver) -> dict[str, Any]:
    """In how many days pieces were delivered."""
    return {
        "labels": [each.label for each in days.data],
        "values": [each.n for each in days.data],
        "shares": [share(each.n, days.delivered) for each in days.data],
    }
