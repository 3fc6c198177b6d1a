"""When a hook that waits is told: on the morning after so many business days."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from sendtrail.domain.business_days import Country, add_business_days

MORNING = time(9)


def told_at(occurred_at: datetime, days: int, post: str, time_zone: str) -> datetime:
    """9:00 by the organization's clocks on the `days`-th business day after that on which it happened, in UTC.

    `post`: whose business days they are, as a send has it.
    """
    country: Country = "CA" if post == "canada_post" else "US"
    zone = ZoneInfo(time_zone)
    day = add_business_days(occurred_at.astimezone(zone).date(), days, country)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)
