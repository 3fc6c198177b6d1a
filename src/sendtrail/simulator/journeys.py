"""How a mail piece travels: which machines see it and when, and what becomes of it.

Days by class and distance follow the post's standards (First-Class by hours of driving, 2021 rule: 2 days up to 3
hours, 3 up to 20, 4 up to 41, else 5; Marketing Mail 3 to 10 days) and its measured performance: about nine of ten
First-Class pieces and nineteen of twenty Marketing pieces come in time, the others a day or a few late.
"""

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from random import Random
from typing import NamedTuple

from sendtrail.domain.observation import Facility
from sendtrail.simulator.days import moment, moving_day, moving_day_before, moving_days_between
from sendtrail.simulator.formats import AcsRecord, Scan
from sendtrail.simulator.people import street
from sendtrail.simulator.places import Region, miles, office, region_of, regions
from sendtrail.simulator.steps import (
    CARRIER_ROUTE,
    FLAT,
    LETTER,
    MISCELLANEOUS,
    POSTMARK,
    TRUCK,
    Step,
    Way,
)

_MILES_OF_DAYS = {"first_class": ((125, 830, 1700), 2), "marketing": ((150, 600, 1400, 2600), 4)}
"""Miles up to which each further day is allowed, and the days of the nearest."""
_EARLY = {"first_class": 0.16, "marketing": 0.30}
_LATE = {"first_class": 0.095, "marketing": 0.055}
_DAYS_LATE = (1, 1, 1, 1, 1, 2, 2, 3, 4)
MAIL_CLASS = {"first_class": "First-Class Mail", "marketing": "USPS Marketing Mail"}

_NEVER_SCANNED = {"Letter": 0.011, "Flat": 0.03}
_LOST = 0.0015
_DELIVERED_BEFORE_FORWARDING = 0.0012
"""Taken out of the mailbox again, since the addressee has moved."""
_RESORTED = 0.02
_MISCELLANEOUS = 0.004
_UNKNOWN_PHASE = 0.003
_BY_CONTAINER = 0.3
"""Of pieces entered in trays that are nested in the mailer's documents."""
_DESK = 0.12
"""Of returned First-Class pieces: no record comes, somebody finds them in the returned mail."""
_DETOUR = 1.5
_HUBS = ("Indianapolis", "Dallas", "Saint Louis", "Salt Lake City", "Atlanta", "Harrisburg")

_NIXIES = "AAAAAANNNNIIISSVVVQQQRKKKGPLX"
"""By how often they are given. None is unclaimed: nothing here is kept to be collected."""
_MOVES = ("COA", "F", "F", "F", "I", "I", "B", "W")


class Fate(Enum):
    """What becomes of a piece, seen or not."""

    DELIVERED = "delivered"
    FORWARDED = "forwarded"
    RETURNED = "returned"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Piece:
    """A mail piece that the post at `origin` gets on `day`."""

    imb: str
    day: date
    origin: Region
    destination: Region
    city: str
    zip: str
    """Five digits."""
    mailing_class: str
    flat: bool = False
    loose: bool = False
    """Put into a mailbox rather than entered in trays."""
    returned: float = 0.015
    forwarded: float = 0.014


class Notice(NamedTuple):
    """An ACS record and the day on which the post sends it."""

    record: AcsRecord
    sent: date


@dataclass(slots=True)
class Journey:
    """All that happens to one piece, in no particular order; `delivered_on` where it reached a mailbox."""

    fate: Fate
    delivered_on: date | None = None
    scans: list[Scan] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    desk: datetime | None = None
    """When somebody found it in the returned mail, where no record tells that it came back."""


def standard_days(start: Region, end: Region, mailing_class: str) -> int:
    """Days on which mail moves until a piece is to be delivered, the day of its entry not counted."""
    bounds, nearest = _MILES_OF_DAYS[mailing_class]
    return nearest + bisect_left(bounds, miles(start, end))


