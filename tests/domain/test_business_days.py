"""Postal business days, by the calendars that USPS and Canada Post publish."""

import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.business_days import (
    USUAL_DAYS,
    Country,
    add_business_days,
    business_days_between,
    is_business_day,
    is_holiday,
    last_before,
)

days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
countries = st.sampled_from(["US", "CA"])


def holidays_on_weekdays(year: int, country: Country) -> list[str]:
    """MM-DD of every Monday to Friday that is no business day."""
    first = date(year, 1, 1)
    return [
        f"{day:%m-%d}"
        for day in (first + timedelta(n) for n in range(365))
        if day.weekday() < 5 and not is_business_day(day, country)
    ]


def test_usps_keeps_the_federal_holidays_of_2026() -> None:
    # Independence Day is a Saturday: Friday the 3rd is an ordinary day for mail.
    assert holidays_on_weekdays(2026, "US") == (
        ["01-01", "01-19", "02-16", "05-25", "06-19", "09-07", "10-12", "11-11", "11-26", "12-25"]
    )


def test_usps_keeps_a_sunday_holiday_on_monday() -> None:
    assert not is_business_day(date(2023, 1, 2), "US")
    assert not is_business_day(date(2027, 7, 5), "US")
    assert is_business_day(date(2027, 6, 18), "US")
    assert is_business_day(date(2027, 12, 24), "US")


def test_usps_works_where_only_federal_offices_close_for_christmas() -> None:
    assert is_business_day(date(2025, 12, 24), "US")
    assert is_business_day(date(2025, 12, 26), "US")
    assert not is_business_day(date(2025, 1, 9), "US")  # a national day of mourning: no delivery


def test_canada_post_keeps_its_official_schedule_of_2026() -> None:
    assert holidays_on_weekdays(2026, "CA") == (
        ["01-01", "04-03", "04-06", "05-18", "07-01", "09-07", "09-30", "10-12", "11-11", "12-25", "12-28"]
    )


def test_canada_post_keeps_weekend_holidays_on_the_next_business_days() -> None:
    assert not is_business_day(date(2022, 1, 3), "CA")
    assert [is_business_day(date(2027, 12, day), "CA") for day in (24, 27, 28, 29)] == [True, False, False, True]


@given(days, countries)
def test_weekends_are_never_business_days(day: date, country: Country) -> None:
    assert not (day.weekday() >= 5 and is_business_day(day, country))


def test_business_days_are_counted_over_weekends_and_holidays() -> None:
    wednesday = date(2026, 11, 25)
    assert add_business_days(wednesday, 0, "US") == wednesday
    assert add_business_days(wednesday, 1, "US") == date(2026, 11, 27)  # over Thanksgiving
    assert add_business_days(wednesday, 2, "US") == date(2026, 11, 30)
    assert add_business_days(wednesday, 1, "CA") == date(2026, 11, 26)
    assert add_business_days(date(2026, 11, 28), 0, "US") == date(2026, 11, 28)
    assert business_days_between(wednesday, date(2026, 11, 30), "US") == 2
    assert business_days_between(wednesday, wednesday, "US") == 0
    assert business_days_between(wednesday, date(2026, 11, 1), "US") == 0


@given(days, st.integers(1, 40), countries)
def test_adding_and_counting_agree(day: date, count: int, country: Country) -> None:
    later = add_business_days(day, count, country)
    assert is_business_day(later, country)
    assert business_days_between(day, later, country) == count
    assert business_days_between(day, later - timedelta(1), country) == count - 1


def test_days_cannot_be_taken_back() -> None:
    with pytest.raises(ValueError, match="count is -1; it must be 0 or more"):
        add_business_days(date(2026, 1, 1), -1, "US")


def test_usual_days_are_those_of_the_presumed_delivery() -> None:
    assert USUAL_DAYS == {"first_class": 10, "marketing": 15, "lettermail": 10}


def test_the_holiday_library_is_not_loaded_before_it_is_asked() -> None:
    program = "import sys, sendtrail.domain.business_days; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_saturday_can_be_a_holiday_too() -> None:
    assert is_holiday(date(2026, 7, 4), "US")
    assert not is_holiday(date(2026, 7, 11), "US")


@given(st.dates(date(2026, 1, 1), date(2031, 12, 31)), st.integers(0, 30), st.sampled_from(["US", "CA"]))
def test_a_silence_that_has_lasted_long_enough_began_until_some_day(today: date, count: int, country: Country) -> None:
    last = last_before(today, count, country)
    assert add_business_days(last, count, country) < today
    assert add_business_days(last + timedelta(days=1), count, country) >= today
