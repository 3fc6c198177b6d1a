"""A whole journey planned for one send, to be played step by step: what is told, and when.

The journeys are those of the simulator, drawn until one goes as it was asked for. A pace says how fast it is played.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Literal, NamedTuple, TypeVar, get_args

import msgspec

from sendtrail.domain.events import MAIL, Kind, Source, event_type
from sendtrail.domain.progression import usual
from sendtrail.simulator.days import DAY, moment, moving_day, working_day, works
from sendtrail.simulator.gifts import egift_life, gift_life
from sendtrail.simulator.journeys import Fate, Journey, Piece, standard_days, travel
from sendtrail.simulator.production import Site, produce
from sendtrail.simulator.tellings import (
    Notice,
    PostScan,
    PrinterLine,
    Report,
    Subject,
    Telling,
    code_of,
    evidence_of,
    told_by_scan,
)

T = TypeVar("T")

Pace = Literal["seconds", "minutes", "hours", "days"]
PACES: tuple[Pace, ...] = get_args(Pace)
Problem = Literal["none", "late", "rerouted", "returned", "no_scans"]
PROBLEMS: tuple[Problem, ...] = get_args(Problem)

_DAY_TAKES: Mapping[Pace, float] = {"minutes": 60, "hours": 3_600, "days": 86_400}
"""Seconds of a played day."""
_FIRST, _WHOLE, _BEAT = 1.0, 19.0, 2.0
"""At the pace of seconds: when the first step comes, how long the others take together, and a step at the most."""
_APART = 1.2
"""Seconds between steps at the least: scans have whole seconds."""
_DRAWS = 5_000
"""Journeys drawn until one fits; the rarest kind comes about once in two hundred."""
_OPENS = 8
"""Local hour at which printers begin to work."""


class Step(msgspec.Struct, frozen=True):
    """Told so many seconds after the rehearsal began."""

    after: float
    telling: Telling


class _Fact(NamedTuple):
    """As it would really happen (`at` aware, UTC)."""

    at: datetime
    telling: Telling


@dataclass(frozen=True, slots=True)
class _Life:
    """All facts in their order; `days_late`: how much later than usual it is delivered."""

    facts: list[_Fact]
    days_late: int = 0


def problems_of(subject: Subject) -> tuple[Problem, ...]:
    """What can go wrong with such a send, and be told of."""
    if subject.kind is Kind.EGIFT:
        return ("none", "no_scans")
    if subject.kind is Kind.GIFT:
        return ("none", "late", "returned", "no_scans")
    if subject.is_scanned:
        return PROBLEMS
    return ("none",) if subject.mailing_class == "marketing" else ("none", "returned")  # such mail does not come back


def outcome(subject: Subject, problem: Problem) -> str:
    """The status, by code, in which a rehearsal ends. Beyond that Sendtrail may presume, in its own time."""
    if problem == "no_scans" or (subject.kind in MAIL and not subject.is_scanned and problem == "none"):
        return {Kind.EGIFT: "expired", Kind.GIFT: _shipping(subject)}.get(subject.kind, "handed_over")
    if problem == "returned":
        return "undeliverable" if subject.kind is Kind.GIFT else "returned"
    if problem == "rerouted" and subject.mailing_class == "marketing":
        return "rerouted"  # such mail is not forwarded but thrown away
    return "redeemed" if subject.kind is Kind.EGIFT else "delivered"


def plan(
    subject: Subject, pace: Pace, problem: Problem, seed: str, now: datetime, status: str = "created"
) -> list[Step]:
    """What is told of a send from `status` on, step by step, in the order of time; the same for the same seed.

    `now` (aware): when it begins. Empty where nothing usual follows the status. ValueError for a problem that such a
    send cannot have.
    """
    if problem not in problems_of(subject):
        raise ValueError(f"{problem!r} is none of {', '.join(problems_of(subject))}")
    life = _first(seed, lambda random: _life(random, subject, problem, now))
    facts = _left(life.facts, subject, status)
    if not facts:
        return []
    times = _times([fact.at for fact in facts], pace, now)
    tellings = [fact.telling for fact in facts]
    if pace != "days":
        arrives = (now + timedelta(seconds=times[-1])).astimezone(subject.destination.zone).date()
        expected = arrives - DAY * life.days_late
        tellings = [_expecting(telling, expected) for telling in tellings]
    return [Step(after, telling) for after, telling in zip(times, tellings, strict=True)]


def _times(moments: list[datetime], pace: Pace, now: datetime) -> list[float]:
    """Seconds after the beginning, each later than the one before."""
    if pace == "seconds":
        beat = min(_BEAT, _WHOLE / max(len(moments) - 1, 1))
        return [round(_FIRST + n * beat, 3) for n in range(len(moments))]
    start = now if pace == "days" else moments[0] - timedelta(seconds=_FIRST * 86_400 / _DAY_TAKES[pace])
    times: list[float] = []
    for at in moments:
        after = (at - start).total_seconds() * _DAY_TAKES[pace] / 86_400
        times.append(round(max(after, times[-1] + _APART if times else _FIRST), 3))
    return times


def _expecting(telling: Telling, day: date) -> Telling:
    if isinstance(telling, PostScan) and telling.expected:
        return msgspec.structs.replace(telling, expected=day)
    return telling


def _left(facts: list[_Fact], subject: Subject, status: str) -> list[_Fact]:
    """Those after the point of the way that a status marks."""
    way = usual(subject.way)
    coming = next((code for code in usual(subject.way, status) if code in way), None)
    if coming is None:
        return []
    places = [way.index(code) if (code := code_of(fact.telling)) in way else None for fact in facts]
    begins = way.index(coming)
    ahead = [n for n, place in enumerate(places) if place is not None and place >= begins]
    passed = [n for n, place in enumerate(places) if place is not None and place < begins]
    return facts[ahead[0] if ahead else max(passed, default=-1) + 1 :]


def _first(seed: str, draw: Callable[[Random], T | None]) -> T:
    """The first of the seed's draws that is something."""
    for n in range(_DRAWS):
        drawn = draw(Random(f"{seed}/{n}"))  # noqa: S311 — the same journey for the same seed is the point
        if drawn is not None:
            return drawn
    raise LookupError("no journey goes as it was asked for")


