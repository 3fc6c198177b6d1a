"""How a piece of mail travels: who sees it, when, and what goes unseen.

Rates are rough readings of published ones: nearly every letter is scanned at all, one sorting step or another is
missed, deliveries are logical events, one or two of a hundred come back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sendtrail.domain.observation import Facility
from sendtrail.simulator.formats import AcsRecord, PrinterRow, Scan
from sendtrail.simulator.places import HOME, Place

_DAY = timedelta(days=1)


class Journey(NamedTuple):
    """All that happens to one mail piece, in no particular order."""

    reports: list[PrinterRow]
    scans: list[Scan]
    notices: list[AcsRecord]


@dataclass(frozen=True, slots=True)
class Piece:
    """A mail piece that is printed on `day` and goes from `HOME` to `place`."""

    imb: str
    day: date
    place: Place
    marketing: bool
    """Marketing mail takes longer."""


_ORIGIN_PRIMARY = ("141", "Phase 1a - Origin Primary")
_ORIGIN_SECONDARY = ("138", "Phase 1b - Origin Secondary")
_ARRIVAL = ("893", "Phase 2a - Destination MMP")
_PRIMARY = ("464", "Phase 2c - Destination Primary")
_FIRST_PASS = ("918", "Phase 3c - Destination Sequenced Carrier Sortation")
_SECOND_PASS = ("919", "Phase 3c - Destination Sequenced Carrier Sortation")
_DELIVERY = ("517", "Phase 4c - Delivery")
_FORWARDING = ("291", "PARS Processing")

_NIXIES = (
    "A",
    "I",
    "N",
    "S",
    "V",
)  # attempted - not known, insufficient address, no such number, no such street, vacant
_NEVER_SCANNED = 0.02
_RETURNED = 0.022
_FORWARDED = 0.018


def travel(random: Random, piece: Piece) -> Journey:
    """One of the ways that a piece can go."""
    reports = _produced(random, piece)
    fate = random.random()
    if fate < _NEVER_SCANNED:
        return Journey(reports, [], [])
    days = piece.place.days + random.choice((0, 0, 0, 1)) + (random.randint(2, 5) if piece.marketing else 0)
    end = postal_day(piece.day, days)
    scanner = _Scanner(random, piece, end)
    scans = [*scanner.outward()]
    if fate < _NEVER_SCANNED + _RETURNED:
        back = postal_day(end, random.randint(2, 4))
        return Journey(reports, [*scans, scanner.forwarding()], [AcsRecord(piece.imb, random.choice(_NIXIES), back)])
    if fate < _NEVER_SCANNED + _RETURNED + _FORWARDED:
        scans.append(scanner.forwarding())
        address = f"{random.randint(10, 990)} Ferry Landing, {piece.place.city} {piece.place.state} {piece.place.zip}"
        scanner.end = postal_day(end, random.randint(3, 5))
        return Journey(reports, [*scans, *scanner.last_mile()], [AcsRecord(piece.imb, "COA", end + _DAY, address)])
    return Journey(reports, [*scans, *scanner.last_mile()], [])


def postal_day(day: date, days: int) -> date:
    """`days` days further, Sundays not counted."""
    while days:
        day += _DAY
        days -= day.weekday() != 6
    return day


def _produced(random: Random, piece: Piece) -> list[PrinterRow]:
    """The printer's three reports, the hand-over after the last pick-up."""
    steps = (("rendered", time(8, 10), 40), ("printed", time(11, 0), 200), ("handed_over", time(17, 30), 50))
    return [
        PrinterRow(piece.imb, code, _at(random, piece.day, earliest, minutes, HOME.zone))
        for code, earliest, minutes in steps
    ]


@dataclass(slots=True)
class _Scanner:
    """The machines on a piece's way; each misses some. `end` is the day on which it reaches its recipient."""

    random: Random
    piece: Piece
    end: date

    def outward(self) -> Iterator[Scan]:
        """From the first machine to the destination's plant."""
        day = self.piece.day
        arrival = max(day + _DAY, self.end - 2 * _DAY)
        if self._seen(0.88):
            yield self._scan(day, time(21, 0), 130, _ORIGIN_PRIMARY, HOME)
        if self._seen(0.6):
            yield self._scan(day, time(23, 15), 44, _ORIGIN_SECONDARY, HOME)
        if self._seen(0.55):
            yield self._scan(arrival, time(9, 0), 300, _ARRIVAL, self.piece.place)
        if self._seen(0.85):
            yield self._scan(arrival, time(16, 0), 240, _PRIMARY, self.piece.place)

    def last_mile(self) -> Iterator[Scan]:
        """The carrier's sequence at night, the delivery in the morning."""
        place = self.piece.place
        if self._seen(0.8):
            yield self._scan(self.end - _DAY, time(22, 0), 110, _FIRST_PASS, place)
        if self._seen(0.92):
            yield self._scan(self.end, time(3, 20), 150, _SECOND_PASS, place)
        if self._seen(0.85):
            office = Facility(int(place.zip), f"{place.city.upper()} DELIVERY OFFICE", place.city, place.state)
            yield self._scan(self.end, time(10, 15), 320, _DELIVERY, place, office, "L")

    def forwarding(self) -> Scan:
        return self._scan(self.end, time(13, 0), 90, _FORWARDING, self.piece.place)

    def _seen(self, rate: float) -> bool:
        return self.random.random() < rate

    def _scan(
        self,
        day: date,
        earliest: time,
        minutes: int,
        step: tuple[str, str],
        place: Place,
        facility: Facility | None = None,
        handling: str = "A",
    ) -> Scan:
        return Scan(
            imb=self.piece.imb,
            occurred_at=_at(self.random, day, earliest, minutes, place.zone),
            operation=step[0],
            phase=step[1],
            handling=handling,
            facility=facility or Facility(int(place.plant_zip), place.plant, place.city, place.state),
            machine="DBCS-014" if handling == "A" else "",
            expected=self.end,
        )


def _at(random: Random, day: date, earliest: time, minutes: int, zone: str) -> datetime:
    """Some time on `day`, local, at most `minutes` after `earliest`."""
    started = datetime.combine(day, earliest, ZoneInfo(zone))
    return started + timedelta(seconds=random.randrange(minutes * 60))
