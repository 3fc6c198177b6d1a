"""Days on which mail moves and printers work."""

from datetime import date
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sendtrail.simulator.days import (
    moment,
    moves,
    moving_day,
    moving_day_before,
    moving_days_between,
    working_day,
    working_day_before,
    works,
)

dates = st.dates(date(2024, 1, 1), date(2030, 12, 31))


def test_mail_rests_on_sundays_and_holidays_and_printers_on_saturdays_too() -> None:
    thanksgiving, saturday, sunday = date(2026, 11, 26), date(2026, 11, 28), date(2026, 11, 29)
    assert [moves(day) for day in (thanksgiving, saturday, sunday)] == [False, True, False]
    assert [works(day) for day in (thanksgiving, saturday, sunday)] == [False, False, False]
    assert not moves(date(2026, 7, 4))  # a Saturday


@given(dates, st.integers(1, 12))
def test_days_are_counted_forth_and_back(day: date, count: int) -> None:
    then = moving_day(day, count)
    assert moves(then)
    assert moving_days_between(moving_day(day), then) == count
    assert moving_day(moving_day_before(then), 1) == then
    assert working_day(working_day_before(working_day(day)), 1) == working_day(day)
    assert works(working_day(day, count))


@given(dates, st.integers(0, 2**32), st.floats(0, 30), st.floats(0.1, 5))
def test_a_moment_lies_within_its_hours(day: date, seed: int, hour: float, hours: float) -> None:
    at = moment(Random(seed), day, hour, hours, ZoneInfo("America/Chicago"))
    wall = (at.replace(tzinfo=None) - at.replace(tzinfo=None).replace(hour=0, minute=0, second=0)).seconds / 3600
    wall += 24 * (at.date() - day).days
    assert hour - 0.001 <= wall <= hour + hours
    assert at.microsecond == 0
