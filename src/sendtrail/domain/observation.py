"""What a feed gives: one fact about one send, normalised, not yet matched to a send."""

import json
from collections.abc import Mapping
from typing import NamedTuple
from zlib import crc32

from sendtrail.domain.events import ID_BY_CODE, Evidence, Source
from sendtrail.domain.packing import ITEM, NO_OPERATION


class Observation(NamedTuple):
    """One fact, packed for the pipeline.

    The send is named by `mid_serial` (Mailer ID and serial number, the last 15 of a tracking code's 20 digits, as an
    integer) or, where that is 0, by `send` (a send's id or tracking number, as text).
    """

    mid_serial: int
    item: int
    """Packed by `packing.ITEM`."""
    zip: int = 0
    """The facility's five digits, 0 where not given."""
    zoneless: bool = False
    """The scan's local time had no offset and its facility no known time zone: the text was read as if UTC."""
    expected: int = 0
    """Expected delivery as days from 2020-01-01, 0 where not given."""
    label: int = 0
    """The rest of the barcode as read: barcode identifier, service type (5 digits), then the routing code's ZIP
    (5 digits, 0 where none). The first five must be the printed ones; a ZIP that differs is noted."""
    send: str = ""
    detail: str = ""
    """JSON object of what does not fit above: a reason, a new address, raw values that we do not know. Mostly empty."""
    line: int = 0
    """Where it stood in the file; given where `send` is, since only then can its send turn out not to exist."""


class Problem(NamedTuple):
    """A line, record or array element that could not be taken: kept with its reason, never lost."""

    line: int
    """Counted from 1: the line of a text file, the element of an `events` array."""
    reason: str
    """One line: the field, and what would be right."""
    raw: bytes
    """As it came, cut to 4,096 bytes."""


class Facility(NamedTuple):
    """A postal facility as feeds name it."""

    zip: int
    name: str
    city: str
    state: str
    locale: str = ""


def as_detail(values: Mapping[str, str]) -> str:
    """The `detail` of an observation: what is not empty, in one spelling, since it is part of an event's identity."""
    said = {key: text for key, text in values.items() if text}
    return json.dumps(said, ensure_ascii=False, sort_keys=True) if said else ""


_SHIFT_MS = ITEM.shift("ms")
_SHIFT_SUB = ITEM.shift("sub")
_SHIFT_OP = ITEM.shift("op")
_SHIFT_SOURCE = ITEM.shift("source")


def scan_item(ms: int, phase: int, operation: int, evidence: Evidence) -> int:
    """The item of a postal scan; `phase` by `domain.phases`, 0 for none; `operation` 0 to 999 or NO_OPERATION."""
    return ms << _SHIFT_MS | phase << _SHIFT_SUB | operation << _SHIFT_OP | Source.USPS << _SHIFT_SOURCE | evidence


def event_item(ms: int, code: str, source: Source, evidence: Evidence, detail: str = "") -> int:
    """The item of anything but a postal scan.

    What it says beyond its code belongs to it: two reports of one moment with different reasons are two facts. A digest
    of `detail` stands in `op`, which only scans use otherwise.
    """
    return (
        ms << _SHIFT_MS
        | ID_BY_CODE[code] << _SHIFT_SUB
        | (crc32(detail.encode()) % NO_OPERATION if detail else NO_OPERATION) << _SHIFT_OP
        | source << _SHIFT_SOURCE
        | evidence
    )
