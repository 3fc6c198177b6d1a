"""What may be said of a goal: what it is worth, and by which number whoever counts it knows it."""

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from sendtrail.domain.amounts import cents_of
from sendtrail.domain.packing import EPOCH
from sendtrail.domain.problems import Invalid

MAX_CENTS = 1_000_000_000
"""Ten million: a larger one is a mistake, or made up."""
MAX_REFERENCE = 200
FUTURE = timedelta(minutes=10)
"""Clocks may go wrong by so much."""
_CURRENCY = re.compile(r"[A-Z]{3}")


def value_of(value: str | int | float | None) -> int:
    """Cents of an amount: text as people write it, or a number, which programs seldom have to the cent and is rounded.

    Nothing is worth nothing. Invalid names `value`.
    """
    if value is None or value == "":
        return 0
    if isinstance(value, str):
        return checked_cents(cents_of(value, "value"), "value")
    if isinstance(value, int):
        return checked_cents(value * 100, "value")
    if not math.isfinite(value):
        raise Invalid("value must be an amount such as 0.78 or 1250", "value")
    return checked_cents(int((Decimal(str(value)) * 100).to_integral_value(ROUND_HALF_UP)), "value")


def checked_cents(cents: int, param: str = "value_cents") -> int:
    """Invalid names `param` where a goal cannot be worth so much."""
    if not 0 <= cents <= MAX_CENTS:
        raise Invalid(
            f"{param} must lie between 0 and {MAX_CENTS if param == 'value_cents' else MAX_CENTS // 100}", param
        )
    return cents


def checked_currency(given: str, own: str) -> None:
    """Invalid unless nothing or the organization's own currency is given: amounts of two would be added up."""
    code = given.strip().upper()
    if code and code != own:
        what = f"not {code}" if _CURRENCY.fullmatch(code) else "as three letters"
        raise Invalid(f"currency must be {own}, {what}", "currency")


def checked_reference(text: str) -> str:
    """The reference without blanks around it; Invalid for what is none."""
    reference = text.strip()
    if len(reference) > MAX_REFERENCE or not reference.isprintable():
        raise Invalid(f"reference may be {MAX_REFERENCE} printable characters at most", "reference")
    return reference


def checked_time(at: datetime | None, now: datetime) -> datetime:
    """When it was reached; `now` where nobody says. Invalid names `occurred_at`."""
    if at is None:
        return now
    if at.tzinfo is None:
        raise Invalid("occurred_at needs an offset, such as 2026-03-02T22:56:10-05:00", "occurred_at")
    if at > now + FUTURE:
        raise Invalid("occurred_at lies more than 10 minutes in the future", "occurred_at")
    if at < EPOCH:
        raise Invalid("occurred_at must not lie before 2020-01-01", "occurred_at")
    return at.astimezone(UTC)


def checked_after(at: datetime, made_at: datetime, day: date, zone: ZoneInfo) -> None:
    """Invalid, naming `occurred_at`, where a goal lies before both the day on which its send was made and the send's
    own `day`, by the clocks of `zone`: nothing that was not there yet led to it."""
    first = min(day, made_at.astimezone(zone).date())
    if at.astimezone(zone).date() < first:
        raise Invalid(f"occurred_at must not lie before {first}, the day of the send", "occurred_at")
