"""What the charts of the pages are given: `assets/charts` draws it, a table beside each has the same numbers."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services.reports import Day, Summary
from sendtrail.web.rendering import share

_DAYS, _WEEKS = 62, 53 * 7
"""Days of a period up to which each day, or each week, has a bar of its own."""


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


def bars(days: Sequence[Day]) -> list[Bar]:
    """The days, or the weeks or months that they make, so that there are never too many to see."""
    if len(days) <= _DAYS:
        groups = [[day] for day in days]
    else:
        key: Callable[[Day], object] = (
            (lambda day: day.day - timedelta(day.day.weekday()))
            if len(days) <= _WEEKS
            else (lambda day: (day.day.year, day.day.month))
        )
        by_key: dict[object, list[Day]] = {}
        for day in days:
            by_key.setdefault(key(day), []).append(day)
        groups = list(by_key.values())
    form = "{0.day} {0:%b}" if len(days) <= _WEEKS else "{0:%b %Y}"
    return [
        Bar(
            form.format(group[0].day),
            group[0].day,
            group[-1].day,
            sum(day.total for day in group),
            {each.word: sum(getattr(day, each.word) for day in group) for each in CATEGORIES},
        )
        for group in groups
    ]


def stacked(found: Sequence[Bar]) -> dict[str, Any]:
    """Bars as series, the furthest category at the bottom."""
    return {
        "labels": [bar.label for bar in found],
        "series": [
            {"category": each.word, "name": each.label, "values": [bar.counts[each.word] for bar in found]}
            for each in reversed(CATEGORIES)
            if any(bar.counts[each.word] for bar in found)
        ],
    }
