from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sendtrail.domain.packing import from_ms
from sendtrail.feeds.local_time import local_ms, zone_of


@pytest.mark.parametrize(
    ("zip5", "zone"),
    [
        (10199, "America/New_York"),  # one building
        (95799, "America/Los_Angeles"),  # a plant
        (501, "America/New_York"),  # leading zeros
        (901, "America/Puerto_Rico"),
        (46204, "America/Indiana/Indianapolis"),
        (79936, "America/Denver"),  # in Texas
        (85001, "America/Phoenix"),
        (96910, "Pacific/Guam"),
        (10098, "America/New_York"),  # of the prefix only
        (9001, ""),  # military
        (96201, ""),
        (34001, ""),
        (96940, ""),  # Palau, under Guam's prefix
        (99, ""),
        (0, ""),
    ],
)
def test_a_zip_has_the_zone_of_its_clock(zip5: int, zone: str) -> None:
    assert zone_of(zip5) == zone


def test_every_zone_that_is_named_can_be_loaded() -> None:
    for zone in {zone_of(zip5) for zip5 in range(0, 100_000, 37)} - {""}:
        ZoneInfo(zone)


def test_local_hours_follow_daylight_saving() -> None:
    winter, summer = (from_ms(local_ms(2026, month, 15, 9, "America/New_York")) for month in (1, 7))
    assert winter == datetime(2026, 1, 15, 14, tzinfo=UTC)
    assert summer == datetime(2026, 7, 15, 13, tzinfo=UTC)


def test_the_hour_that_comes_twice_is_its_first_coming() -> None:
    assert from_ms(local_ms(2026, 11, 1, 1, "America/New_York")) == datetime(2026, 11, 1, 5, tzinfo=UTC)


def test_no_zone_is_read_as_utc() -> None:
    assert from_ms(local_ms(2026, 1, 15, 9, "")) == datetime(2026, 1, 15, 9, tzinfo=UTC)
