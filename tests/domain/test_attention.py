"""When each rule speaks, and in which words."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.attention import (
    MOST_BARCODES,
    RULES,
    TABLE,
    Noticed,
    begun_before,
    falls_due,
    reason,
    service_of,
    step,
    threshold_of,
)
from sendtrail.domain.events import CODES
from sendtrail.domain.thresholds import BY_NAME, Unit

NEW_YORK = ZoneInfo("America/New_York")
SINCE = datetime(2026, 3, 5, 12, tzinfo=NEW_YORK)
"""A Thursday."""
NOW = SINCE + timedelta(days=6)


def test_every_rule_has_a_number_of_its_own_in_the_order_of_urgency_and_thresholds_that_exist() -> None:
    assert [rule.number for rule in TABLE] == sorted({rule.number for rule in TABLE})
    for rule in TABLE:
        assert set(rule.codes) <= set(CODES), rule.name
        services = ("first_class", "marketing", "parcel") if rule.threshold.endswith("_") else ("",)
        named = {threshold_of(rule, service) for service in services}
        assert named <= {"", *BY_NAME}, rule.name
        assert rule.about.endswith("."), rule.name
        assert rule.step.endswith("."), rule.name


@given(
    since=st.datetimes(datetime(2025, 12, 1), datetime(2026, 2, 1), timezones=st.just(UTC)),
    waited=st.timedeltas(timedelta(), timedelta(days=30)),
    n=st.integers(1, 9),
    unit=st.sampled_from(["days", "business days"]),
)
def test_what_falls_due_is_over_from_that_moment_on(since: datetime, waited: timedelta, n: int, unit: Unit) -> None:
    now = since + waited
    over = since < begun_before(unit, n, now, NEW_YORK, "US")
    assert over == (falls_due(unit, n, since, NEW_YORK, "US") <= now)


@pytest.mark.parametrize(
    ("post", "mailing_class", "service"),
    [
        ("usps", "first_class", "first_class"),
        ("usps", "certified", "first_class"),
        ("usps", "usps_standard_class", "marketing"),
        ("usps", "usps_express_3_day", "parcel"),
        ("canada_post", "lettermail", ""),
        ("", "", ""),
    ],
)
def test_the_silence_of_a_class_has_its_own_measure(post: str, mailing_class: str, service: str) -> None:
    assert service_of(post, mailing_class) == service


@pytest.mark.parametrize(
    ("rule", "more", "said"),
    [
        ("returned", {"label": "Returned", "why": "No such street."}, "Returned on 5 Mar. No such street."),
        ("failed", {"label": "Failed"}, "Failed on 5 Mar."),
        ("scanned_after_cancel", {}, "It was cancelled, and yet seen on its way on 5 Mar."),
        ("balance_low", {"money": "42.10 USD, below 100.00"}, "The balance is 42.10 USD, below 100.00."),
        ("feed_quiet", {"name": "USPS"}, "Nothing has come from USPS since 5 Mar: 6 days."),
        (
            "unmatched",
            {"name": "901234567", "amount": 1},
            "Scans of 1 barcode of Mailer ID 901234567 belong to no send, the first from 5 Mar.",
        ),
        ("held", {"label": "Held"}, "Held since 5 Mar and not moving on: 6 days."),
        ("at_printer", {"label": "Printed"}, "Printed since 5 Mar and not moving on: 3 business days."),
        ("no_number", {}, "It left on 5 Mar and has no tracking number yet: 3 business days."),
        ("unscanned", {"label": "Handed over"}, "Handed over on 5 Mar and not scanned since: 3 business days."),
    ],
)
def test_a_reason_is_a_plain_sentence(rule: str, more: dict[str, Any], said: str) -> None:
    assert reason(Noticed(RULES[rule], SINCE, NOW, **more)) == said


def test_many_barcodes_are_not_counted_to_the_last() -> None:
    told = reason(Noticed(RULES["unmatched"], SINCE, NOW, name="901234567", amount=MOST_BARCODES))
    assert told.startswith("Scans of 10,000 or more barcodes of Mailer ID 901234567 ")


def test_the_next_step_names_whom_to_ask_where_the_organization_says_so() -> None:
    assert step(RULES["held"]) == "Settle what holds it up, or ask for help with its id."
    contact = "help@example.com"
    assert step(RULES["held"], contact) == "Settle what holds it up, or ask help@example.com for help with its id."
