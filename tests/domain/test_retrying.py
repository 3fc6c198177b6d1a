"""Waits grow to three days, rests to five minutes, and whoever asks for time gets some."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.retrying import (
    LONGEST_ASKED,
    LONGEST_REST,
    PATIENCE,
    SHORTEST_REST,
    TIRED,
    TRIES,
    WAITS,
    Health,
    retry_after,
    wait_after,
)

NOW = datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)
chances = st.floats(0, 1)


def test_ten_tries_take_75_hours_and_35_minutes() -> None:
    waits = [wait_after(tries, 0) for tries in range(1, TRIES)]
    assert TRIES == 10
    assert sum((each or timedelta() for each in waits), timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert wait_after(TRIES, 0) is None


@given(st.integers(1, TRIES - 1), chances, st.one_of(st.none(), st.timedeltas(timedelta(), LONGEST_ASKED)))
def test_a_wait_is_at_least_what_is_asked_for_and_hardly_longer_than_planned(
    tries: int, chance: float, asked: timedelta | None
) -> None:
    wait = wait_after(tries, chance, asked)
    assert wait is not None
    least = max(WAITS[tries - 1], asked or timedelta())
    assert least <= wait <= max(least, WAITS[tries - 1] * 1.1 + timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("999999999999999999999999", LONGEST_ASKED),
        ("Fri, 20 Nov 2026 15:05:05 GMT", timedelta(minutes=1)),
        ("Fri, 20 Nov 2126 15:05:05 GMT", LONGEST_ASKED),
        ("Fri, 20 Nov 2026 15:04:04 GMT", None),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Fri, 20 Nov 2026 15:05:05", None),
        ("Fri, 99 Nov 99999 15:05:05 GMT", None),
        ("", None),
    ],
)
def test_what_a_receiver_asks_for_is_understood_or_not_heeded(text: str, wait: timedelta | None) -> None:
    assert retry_after(text, NOW) == wait


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    asked = retry_after(text, NOW)
    assert asked is None or timedelta() < asked <= LONGEST_ASKED


def test_a_hook_rests_after_many_failures_for_twice_as_long_each_time() -> None:
    health, now, rests = Health(), NOW, list[float]()
    for _ in range(TIRED - 1):
        health = health.failed(now)
    assert health.rest_until is None
    for _ in range(9):
        health = health.failed(now)
        assert health.rest_until is not None
        rests.append((health.rest_until - now).total_seconds())
        now = health.rest_until
    assert rests == [5, 5, 10, 20, 40, 80, 160, 300, 300]
    assert SHORTEST_REST.total_seconds() == rests[0]
    assert LONGEST_REST.total_seconds() == rests[-1]
    assert health.succeeded() == Health()


def test_many_failures_at_once_are_no_longer_rest() -> None:
    health = Health()
    for _ in range(200):
        health = health.failed(NOW)
    assert health.rest_until == NOW + SHORTEST_REST


def test_who_asks_for_time_rests_at_once() -> None:
    assert Health().failed(NOW, timedelta(minutes=7)).rest_until == NOW + timedelta(minutes=7)


def test_three_days_of_nothing_but_failure_are_enough() -> None:
    health = Health(TRIES - 2, NOW - PATIENCE)
    assert not health.failed(NOW).exhausted(NOW)  # hardly tried
    assert health.failed(NOW).failed(NOW).exhausted(NOW)
    late = Health(500, NOW - PATIENCE + timedelta(seconds=1))
    assert not late.failed(NOW).exhausted(NOW)
    assert not health.succeeded().exhausted(NOW)
