"""A send's trail and the status that follows from it (law 1)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sendtrail.domain.events import CODE_BY_ID, ID_BY_CODE, SCAN_EVIDENCE, EventType, Evidence, Source, event_type
from sendtrail.domain.packing import BEST, from_ms, to_ms
from sendtrail.domain.phases import Phase


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about one send."""

    seq: int
    """Its place in the trail, counted from 1 in order of arrival."""
    code: str
    occurred_at: datetime
    """Aware, UTC."""
    recorded_at: datetime
    """Aware, UTC: when we heard of it."""
    source: Source
    evidence: Evidence
    zip: str = ""
    """The facility's five digits, empty where not given."""
    phase: Phase = Phase.NONE
    operation: str = ""
    """A postal scan's three digits, empty where not given."""
    zoneless: bool = False
    """The local time could not be resolved: it was read as if UTC."""
    detail: Mapping[str, object] | None = field(default=None, hash=False)

    @property
    def type(self) -> EventType:
        """The row of the event table."""
        return event_type(self.code, self.evidence)

    @property
    def is_scan(self) -> bool:
        """A scan by the United States post, rather than something that it reported by another way (ACS)."""
        return self.source is Source.USPS and self.evidence in SCAN_EVIDENCE


_STAGE, _MS, _RANK, _EVIDENCE = (BEST.shift(name) for name in ("stage", "ms", "rank", "evidence"))

Trail = Sequence[Event]
"""Events of one send in order of arrival. A vocabulary is also asked about the beginning of a trail, to learn what the
next event changed."""


@dataclass(frozen=True, slots=True)
class Status:
    """Where a send stands, since when (UTC), and how we know."""

    code: str
    label: str
    since: datetime
    evidence: Evidence

    @property
    def type(self) -> EventType:
        return event_type(self.code, self.evidence)


def order_key(event: Event) -> int:
    """Law 1 in one integer (`packing.BEST`): stage, then time, then rank; of equals the better known one."""
    type_ = event.type
    return (
        type_.stage << _STAGE
        | to_ms(event.occurred_at) << _MS
        | type_.rank << _RANK
        | event.evidence << _EVIDENCE
        | ID_BY_CODE[event.code]
    )


def best(trail: Iterable[Event]) -> int:
    """The key of the greatest event; 0 for a trail without events."""
    return max(map(order_key, trail), default=0)


def status(trail: Iterable[Event]) -> Status:
    """The status of a trail, whatever the order or repetition of its events. ValueError if it has none."""
    return status_of_best(best(trail))


def status_of_best(best: int) -> Status:
    """The status that a send's stored `best` stands for. ValueError for 0, a trail without events."""
    if not best:
        raise ValueError("a send without events has no status")
    fields = BEST.unpack(best)
    code, evidence = CODE_BY_ID[fields["code"]], Evidence(fields["evidence"])
    return Status(code, event_type(code, evidence).label, from_ms(fields["ms"]), evidence)
