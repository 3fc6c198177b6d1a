"""How a mail piece is made, and what its printer says of that: seldom late, seldom nothing, now and then twice."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

from sendtrail.simulator.days import moment, working_day
from sendtrail.simulator.formats import PrinterRow
from sendtrail.simulator.places import Region
from sendtrail.simulator.telling import Told

_HELD = 0.006
_RESUMED = 0.78
_FAILED = 0.0012
_REPRINTED = 0.006
_MISSING = 0.012
_LATE = 0.025
_REPORT_HOUR = 19.25
"""Local time at which a printer writes its file of the day."""
_HOLDS = ("Address incomplete", "Artwork to be confirmed", "Insert not in stock")
_FAILURES = ("Image resolution too low", "Text outside the printable area")


@dataclass(frozen=True, slots=True)
class Site:
    """A place where mail is printed. One that `tells_days` says of a hand-over only on which day it was."""

    region: Region
    tells_days: bool = False


@dataclass(slots=True)
class Produced:
    """What the printer tells; `handed_on` is None for a piece that was never made."""

    reports: list[Told[PrinterRow]] = field(default_factory=list)
    handed_on: date | None = None


def produce(random: Random, imb: str, day: date, site: Site, *, bulk: bool) -> Produced:
    """Make a piece whose turn is on `day`: at once, or in the two days that a larger job takes."""
    made = Produced()
    press = _Press(random, imb, site, made)
    if random.random() < _HELD:
        press.say("held", day, 7.6, 0.3, random.choice(_HOLDS))
        if random.random() > _RESUMED:
            return made
        day = working_day(day, random.randint(1, 3))
        press.say("resumed", day, 7.6, 0.3)
    if random.random() < _FAILED:
        press.say("failed", day, 8, 1, random.choice(_FAILURES))
        return made
    press.say("rendered", day, 8, 1)
    press.say("addressed", day, 9.2, 1.5)
    printed = working_day(day, random.randint(0, 1)) if bulk else day
    press.say("printed", printed, 11, 3.5)
    if random.random() < _REPRINTED:
        press.say("reprinting", printed, 14.6, 0.5, "Damaged in the folder")
        press.say("printed", printed, 15.2, 0.6)
    made.handed_on = working_day(day, 2) if bulk else day
    press.hand_over(made.handed_on)
    return made


class _Press:
    def __init__(self, random: Random, imb: str, site: Site, made: Produced) -> None:
        self._random, self._imb, self._site, self._made = random, imb, site, made

    def say(self, code: str, day: date, hour: float, hours: float, note: str = "") -> None:
        at = moment(self._random, day, hour, hours, self._site.region.zone)
        self._tell(PrinterRow(self._imb, code, at, note), day, _REPORT_HOUR)

    def hand_over(self, day: date) -> None:
        if self._site.tells_days:  # told the next morning, when the day is over everywhere
            self._tell(PrinterRow(self._imb, "handed_over", day), day, 30)
        else:
            self.say("handed_over", day, 16.2, 1.8)

    def _tell(self, row: PrinterRow, day: date, hour: float) -> None:
        random = self._random
        if random.random() < _MISSING:
            return
        told: datetime = moment(random, day, hour, 0.4, self._site.region.zone).astimezone(UTC)
        if random.random() < _LATE:
            told += timedelta(days=random.randint(1, 9))
        self._made.reports.append(Told(told, row))
