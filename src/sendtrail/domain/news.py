"""What there is to tell of a send: from what happened to it, and what was told before, to the types that say so.

Whatever the order in which things become known, each of Postalytics' postal codes is told once and each reroute once,
and a reader's word whenever it becomes another. What was known before anybody listened is not told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sendtrail.domain import notices
from sendtrail.domain.events import EventType
from sendtrail.domain.facts import Facts
from sendtrail.domain.packing import STATUS_MASK
from sendtrail.domain.trail import Event, Trail, best, order_key, status_of_best
from sendtrail.domain.vocabularies import postalytics
from sendtrail.domain.vocabularies.postalytics import CODES, Telling
from sendtrail.domain.vocabularies.stannp import category

_REROUTED = "ReRouted"
_VISITS = {"link_opened": "pURLOpened", "goal_reached": "pURLCompleted"}


class Memory(NamedTuple):
    """What was told of a send: how many things, numbered from 1; of Postalytics' codes which (a bit for each number),
    and how many reroutes. `events`: of so many events of the trail both speak."""

    sequence: int = 0
    postal: int = 0
    reroutes: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class Grown:
    """The trail had `told` events and the best `was`; now it has more, or one of them is better known."""

    told: int
    was: int


@dataclass(frozen=True, slots=True)
class Responded:
    """A visit or a goal, as an event that has no place in the trail. `bot`: a machine's."""

    event: Event
    bot: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody changed the send. `fields`: before and after, as texts."""

    at: datetime
    fields: Mapping[str, tuple[str, str]]


Happening = Grown | Responded | Changed


class Said(NamedTuple):
    """How one type tells it: of which event (None: of a change), and by which word of which vocabulary, if any."""

    event: Event | None
    vocabulary: str = ""
    word: str = ""

    @property
    def number(self) -> int | None:
        return CODES[self.word] if self.vocabulary == "postalytics" else None


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that happened, and all types that tell of it.

    `seen`: the trail had so many events as of then, the greatest of them `best`; before that it was `before` (0: none).
    `occurred_at`: when it happened. `place`: of the happening among those given.
    """

    sequence: int
    place: int
    occurred_at: datetime
    seen: int
    best: int
    before: int
    types: Mapping[str, Said]

    @property
    def status_changed(self) -> bool:
        return _row(self.best) is not _row(self.before)


def news(
    happenings: Sequence[Happening], trail: Trail, facts: Facts, memory: Memory | None, postal: bool
) -> tuple[list[Thing], Memory]:
    """What is to be told, in order, and what was told then.

    `happenings` in their order; `trail` with all that they brought. `postal`: somebody wants to hear of Postalytics'
    codes; while nobody does, nothing is remembered of them.
    """
    teller = _Teller(trail, facts, postal)
    lengths = [each.told for each in happenings if isinstance(each, Grown)]
    teller.begin(min([*lengths[:1], len(trail)]), memory)
    things = [thing for place, each in enumerate(happenings) for thing in teller.tell(place, each, lengths)]
    return things, teller.memory