def travel(random: Random, piece: Piece) -> Journey:
    """One of the ways that a piece can go."""
    standard = standard_days(piece.origin, piece.destination, piece.mailing_class)
    chance = random.random()
    early, late = _EARLY[piece.mailing_class], _LATE[piece.mailing_class]
    days = standard
    if chance < late:
        days += random.choice(_DAYS_LATE)
    elif chance > 1 - early and standard > 2:
        days -= 1
    end = moving_day(piece.day, days)
    machines = _Machines(random, piece, moving_day(piece.day, standard))
    chance = random.random()
    unseen = random.random() < _NEVER_SCANNED[machines.way.shape]
    if chance < _LOST:
        journey = Journey(Fate.LOST)
        machines.origin()
    elif chance < _LOST + piece.returned:
        journey = _return(random, piece, machines, end)
    elif chance < _LOST + piece.returned + piece.forwarded:
        journey = _forward(random, piece, machines, end)
    else:
        journey = Journey(Fate.DELIVERED, end)
        machines.outward(end)
        machines.last_mile(end, piece.destination, piece.city, piece.zip)
    journey.scans = [] if unseen else machines.scans
    return journey


def _return(random: Random, piece: Piece, machines: "_Machines", end: date) -> Journey:
    """The carrier knows nobody of that name there. First-Class mail comes back, Marketing Mail is only told of."""
    journey = Journey(Fate.RETURNED)
    machines.outward(end)
    machines.see(machines.way.forwarding, end, 13, 4, piece.destination)
    noticed = moving_day(end, random.randint(1, 2))
    comes_back = piece.mailing_class == "first_class"
    back = moving_day(end, standard_days(piece.destination, piece.origin, "first_class") + random.randint(0, 2))
    if comes_back:
        machines.see(machines.way.origin_primary, moving_day(end, 1), 19, 4, piece.destination)
        machines.see(machines.way.destination_primary, moving_day_before(back), 12, 6, piece.origin)
    if comes_back and random.random() < _DESK:
        journey.desk = moment(random, back, 10, 2, piece.origin.zone)
    else:
        record = AcsRecord(piece.imb, random.choice(_NIXIES), noticed)
        journey.notices.append(Notice(record, moving_day(noticed, random.choice((1, 1, 2, 2, 3, 5)))))
    return journey


def _forward(random: Random, piece: Piece, machines: "_Machines", end: date) -> Journey:
    """The addressee moved: most not far. Marketing Mail is thrown away, and only told of."""
    machines.outward(end)
    caught = end
    if random.random() < _DELIVERED_BEFORE_FORWARDING / piece.forwarded:
        machines.last_mile(end, piece.destination, piece.city, piece.zip)
        caught = moving_day(end, 1)
    machines.see(machines.way.forwarding, caught, 13, 4, piece.destination)
    near = random.random() < 0.7
    home = piece.destination if near else random.choice(regions())
    delivery = random.choice(home.deliveries)
    address = f"{street(random)}, {delivery.city} {home.plant.state} {delivery.zip}"
    noticed = moving_day(caught, 1)
    record = AcsRecord(piece.imb, random.choice(_MOVES), noticed, address)
    sent = moving_day(noticed, random.choice((1, 1, 2, 3, 4)))
    if piece.mailing_class != "first_class":
        return Journey(Fate.LOST, notices=[Notice(record, sent)])
    again = moving_day(caught, standard_days(piece.destination, home, "first_class") + random.choice((0, 0, 1)))
    machines.relabel(delivery.zip, again)
    machines.see(machines.way.destination_primary, moving_day_before(again), 12, 6, home)
    machines.last_mile(again, home, delivery.city, delivery.zip)
    return Journey(Fate.FORWARDED, again, notices=[Notice(record, sent)])


