"""What the charts of the pages are given: `assets/charts` draws it, a table beside each has the same numbers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services.performance import BEFORE, LATEST, ResponseDay, SinceDelivery
from sendtrail.services.reports import Day, DaysToDeliver, Summary
from sendtrail.web.rendering import day, share

_DAYS, _WEEKS = 62, 53 * 7
"""Days of a period up to which each day, and each week, has a bar of its own."""


Chart = dict[str, Any]
"""What a chart of `assets/charts` is given."""


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


def since_delivery(found: Sequence[SinceDelivery], total: int) -> Chart:
    """How many pieces were first visited how many days after they were delivered."""
    return {
        "labels": [_since(each.days)[0] for each in found],
        "spans": [_since(each.days)[1] for each in found],
        "shares": [share(each.n, total) for each in found],
        "bars": {"name": "First visits", "values": [each.n for each in found]},
    }


def responses(days: Sequence[ResponseDay], step: str) -> Chart:
    """Visits as bars and goals as a line, by day or by week."""
    return {
        "labels": [f"{each.day.day} {each.day:%b}" for each in days],
        "spans": [day(each.day) if step == "day" else f"Week of {day(each.day)}" for each in days],
        "shares": [],
        "bars": {"name": "Visits", "values": [each.visits for each in days]},
        "line": {"name": "Goals", "values": [each.goals for each in days]}
        if any(each.goals for each in days)
        else None,
    }


def _since(days: int | None) -> tuple[str, str]:
    """How short and how in full a bar is called."""
    if days is None:
        return "?", "No delivery known"
    if days == BEFORE:
        return "<0", "Before delivery"
    if days == 0:
        return "0", "On the day of delivery"
    if days == LATEST:
        return f"{days}+", f"{days} days later, or more"
    return f"{days}", "1 day later" if days == 1 else f"{days} days later"
