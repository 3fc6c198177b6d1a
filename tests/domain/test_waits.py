"""Mornings after so many business days."""

from datetime import UTC, datetime

import pytest

from sendtrail.domain.waits import told_at


@pytest.mark.parametrize(
    ("occurred_at", "days", "post", "zone", "due"),
    [
        ("2026-03-02 20:00", 1, "usps", "America/New_York", "2026-03-03 14:00"),
        ("2026-03-06 20:00", 1, "usps", "America/New_York", "2026-03-09 13:00"),  # a weekend, and clocks went forward
        ("2026-03-03 03:00", 1, "usps", "America/New_York", "2026-03-03 14:00"),  # still the second there
        ("2026-07-02 20:00", 1, "usps", "America/Chicago", "2026-07-03 14:00"),
        ("2026-06-30 20:00", 1, "canada_post", "America/Toronto", "2026-07-02 13:00"),  # Canada Day
        ("2026-06-30 20:00", 1, "", "America/Toronto", "2026-07-01 13:00"),
        ("2026-03-07 20:00", 0, "usps", "UTC", "2026-03-07 09:00"),
    ],
)
def test_it_is_told_in_the_morning_after_so_many_business_days(
    occurred_at: str, days: int, post: str, zone: str, due: str
) -> None:
    moment = datetime.fromisoformat(occurred_at).replace(tzinfo=UTC)

    assert told_at(moment, days, post, zone) == datetime.fromisoformat(due).replace(tzinfo=UTC)
