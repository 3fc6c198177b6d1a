"""Trails for tests, written briefly: `trail("03-02 09:00 created", "03-05 22:10 out_for_delivery scanned 10001")`.

Each text is a day and time of 2026 in UTC, a code, and optionally an evidence and a facility's ZIP. The source is the
one that such an event commonly has.
"""

from datetime import UTC, datetime

from hypothesis import strategies as st

from sendtrail.domain.events import BY_CODE_AND_EVIDENCE, CODES, Evidence, Kind, Source
from sendtrail.domain.phases import CODE_BY_PHASE, Phase
from sendtrail.domain.trail import Event

_PHASES = {code: phase for phase, code in reversed(CODE_BY_PHASE.items())}
_BY_THE_RECIPIENT = {"link_opened", "goal_reached", "opened", "clicked", "redeemed"}
_BY_THE_PRINTER = {"rendered", "addressed", "printed", "reprinting", "handed_over"}
_BY_CARRIERS = {
    "in_transit",
    "in_local_area",
    "out_for_delivery",
    "delivery_attempted",
    "pickup_available",
    "delivered",
}


def at(text: str) -> datetime:
    """`03-02 09:00` of 2026, UTC."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def event(text: str, seq: int = 1, detail: dict[str, object] | None = None, source: Source | None = None) -> Event:
    day, time, code, *rest = text.split()
    default = "scanned" if code in _PHASES else "reported"
    evidence = Evidence[(rest[0] if rest else default).upper()]
    source = source if source is not None else _source(code, evidence)
    return Event(
        seq,
        code,
        at(f"{day} {time}"),
        at(f"{day} {time}"),
        source,
        evidence,
        zip=rest[1] if rest[1:] else "",
        phase=_PHASES.get(code, Phase.NONE) if source is Source.USPS else Phase.NONE,
        detail=detail,
    )


def trail(*texts: str) -> list[Event]:
    return [event(text, seq) for seq, text in enumerate(texts, 1)]


def _source(code: str, evidence: Evidence) -> Source:
    if evidence is Evidence.INFERRED:
        return Source.SYSTEM
    if code in _BY_THE_RECIPIENT:
        return Source.RECIPIENT
    if evidence is not Evidence.REPORTED:
        return Source.USPS
    if code in _BY_CARRIERS:
        return Source.CARRIER
    return Source.PRINTER if code in _BY_THE_PRINTER else Source.PERSON


def any_trail(kind: Kind, max_size: int = 12) -> st.SearchStrategy[list[Event]]:
    """Any events of a kind in any order, on few moments so that ties are common; no event twice."""
    codes = [code for code in CODES if any(kind in t.kinds for t in BY_CODE_AND_EVIDENCE.values() if t.code == code)]
    events = st.builds(
        Event,
        seq=st.just(0),
        code=st.sampled_from(codes),
        occurred_at=st.integers(1, 9).map(lambda day: datetime(2026, 3, day, tzinfo=UTC)),
        recorded_at=st.just(datetime(2026, 4, 1, tzinfo=UTC)),
        source=st.sampled_from(Source),
        evidence=st.sampled_from(Evidence),
        zip=st.sampled_from(["", "10001"]),
    )
    return st.lists(events, unique=True, max_size=max_size)
