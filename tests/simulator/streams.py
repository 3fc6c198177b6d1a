"""Streams for tests, small and in the past."""

from datetime import UTC, datetime
from functools import lru_cache

from sendtrail.simulator.companies import COMPANIES
from sendtrail.simulator.stream import Barcodes, Stream, stream

NOW = datetime(2026, 11, 18, 17, tzinfo=UTC)
"""A Wednesday at noon in New York."""
BARCODES = Barcodes("901000042")


@lru_cache(maxsize=8)
def small(company: int = 0, sends: int = 400, seed: int = 1, now: datetime = NOW, days: int = 90) -> Stream:
    """Not to be changed: it is kept."""
    return stream(COMPANIES[company], now, BARCODES, seed=seed, sends=sends, days=days, prefix="T")
