"""How a feed tells of scans: late, twice, misread, with those of strangers' mail among them, some days not at all."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sendtrail.simulator.days import DAY
from sendtrail.simulator.formats import Scan
from sendtrail.simulator.journeys import in_another_pass
from sendtrail.simulator.telling import Told

_SOON, _NEXT_DAY = 0.80, 0.95
"""Chances that a scan is told within hours, and within a day; the rest comes up to six days late."""
_REPEATED = 0.013
_TWO_PASSES = 0.011
_MISREAD = 0.0025
_STRANGER = 0.006
_STRANGERS = ("00310903112", "00040102345", "00271901998", "00700402118", "00142905551")
"""Barcodes of other mailers begin so."""
_QUIET_EVERY = 38
"""Days of which the feed is quiet once."""
_SORTERS = ("DBCS", "AFSM")


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` on nothing is told; at `end` all of it comes at once (both aware, UTC)."""

    start: datetime
    end: datetime


@dataclass(slots=True)
class Feed:
    """All scans that a feed tells of, and what of them is nobody's."""

    scans: list[Told[Scan]] = field(default_factory=list)
    misread: set[str] = field(default_factory=set)
    """Tracking codes that a machine read wrongly."""
    strangers: set[str] = field(default_factory=set)
    """Tracking codes of other mailers' pieces."""
    quiet: list[Quiet] = field(default_factory=list)


def quiet_times(random: Random, today: date, days: int) -> list[Quiet]:
    """When the feed tells nothing: two or three days, now and then, never in the last week."""
    found = []
    for n in range(max(days // _QUIET_EVERY, 1) if days > 14 else 0):
        ago = 9 + n * _QUIET_EVERY + random.randrange(min(days - 14, _QUIET_EVERY - 6))
        start = datetime.combine(today - ago * DAY, time(5), UTC)
        found.append(Quiet(start, start + timedelta(hours=random.choice((44, 52, 70)))))
    return found


def tell(random: Random, feed: Feed, scans: list[Scan]) -> None:
    """Add one piece's scans to what the feed tells."""
    chance = random.random
    for scan in scans:
        if chance() < _MISREAD:
            scan = replace(scan, imb=_misread(random, scan.imb))
            feed.misread.add(scan.imb[:20])
        elif chance() < _STRANGER:
            stranger = replace(scan, imb=f"{random.choice(_STRANGERS)}{random.randrange(10**9):09d}")
            feed.strangers.add(stranger.imb)
            _tell(random, feed, stranger)
        elif chance() < _TWO_PASSES and scan.machine.startswith(_SORTERS) and 1 <= scan.occurred_at.hour < 23:
            _tell(random, feed, in_another_pass(random, scan))
        told = _tell(random, feed, scan)
        if chance() < _REPEATED:
            later = told + timedelta(hours=random.choice((0, 0, 24, 26, 72)))
            feed.scans.append(Told(_awake(feed, later), scan))


def _tell(random: Random, feed: Feed, scan: Scan) -> datetime:
    chance = random.random()
    if chance < _SOON:
        hours = 1 + 8 * random.random()
    elif chance < _NEXT_DAY:
        hours = 9 + 20 * random.random()
    else:
        hours = 30 + 110 * random.random()
    at = _awake(feed, scan.occurred_at.astimezone(UTC) + timedelta(hours=hours))
    feed.scans.append(Told(at, scan))
    return at


def _awake(feed: Feed, at: datetime) -> datetime:
    """The moment itself, or the end of the quiet time in which it lies."""
    return next((quiet.end for quiet in feed.quiet if quiet.start <= at < quiet.end), at)


def _misread(random: Random, imb: str) -> str:
    """One digit of service type or Mailer ID reads as another: no piece of ours is named so."""
    place = random.choice((2, 3, 4, 7, 8, 9))
    return f"{imb[:place]}{(int(imb[place]) + random.randint(1, 9)) % 10}{imb[place + 1 :]}"