def _life(random: Random, subject: Subject, problem: Problem, now: datetime) -> _Life | None:
    """A life of such a send, or None where chance had it go another way."""
    begins = now.astimezone(subject.home.zone)
    today = begins.date()
    day = today if works(today) and begins.hour < _OPENS else working_day(today + DAY)
    life = _mail(random, subject, problem, day) if subject.kind in MAIL else _given(random, subject, problem, day)
    if life is None or _ends(life.facts) != outcome(subject, problem):
        return None
    return life


def _ends(facts: Iterable[_Fact]) -> str:
    """The status by code, as law 1 has it."""
    types = [event_type(code_of(fact.telling), evidence_of(fact.telling)) for fact in facts]
    _, _, code = max(((type_.stage, n, type_.code) for n, type_ in enumerate(types)), default=(0, 0, ""))
    return code


def _mail(random: Random, subject: Subject, problem: Problem, day: date) -> _Life | None:
    made = produce(random, subject.imb, day, Site(subject.home), bulk=False)
    codes = [report.fact.code for report in made.reports]
    if made.handed_on is None or codes != list(usual("mail"))[: len(codes)] or codes[-1] != "handed_over":
        return None
    reports = [
        _Fact(_utc(report.fact.at), PrinterLine(report.fact.code, report.fact.note))
        for report in made.reports
        if isinstance(report.fact.at, datetime)
    ]
    if problem == "no_scans" or (problem == "none" and not subject.is_scanned):
        return _Life(reports)
    destination = subject.destination
    delivery = random.choice(destination.deliveries)
    journey = travel(
        random,
        Piece(
            imb=subject.imb,
            day=made.handed_on,
            origin=subject.home,
            destination=destination,
            city=subject.city or delivery.city,
            zip=subject.zip or delivery.zip,
            mailing_class=subject.mailing_class,
            loose=subject.alone,
            returned=1.0 if problem == "returned" else 0.0,
            forwarded=1.0 if problem == "rerouted" else 0.0,
        ),
    )
    standard = moving_day(made.handed_on, standard_days(subject.home, destination, subject.mailing_class))
    late = (journey.delivered_on - standard).days if journey.delivered_on and problem == "late" else 0
    facts = reports + sorted(_told_of(random, subject, journey), key=lambda fact: fact.at)
    fits = _fits(subject, problem, journey, {code_of(fact.telling) for fact in facts}, standard)
    return _Life(facts, late) if fits and _in_order(facts) else None


def _told_of(random: Random, subject: Subject, journey: Journey) -> Iterator[_Fact]:
    """What the post tells; of a piece without a barcode only what somebody finds in the returned mail."""
    if subject.is_scanned:
        yield from (_Fact(_utc(scan.occurred_at), told_by_scan(scan)) for scan in journey.scans)
        for record, sent in journey.notices:
            at = moment(random, sent, 8, 2, subject.home.zone)
            yield _Fact(_utc(at), Notice(record.code, record.new_address))
    if journey.desk:
        yield _Fact(_utc(journey.desk), Report("returned", Source.PERSON.word, "Found in the returned mail"))


def _fits(subject: Subject, problem: Problem, journey: Journey, codes: set[str], standard: date) -> bool:
    """Whether a journey goes as asked, and enough of it is seen for somebody to follow it."""
    if not subject.is_scanned:
        return journey.desk is not None
    seen = {"in_transit", "in_local_area"} <= codes
    match problem:
        case "none" | "late":
            on_time = journey.delivered_on is not None and journey.delivered_on <= standard
            whole = {"out_for_delivery", "delivered"} <= codes and "rerouted" not in codes
            return journey.fate is Fate.DELIVERED and seen and whole and on_time == (problem == "none")
        case "rerouted":
            return seen and "rerouted" in codes and bool(journey.notices)
        case _:
            return seen and journey.fate is Fate.RETURNED


def _in_order(facts: list[_Fact]) -> bool:
    return all(fact.at < later.at for fact, later in pairwise(facts))


def _given(random: Random, subject: Subject, problem: Problem, day: date) -> _Life | None:
    """A gift or an eGift."""
    egift = subject.kind is Kind.EGIFT
    told = egift_life(random, day, subject.home) if egift else gift_life(random, day, subject.home, subject.destination)
    shipping = _shipping(subject)
    facts = [
        _Fact(_utc(each.at), Report(shipping if each.code == "shipped" else each.code, each.source.word, each.note))
        for each in told
    ]
    codes = [code_of(fact.telling) for fact in facts]
    if "address_requested" in codes or "refunded" in codes or not _in_order(facts):
        return None
    if egift:
        return _Life(facts) if (problem == "no_scans") == ("opened" not in codes) else None
    if problem == "no_scans":
        return _Life(facts[: codes.index(shipping) + 1])
    attempted = "delivery_attempted" in codes
    return _Life(facts, int(attempted)) if attempted == (problem == "late") else None


def _shipping(subject: Subject) -> str:
    return "supplier_shipped" if subject.way == "amazon" else "shipped"


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
