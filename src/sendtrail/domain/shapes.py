"""What of a trail decides its words: which events it has, and in which order of time.

Millions of sends have few shapes, so a table of them all is told shape by shape instead of send by send. A vocabulary
that asks for more than a shape knows would tell another word here than `vocabularies.tell` does of the send itself: the
tests hold the two against each other.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sendtrail.domain.events import CODE_BY_ID, Evidence, Kind, Source
from sendtrail.domain.facts import Facts
from sendtrail.domain.packing import ITEM, Layout, from_ms
from sendtrail.domain.trail import Event
from sendtrail.domain.vocabularies import tell

MEANING = Layout("meaning", (("code", 6), ("source", 3), ("evidence", 3)))
"""What an event says, whenever it says it."""
_MS = ITEM.shift("ms")
_SELECTOR = (1 << _MS) - 1
_UNKNOWN = -1


class Shape(NamedTuple):
    """Sends of one shape are told alike. `meanings` by time; `moments`: for each the place of its moment among all, in
    order, empty where no two happened at once."""

    kind: int
    post: str
    meanings: tuple[int, ...]
    moments: tuple[int, ...] = ()


def shape_of(kind: int, post: str, trail: Sequence[int], meanings: Mapping[int, int]) -> Shape:
    """The shape of a trail of packed items in order of arrival, `meanings` by the part of an item that is not its time.

    Responses count as far as vocabularies tell them: by people.
    """
    times = {item >> _MS for item in trail}
    if len(times) == len(trail):
        return Shape(kind, post, tuple([meanings[item & _SELECTOR] for item in sorted(trail)]))
    events = [(item >> _MS, meanings[item & _SELECTOR]) for item in trail]
    events.sort(key=itemgetter(0))  # of those at once the one that came first
    places = {ms: place for place, ms in enumerate(sorted(times))}
    return Shape(kind, post, tuple(meaning for _, meaning in events), tuple(places[ms] for ms, _ in events))


class Spelling:
    """The meanings of many trails at once, for those that tell their events one after the other: nearly all."""

    def __init__(self, meaning: Callable[[int], int]) -> None:
        """`meaning`: of the part of an item that is not its time."""
        self._meaning = meaning
        self._meanings = np.full(_SELECTOR + 1, _UNKNOWN, np.int16)

    def spelled(self, items: NDArray[np.int64], lengths: Sequence[int]) -> list[bytes | None]:
        """For each trail, of which `items` has so many, the meanings in order; None where its events are not in order
        of time, or some happened at once. Trails that are spelled alike have one shape, if of one kind and post."""
        selectors = items & _SELECTOR
        meanings = self._meanings[selectors]
        if _UNKNOWN in meanings:
            for selector in np.unique(selectors[meanings == _UNKNOWN]).tolist():
                self._meanings[selector] = self._meaning(selector)
            meanings = self._meanings[selectors]
        ends = np.cumsum([0, *lengths])
        moments = items >> _MS
        falling = np.flatnonzero(moments[1:] <= moments[:-1]) + 1  # where an event is no later than the one before it
        spoilt = set(np.searchsorted(ends, np.setdiff1d(falling, ends), side="right").tolist())
        text = meanings.tobytes()
        return [
            None if place in spoilt else text[2 * start : 2 * end]
            for place, (start, end) in enumerate(pairwise(ends.tolist()), 1)
        ]


def tell_shape(shape: Shape) -> dict[str, object]:
    """As `vocabularies.tell`, but for the moments that it names: these are places."""
    moments = shape.moments or range(len(shape.meanings))
    trail = [_event(seq, *each) for seq, each in enumerate(zip(shape.meanings, moments, strict=True), 1)]
    return tell(trail, Facts(Kind(shape.kind), shape.post))


def _event(seq: int, meaning: int, moment: int) -> Event:
    said = MEANING.unpack(meaning)
    when = from_ms(moment)
    return Event(
        seq=seq,
        code=CODE_BY_ID[said["code"]],
        occurred_at=when,
        recorded_at=when,
        source=Source(said["source"]),
        evidence=Evidence(said["evidence"]),
    )
