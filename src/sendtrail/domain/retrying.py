"""When a hook is told again what it did not take, and when it is left alone: for a while, or for good.

The waits are the example of Standard Webhooks 1.0.0: ten tries within 75 hours and 35 minutes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Before the second try, the third and so on."""
TRIES = len(WAITS) + 1
JITTER = 0.1
"""A wait is longer by up to this share, so that what failed together does not come back together."""
LONGEST_ASKED = timedelta(hours=24)
"""A receiver that asks for more time with Retry-After gets this at most."""
TIRED = 20
"""Failures in a row after which a hook rests."""
SHORTEST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
PATIENCE = timedelta(days=3)
"""After so long without a success a hook is disabled, unless it hardly was tried."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a hook fares: `failures` in a row, since when, and until when it is left alone. Times are aware."""

    failures: int = 0
    failing_since: datetime | None = None
    rest_until: datetime | None = None

    @property
    def hopeless(self) -> bool:
        """Whether it failed often enough to be disabled, if it did so for long enough."""
        return self.failures >= TRIES

    def succeeded(self) -> "Health":
        return Health()

    def failed(self, at: datetime, asked: timedelta | None = None) -> "Health":
        """After one more failure; `asked`: by how much later the receiver wants to hear of us again.

        A rest is as long as it has been failing: so rests double.
        """
        since = self.failing_since or at
        health = replace(self, failures=self.failures + 1, failing_since=since)
        rest = asked or timedelta()
        if health.failures >= TIRED:
            rest = max(rest, min(max(at - since, SHORTEST_REST), LONGEST_REST))
        return replace(health, rest_until=max(self.rest_until or at, at + rest)) if rest else health

    def exhausted(self, at: datetime) -> bool:
        """Whether it is disabled now."""
        return self.hopeless and self.failing_since is not None and at - self.failing_since >= PATIENCE


def wait_after(tries: int, chance: float, asked: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many tries, the last of which failed; None where that was the last one.

    `chance`: from 0 to 1, by which a wait is longer; `asked`: what the receiver asked for, which is then the least.
    """
    if tries > len(WAITS):
        return None
    return max(WAITS[tries - 1] * (1 + JITTER * chance), asked or timedelta())


def retry_after(text: str, now: datetime) -> timedelta | None:
    """What Retry-After asks for (RFC 9110, 10.2.3), in seconds or as a date; None where that is no time to come."""
    if text.isascii() and text.isdecimal():
        wait = timedelta(seconds=min(int(text[:9]), LONGEST_ASKED.total_seconds()))
    else:
        try:
            wait = parsedate_to_datetime(text) - now
        except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
            return None
    return min(wait, LONGEST_ASKED) if wait > timedelta() else None
