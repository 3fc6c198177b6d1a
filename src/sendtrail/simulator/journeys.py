"""How a piece of mail travels: who sees it, when, and what goes unseen.

Rates are rough readings of published ones: nearly every letter is scanned at all, one sorting step or another is
missed, deliveries are logical events, one or two of a hundred come back.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sendtrail.domain.observation import Facility
from sendtrail.simulator.places import HOME, Place

_DAY = timedelta(days=1)


class Scan(NamedTuple):
    """One postal scan."""

    at: datetime
    """Aware, in the facility's time zone, whole seconds."""
    operation: str
    """Three digits."""
    phase: str
    handling: str
    """A actual, L logical."""
    facility: Facility


class Notice(NamedTuple):
    """What ACS tells: a nixie (`code` says why the piece came back) or a change of address."""

    on: date
    code: str
    new_address: str = ""
    """Empty for a nixie."""


class Report(NamedTuple):
    """What the printer says about a piece."""

    code: str
    at: datetime


class Journey(NamedTuple):
    """All that happens to one mail piece, in no particular order."""

    reports: list[Report]
    scans: list[Scan]
    notices: list[Notice]


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


def produced(random: Random, day: date) -> list[Report]:
    """The printer's three reports on a send date, the hand-over after the last pick-up."""
    return [
        Report("rendered", _at(random, day, time(8, 10), 40, HOME.zone)),
        Report("printed", _at(random, day, time(11, 0), 200, HOME.zone)),
        Report("handed_over", _at(random, day, time(17, 30), 50, HOME.zone)),
    ]


def travel(random: Random, day: date, place: Place, *, marketing: bool) -> Journey:
    """A piece that is printed on `day` and goes from `HOME` to `place`; marketing mail takes longer."""
    reports = produced(random, day)
    fate = random.random()
    if fate < _NEVER_SCANNED:
        return Journey(reports, [], [])
    days = place.days + random.choice((0, 0, 0, 1)) + (random.randint(2, 5) if marketing else 0)
    end = postal_day(day, days)
    scans = list(_outward(random, day, end, place))
    if fate < _NEVER_SCANNED + _RETURNED:
        back = postal_day(end, random.randint(2, 4))
        scans.append(_scan(random, end, time(13, 0), 90, _FORWARDING, _plant(place), place.zone))
        return Journey(reports, scans, [Notice(back, random.choice(_NIXIES))])
    if fate < _NEVER_SCANNED + _RETURNED + _FORWARDED:
        scans.append(_scan(random, end, time(13, 0), 90, _FORWARDING, _plant(place), place.zone))
        street = f"{random.randint(10, 990)} Ferry Landing"
        notice = Notice(end + _DAY, "K", f"{street}, {place.city} {place.state} {place.zip}")
        end = postal_day(end, random.randint(3, 5))
        return Journey(reports, [*scans, *_last_mile(random, end, place)], [notice])
    return Journey(reports, [*scans, *_last_mile(random, end, place)], [])


def postal_day(day: date, days: int) -> date:
    """`days` days further, Sundays not counted."""
    while days:
        day += _DAY
        days -= day.weekday() != 6
    return day


def _outward(random: Random, day: date, end: date, place: Place) -> Iterator[Scan]:
    home, plant = _plant(HOME), _plant(place)
    if random.random() < 0.88:
        yield _scan(random, day, time(21, 0), 130, _ORIGIN_PRIMARY, home, HOME.zone)
    if random.random() < 0.6:
        yield _scan(random, day, time(23, 15), 44, _ORIGIN_SECONDARY, home, HOME.zone)
    arrival = max(day + _DAY, end - 2 * _DAY)
    if random.random() < 0.55:
        yield _scan(random, arrival, time(9, 0), 300, _ARRIVAL, plant, place.zone)
    if random.random() < 0.85:
        yield _scan(random, arrival, time(16, 0), 240, _PRIMARY, plant, place.zone)


def _last_mile(random: Random, end: date, place: Place) -> Iterator[Scan]:
    plant = _plant(place)
    if random.random() < 0.8:
        yield _scan(random, end - _DAY, time(22, 0), 110, _FIRST_PASS, plant, place.zone)
    if random.random() < 0.92:
        yield _scan(random, end, time(3, 20), 150, _SECOND_PASS, plant, place.zone)
    if random.random() < 0.85:
        office = Facility(int(place.zip), f"{place.city.upper()} DELIVERY OFFICE", place.city, place.state)
        yield _scan(random, end, time(10, 15), 320, _DELIVERY, office, place.zone, "L")


def _plant(place: Place) -> Facility:
    return Facility(int(place.plant_zip), place.plant, place.city, place.state)


def _scan(
    random: Random,
    day: date,
    earliest: time,
    minutes: int,
    step: tuple[str, str],
    facility: Facility,
    zone: str,
    handling: str = "A",
) -> Scan:
    return Scan(_at(random, day, earliest, minutes, zone), *step, handling, facility)


def _at(random: Random, day: date, earliest: time, minutes: int, zone: str) -> datetime:
    """Some time on `day`, local, at most `minutes` after `earliest`."""
    started = datetime.combine(day, earliest, ZoneInfo(zone))
    return started + timedelta(seconds=random.randrange(minutes * 60))
