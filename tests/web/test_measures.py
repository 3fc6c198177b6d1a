"""Spans of time and sizes, without a page around them."""

from datetime import timedelta

import pytest

from sendtrail.web.measures import size, span


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(days=3, hours=5), "3 days"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(minutes=1, seconds=59), "1 minute"),
        (timedelta(seconds=4), "less than a minute"),
        (timedelta(seconds=-4), "less than a minute"),
        (timedelta(days=4000), "4,000 days"),
    ],
)
def test_a_span_is_told_in_its_largest_unit(time: timedelta, words: str) -> None:
    assert span(time) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"), (640, "640 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (99_949, "99.9 kB"),
        (99_950, "100 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"), (6_660_000_000, "6.7 GB"), (10**16, "10000 TB"),
    ],
)  # fmt: skip
def test_a_size_has_a_unit_that_fits(count: int, words: str) -> None:
    assert size(count) == words
