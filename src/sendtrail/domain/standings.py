"""What a reader calls a send of which only kind and status are known: for counts, which are kept of nothing else.

A *standing* is both in one integer. Readers whose word follows from it have one word for each; one who looks at more of
the trail may have several, and then all of them are told.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from sendtrail.domain.events import CODE_BY_ID, EVENT_TYPES, EventType, Evidence, Kind
from sendtrail.domain.packing import BEST, STATUS_MASK
from sendtrail.domain.vocabularies import lob, postgrid, sendoso, stannp

STATUSES = STATUS_MASK + 1
"""A standing is its kind times this, and its status (`best & packing.STATUS_MASK`)."""

CALLED: Mapping[str, Callable[[Kind, EventType], tuple[str, ...]]] = {
    "stannp": stannp.called,
    "postgrid": postgrid.called,
    "sendoso": sendoso.called,
    "lob": lob.called,
}
"""For each reader all words that `tell` can give of a send of this kind in this status; none: it is told nothing.

Postalytics is missing: it tells what happened last, visits too, and no status says that.
"""


@dataclass(frozen=True, slots=True)
class Group:
    """All standings that a reader has the same words for. `types`: the rows of the event table in which they are."""

    words: tuple[str, ...]
    standings: frozenset[int]
    types: tuple[EventType, ...]

    @property
    def key(self) -> str:
        """Its words as one text; `-` for what the reader is not told."""
        return "|".join(self.words) or "-"


def standing(kind: int, status: int) -> int:
    """Both in one number."""
    return kind * STATUSES + status


def kind_of(number: int) -> Kind:
    """The kind in a standing."""
    return Kind(number // STATUSES)


def code_of(number: int) -> str:
    """The code of a standing's status."""
    return CODE_BY_ID[BEST.unpack(number % STATUSES)["code"]]


def of_types(types: Iterable[EventType]) -> frozenset[int]:
    """All standings of which the status is one of these."""
    return frozenset(
        standing(kind, _status(type_, evidence))
        for type_ in types
        for kind in type_.kinds
        for evidence in type_.evidence
    )


@cache
def groups(reader: str) -> tuple[Group, ...]:
    """All that a reader of CALLED tells sends apart by, in the order of a send's life; what is not told comes last."""
    found: dict[tuple[str, ...], tuple[set[int], list[EventType]]] = {}
    for type_ in EVENT_TYPES:
        for kind in sorted(type_.kinds):
            standings, types = found.setdefault(CALLED[reader](kind, type_), (set(), []))
            standings.update(standing(kind, _status(type_, evidence)) for evidence in type_.evidence)
            if type_ not in types:
                types.append(type_)
    made = [Group(words, frozenset(standings), tuple(types)) for words, (standings, types) in found.items()]
    return tuple(sorted(made, key=lambda group: not group.words))


def group_called(text: str) -> Group | None:
    """The group that a text names by its reader and key, such as `sendoso:Shipped`; None where there is none."""
    reader, _, key = text.partition(":")
    return next((each for each in groups(reader) if each.key == key), None) if reader in CALLED else None


def named(standings: Collection[int]) -> str:
    """What `group_called` knows such a group by; empty for what is none."""
    for reader in CALLED:
        for group in groups(reader):
            if group.standings == standings:
                return f"{reader}:{group.key}"
    return ""


def _status(type_: EventType, evidence: Evidence) -> int:
    return BEST.pack(stage=0, ms=0, rank=0, evidence=evidence, code=type_.id)