class _Machines:
    """What sees a piece on its way; each machine misses some."""

    def __init__(self, random: Random, piece: Piece, expected: date) -> None:
        self.way: Way = FLAT if piece.flat else LETTER
        self.scans: list[Scan] = []
        self._random = random
        self._piece = piece
        self._expected = expected
        self._imb = piece.imb
        self._mail_class = MAIL_CLASS[piece.mailing_class]

    def origin(self) -> None:
        """The evening and the night after entry."""
        piece, way = self._piece, self.way
        if piece.loose:
            self.see(POSTMARK, piece.day, 18.5, 1.5, piece.origin)
        self.see(way.origin_primary, piece.day, 20, 2.5, piece.origin)
        if miles(piece.origin, piece.destination) > 60:
            self.see(way.origin_secondary, piece.day, 22.6, 1.3, piece.origin)

    def outward(self, end: date) -> None:
        """From entry to the plant that sorts for the recipient, which must have the piece the day before `end`."""
        random, piece, way = self._random, self._piece, self.way
        self.origin()
        last = moving_day_before(end)
        spare = moving_days_between(piece.day, last)
        arrived = moving_day(piece.day, spare - random.randint(0, max(spare - 2, 0))) if spare else last
        nested = spare > 2 and not piece.loose and random.random() < _BY_CONTAINER
        if nested and (hub := _hub(piece.origin, piece.destination)):
            self.see(TRUCK, moving_day(piece.day, 1), 5, 10, hub)
        if arrived > piece.day:
            self.see(way.arrival, arrived, 4, 6, piece.destination)
        sorted_on = arrived if arrived > piece.day and random.random() < 0.6 else last
        self._expected = end if random.random() < 0.9 else self._expected
        if sorted_on > piece.day:
            self.see(way.local_sort, sorted_on, 10.2, 3, piece.destination)
        if last > piece.day:
            self.see(way.destination_primary, last, 14, 6, piece.destination)
            if random.random() < _RESORTED:
                self.see(way.destination_primary, last, 20.2, 1, piece.destination)
        if random.random() < _MISCELLANEOUS:
            self.see(MISCELLANEOUS, last if last > piece.day else end, 21.5, 1, piece.destination)

    def last_mile(self, end: date, region: Region, city: str, zip_: str) -> None:
        """The carrier's sequence before dawn, the mailbox between morning and evening."""
        way = self.way
        if way.secondary:
            self.see(way.secondary, end, 0.5, 4, region)
        if way.first_pass and way.second_pass:
            self.see(way.first_pass, end, 0.2, 2, region)
            self.see(way.second_pass, end, 2.4, 3, region)
        if self._random.random() < _UNKNOWN_PHASE:
            self.see(CARRIER_ROUTE, end, 6, 2, region)
        self.see(way.delivery, end, 9.5, 8, region, office(zip_, city, region.plant.state))

    def relabel(self, zip_: str, expected: date) -> None:
        """From here on a yellow label covers the address: some machines read its ZIP in place of the printed one."""
        self._expected = expected
        if self._random.random() < 0.4:
            self._imb = self._piece.imb[:20] + zip_

    def see(
        self, step: Step, day: date, hour: float, hours: float, region: Region, facility: Facility | None = None
    ) -> None:
        """A scan within `hours` after `hour` o'clock, unless the machine misses it."""
        random = self._random
        if random.random() < step.missed:
            return
        machine = f"{step.machine}-{int(random.random() * 40) + 1:03d}" if step.machine else ""
        self.scans.append(
            Scan(
                imb=self._imb,
                occurred_at=moment(random, day, hour, hours, region.zone),
                operation=step.operation,
                phase=step.phase,
                handling=step.handling,
                facility=facility or region.plant,
                machine=machine,
                expected=self._expected,
                mail_class=self._mail_class,
                shape=self.way.shape,
            )
        )


@lru_cache(maxsize=16_384)
def _hub(start: Region, end: Region) -> Region | None:
    """Where containers change trucks: the hub that lies best on the way, if one does."""
    hubs = [region_of(city) for city in _HUBS]
    best = min(hubs, key=lambda hub: miles(start, hub) + miles(hub, end))
    on_the_way = miles(start, best) + miles(best, end) < _DETOUR * miles(start, end)
    return best if on_the_way and best not in (start, end) else None


def in_another_pass(random: Random, scan: Scan) -> Scan:
    """The same sorter saw the piece once before, some minutes earlier."""
    return replace(scan, occurred_at=scan.occurred_at - timedelta(seconds=random.randint(200, 1_100)))