class _Teller:
    """Walks through what happened to one send. `seen`: events of the trail that were told, or need not be."""

    def __init__(self, trail: Trail, facts: Facts, postal: bool) -> None:
        self._trail = trail
        self._facts = facts
        self._postal = postal
        self._best: int | None = None
        self._seen = 0
        self.memory = Memory()

    def begin(self, seen: int, memory: Memory | None) -> None:
        self._seen = seen
        self.memory = memory if memory is not None else Memory(sequence=seen)

    def tell(self, place: int, happening: Happening, lengths: list[int]) -> Iterator[Thing]:
        match happening:
            case Grown():
                lengths.pop(0)
                told = min(happening.told, len(self._trail))
                end = min([*lengths[:1], len(self._trail)])
                yield from self._grown(place, max(told, self._seen), end, happening.was)
            case Responded():
                yield self._responded(place, happening)
            case Changed():
                said = {notices.UPDATED: Said(None)}
                yield self._thing(place, happening.at, self._now(), self._now(), said, numbered=True)

    def _grown(self, place: int, told: int, end: int, was: int) -> Iterator[Thing]:
        before = was if self._best is None else self._best
        known = self._trail[:told]
        self._best, self._seen = best(known), told
        if again := self._again(place, known, before, nothing_new=end <= told):
            yield again
        for seen in range(told + 1, end + 1):
            event = self._trail[seen - 1]
            before, self._best, self._seen = self._best, max(self._best, order_key(event)), seen
            said = {f"send.{event.code}": Said(event), **_standing(before, self._best, event)}
            said |= {f"postalytics.{each.name}": _said(each) for each in self._codes(self._trail[:seen])}
            said |= _visit(event) if event.code in _VISITS else {}
            yield self._thing(place, event.occurred_at, before, self._best, said, numbered=True)

    def _again(self, place: int, known: Trail, before: int, *, nothing_new: bool) -> Thing | None:
        """What is told of events that were told already, since one of them is better known or is another send's."""
        if not known:
            return None
        now = best(known)
        better = _better_known(known, before, now)
        codes = self._codes(known, better, heard=False)
        if now == before and not codes and not nothing_new:
            return None
        event = better or (codes[0].event if codes else None)
        said = {f"send.{event.code}": Said(event)} if event else {}
        about = event or _greatest(known)
        said |= _standing(before, now, about) | {f"postalytics.{each.name}": _said(each) for each in codes}
        return self._thing(place, about.occurred_at, before, now, said, numbered=event is not None)

    def _responded(self, place: int, happening: Responded) -> Thing:
        """Machines' visits bear the number of what came before: whoever does not hear of them misses none."""
        event = happening.event
        said = {f"send.{event.code}": Said(event), **_visit(event)}
        if event.code == "link_opened":
            said["tracker.visited"] = Said(event)
        return self._thing(place, event.occurred_at, self._now(), self._now(), said, numbered=not happening.bot)

    def _now(self) -> int:
        return best(self._trail[: self._seen]) if self._best is None else self._best

    def _thing(
        self, place: int, at: datetime, before: int, now: int, said: Mapping[str, Said], *, numbered: bool
    ) -> Thing:
        if numbered:
            self.memory = self.memory._replace(sequence=self.memory.sequence + 1)
        return Thing(self.memory.sequence, place, at, self._seen, now, before, said)

    def _codes(self, known: Trail, better: Event | None = None, *, heard: bool = True) -> list[Telling]:
        """Which of Postalytics' codes are to be told as of a beginning of the trail; from then on they are told.

        Not `heard`: of events that came while nobody listened nothing is told any more, but for one that is `better`
        known now.
        """
        if not self._postal:
            return []
        telling = [each for each in postalytics.tellings(known, self._facts) if each.event.code not in _VISITS]
        silent = {
            id(each)
            for each in telling
            if not heard and each.event.seq > self.memory.events and each.event is not better
        }
        postal, reroutes = self.memory.postal, 0
        news = []
        for each in telling:
            if each.name == _REROUTED:
                reroutes += 1
                new = reroutes > self.memory.reroutes
            else:
                new = not postal & 1 << each.code
                postal |= 1 << each.code
            if new and id(each) not in silent:
                news.append(each)
        self.memory = self.memory._replace(
            postal=postal, reroutes=max(reroutes, self.memory.reroutes), events=max(len(known), self.memory.events)
        )
        return news


def _visit(event: Event) -> dict[str, Said]:
    name = _VISITS[event.code]
    return {f"postalytics.{name}": Said(event, "postalytics", name)}


def _said(telling: Telling) -> Said:
    return Said(telling.event, "postalytics", telling.name)


def _standing(before: int, now: int, event: Event) -> dict[str, Said]:
    """The types that say that a send stands elsewhere: the status itself, and the words that are others now."""
    old, new = _row(before), _row(now)
    if new is None or old is new:
        return {}
    said = {notices.STATUS_CHANGED: Said(event)}
    for vocabulary in ("stannp", "sendoso", "lob"):
        word = _word(vocabulary, now)
        if word and word != _word(vocabulary, before):
            said[notices.word_type(vocabulary, word)] = Said(event, vocabulary, word)
    return said


def _word(vocabulary: str, packed: int) -> str:
    return _word_of(vocabulary, packed & STATUS_MASK) if packed else ""


@cache
def _word_of(vocabulary: str, status_bits: int) -> str:
    status = status_of_best(status_bits)
    if vocabulary == "stannp":
        return category(status.code, status.evidence)
    return str(getattr(status.type, vocabulary))


def _row(packed: int) -> EventType | None:
    """The row of the event table in which a send stands whose best is `packed`."""
    return _row_of(packed & STATUS_MASK) if packed else None


@cache
def _row_of(status_bits: int) -> EventType:
    return status_of_best(status_bits).type


def _greatest(known: Iterable[Event]) -> Event:
    return max(known, key=order_key)


def _better_known(known: Trail, before: int, now: int) -> Event | None:
    """The event by which the status became another, though none came: its phase was told later."""
    if now > before:
        return _greatest(known)
    if now == before:
        return None
    at = status_of_best(before).since
    return next((event for event in known if event.is_scan and event.occurred_at == at), None)
