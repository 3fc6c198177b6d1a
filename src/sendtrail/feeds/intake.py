"""What one read of a feed gathers."""

from datetime import UTC, tzinfo
from typing import NamedTuple

from sendtrail.domain.observation import Facility, Observation, Problem

DAY_MS = 86_400_000
FULL = 20_000
"""Observations of a batch, roughly: a batch closes after the block that fills it."""
FULL_OF_PROBLEMS = 2_000
RAW = 4096
"""Bytes of a refused record that are kept."""
SHOWN = 40
"""Characters of a bad value that a reason quotes."""


class FieldError(ValueError):
    """A record that cannot be taken: one line that names the field and says what would be right."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Damaged(Exception):
    """The bytes end early or stop making sense; everything before was given. The text is one line for people."""

    cut_off = b""
    """What was begun and could not be read to its end."""


class Batch(NamedTuple):
    observations: list[Observation]
    problems: list[Problem]
    facilities: dict[int, Facility]
    """Facilities that this read had not named before, by ZIP."""
    format: str
    incomplete: bool = False
    """Some of the file could not be read at all: its end is missing, or it is damaged."""


class Intake:
    """Gathers observations, problems and facilities until a batch is full."""

    def __init__(self, now_ms: int, zone: tzinfo = UTC) -> None:
        self.zone = zone
        """The organization's: reports without an offset, such as a printer's, are in it."""
        self.latest = now_ms + DAY_MS
        """Milliseconds from 2020 after which a time is refused as lying in the future."""
        self.line = 0
        """Lines or elements read so far, over all parts of the file."""
        self.format = ""
        self.observations: list[Observation] = []
        self.problems: list[Problem] = []
        self.facilities: dict[int, Facility] = {}
        self._named: set[int] = set()
        self._incomplete = False

    def refuse(self, line: int, reason: str, raw: bytes) -> None:
        self.problems.append(Problem(line, reason.translate(_CONTROLS), raw[:RAW]))

    def refuse_rest(self, reason: str, raw: bytes) -> None:
        """What cannot be read because of the file as a whole, on the line after the last."""
        self._incomplete = True
        self.line += 1
        self.refuse(self.line, reason, raw)

    def name_facility(self, zip5: int, name: str, city: str, state: str, locale: str) -> None:
        """Keep a facility unless this read has named it already."""
        if zip5 and name and zip5 not in self._named:
            self._named.add(zip5)
            self.facilities[zip5] = Facility(zip5, clean(name), clean(city), clean(state), clean(locale))

    def is_full(self) -> bool:
        return len(self.observations) >= FULL or len(self.problems) >= FULL_OF_PROBLEMS

    def batch(self) -> Batch:
        """What was gathered since the last batch."""
        batch = Batch(self.observations, self.problems, self.facilities, self.format, self._incomplete)
        self.observations, self.problems, self.facilities = [], [], {}
        return batch


_CONTROLS = dict.fromkeys((*range(32), 127, *range(0x80, 0xA0), *range(0xD800, 0xE000)), " ")


def clean(text: str) -> str:
    """Text that a database and a page can show: no control characters, no outer blanks, at most 200 characters."""
    return text.translate(_CONTROLS).strip()[:200]


def shown(value: object) -> str:
    """A value as a reason quotes it."""
    text = clean(str(value))
    return f'"{text[:SHOWN]}…"' if len(text) > SHOWN else f'"{text}"'
