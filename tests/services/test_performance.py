"""How campaigns perform, as it is told, is what a plain look at their pieces and responses says."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendtrail.domain.events import Evidence, Source
from sendtrail.domain.observation import Observation, event_item
from sendtrail.domain.packing import to_ms
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, KindWord, NewSend
from sendtrail.services import campaigns, performance, sends
from sendtrail.services.context import Context
from sendtrail.services.performance import Figures, Part, Performance, ResponseDay, compare, engaged
from sendtrail.services.sends import NewEvent
from sendtrail.store import ingest
from sendtrail.store.system.responses import GOAL, VISIT, NewResponse, record
from tests.people import DAY, World, world
from tests.services.organizations import organization

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=NEW_YORK).astimezone(UTC)
MONEY = Permission.MONEY_READ
SEEN = {"ann": {"", "sam", "zoe"}, "mia": {"sam"}, "sam": {"sam"}, "zoe": {"zoe"}}
"""Whose pieces each of them sees, of those that belong to nobody, to Sam of team East, and to Zoe of none."""


class Piece(NamedTuple):
    owner: str
    person: int
    kind: KindWord
    mailing_class: str
    state: str
    tags: tuple[str, ...]
    fate: str
    """How it ends: cancelled, delivered after a day, or not at all."""


class Response(NamedTuple):
    which: int
    code: int
    hours: int
    bot: bool
    test: bool
    device: str
    visitor: int
    cents: int


PIECES = st.builds(
    Piece,
    st.sampled_from(["", "sam", "zoe"]),
    st.integers(0, 3),
    st.sampled_from(["letter", "postcard"]),
    st.sampled_from(["first_class", "marketing"]),
    st.sampled_from(["CA", "ca", "NY", ""]),
    st.lists(st.sampled_from(["new", "vip", "old"]), max_size=3, unique=True).map(lambda tags: tuple(sorted(tags))),
    st.sampled_from(["", "", "delivered", "cancelled"]),
)
RESPONSES = st.builds(
    Response,
    st.integers(0, 7),
    st.sampled_from([VISIT, VISIT, GOAL]),
    st.integers(-48, 500),
    st.sampled_from([False, False, True]),
    st.sampled_from([False, False, True]),
    st.sampled_from(["phone", "desktop", ""]),
    st.integers(1, 3),
    st.integers(0, 900),
)


async def campaign_of(context: Context, scope: Scope) -> tuple[str, str]:
    """Id and name of a new campaign."""
    made = await campaigns.add_campaign(context, scope, f"Spring {uuid4()}", "bulk")
    return made.id, made.name


def new_send(piece: Piece, campaign: str) -> NewSend:
    return NewSend(
        kind=piece.kind,
        to=Address(name=f"To {piece.person}", email=f"p{piece.person}@example.com", state=piece.state),
        campaign=campaign,
        sender=f"{piece.owner}@example.com" if piece.owner else "",
        mailing_class=piece.mailing_class,
        tags=list(piece.tags),
        send_date=DAY,
        cost_cents=110,
    )


async def send_all(context: Context, scope: Scope, campaign: str, pieces: Iterable[Piece]) -> list[int]:
    """The numbers of the pieces' sends."""
    made = await sends.create(context, scope, [new_send(piece, campaign) for piece in pieces], NOON)
    return [sends.send_number(context, each["id"]) for each in made if isinstance(each, dict)]


async def end_all(context: Context, scope: Scope, pieces: Iterable[Piece], numbers: Iterable[int]) -> None:
    for piece, number in zip(pieces, numbers, strict=True):
        if piece.fate:
            event = NewEvent(piece.fate, NOON + timedelta(days=1))
            await sends.record_events(context, scope, context.ids.encode(piece.kind, number), [event])


async def respond(context: Context, numbers: list[int], responses: Iterable[Response]) -> None:
    rows = [
        NewResponse(
            numbers[each.which % len(numbers)],
            each.code,
            NOON + timedelta(hours=each.hours),
            bot=each.bot and each.code == VISIT,
            test=each.test,
            device=each.device,
            visitor=each.visitor,
            value_cents=each.cents if each.code == GOAL else 0,
        )
        for each in responses
    ]
    await context.database.run(lambda connection: record(connection, rows, NOON))


def looked_at(pieces: list[Piece], responses: list[Response], seen: set[str]) -> dict[str, Any]:
    """The figures by a plain look at what is within somebody's reach."""
    counted = {n: each for n, each in enumerate(pieces) if each.owner in seen and each.fate != "cancelled"}
    own = [each._replace(which=each.which % len(pieces)) for each in responses]
    real = [each for each in own if each.which in counted and not each.test]
    visits = [each for each in real if each.code == VISIT and not each.bot]
    goals = [each for each in real if each.code == GOAL]
    first: dict[int, int] = {}
    for each in visits:
        first[each.which] = min(each.hours, first.get(each.which, each.hours))
    day = {each: (NOON + timedelta(hours=each.hours)).astimezone(NEW_YORK).date() for each in real}
    since = Counter[int | None]()
    for n, hours in first.items():
        came = (NOON + timedelta(hours=hours)).astimezone(NEW_YORK).date()
        days = (came - DAY).days - 1
        since[max(min(days, 14), -1) if counted[n].fate == "delivered" else None] += 1

    def people(of: Iterable[Response]) -> int:
        return len({counted[each.which].person for each in of})

    def parts(values: Callable[[Piece], Iterable[str]]) -> dict[str | None, tuple[int | None, int]]:
        found = {value for each in counted.values() for value in values(each)}
        return {
            value: (
                sum(value in values(each) for each in counted.values()),
                people(each for each in visits if value in values(counted[each.which])),
            )
            for value in found
        }

    return {
        "pieces": len(counted),
        "delivered": sum(each.fate == "delivered" for each in counted.values()),
        "engaged": people(visits),
        "engaged_pieces": len(first),
        "visits": len(visits),
        "visitors": len({(each.which, each.visitor) for each in visits}),
        "bots": sum(each.bot and each.code == VISIT for each in real),
        "goals": len(goals),
        "with_goal": people(goals),
        "value": sum(each.cents for each in goals),
        "spent": 110 * len(counted),
        "since": {days: n for days, n in since.items() if n},
        "days": {
            each: (sum(day[one] == each for one in visits), sum(day[one] == each for one in goals))
            for each in {day[one] for one in [*visits, *goals]}
        },
        "kind": parts(lambda piece: [piece.kind]),
        "mailing_class": parts(lambda piece: [piece.mailing_class]),
        "region": parts(lambda piece: [piece.state.upper()]),
        "tag": parts(lambda piece: piece.tags or [""]),
        "device": {
            each: (None, people(one for one in visits if one.device == each)) for each in {v.device for v in visits}
        },
    }


def told(found: Performance) -> dict[str, Any]:
    """What is told, in the form of `looked_at`."""
    fields = ("pieces", "delivered", "engaged", "engaged_pieces", "visits", "visitors", "bots", "goals", "with_goal")
    segments: dict[str, Any] = {
        each.by: {part.value: (part.pieces, part.engaged) for part in each.data} for each in found.segments
    }
    days = found.days or []
    assert [each.day for each in days] == [days[0].day + timedelta(n) for n in range(len(days))]
    return {
        **{name: getattr(found, name) for name in (*fields, "value", "spent")},
        "since": {each.days: each.n for each in found.since_delivery if each.n},
        "days": {each.day: (each.visits, each.goals) for each in days if each.visits or each.goals},
        **segments,
    }


WORLDS: dict[str, World] = {}
"""By database: the people among whom every example has a campaign of its own."""


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, min_size=1, max_size=8), st.lists(RESPONSES, max_size=25), st.integers(0, 25), st.booleans())
async def test_figures_are_those_of_a_plain_look_for_every_reach(
    context: Context, pieces: list[Piece], responses: list[Response], cut: int, ends_first: bool
) -> None:
    """Whatever came in what order and in how many writes, before or after a piece was delivered or cancelled."""
    made = WORLDS.get(context.dsn) or WORLDS.setdefault(context.dsn, await world(context))
    key = Scope(made.scopes["ann"].organization_id, True, "key:1")
    campaign, name = await campaign_of(context, key)
    numbers = await send_all(context, key, name, pieces)
    if ends_first:
        await end_all(context, key, pieces, numbers)
    for some in (responses[:cut], responses[cut:]):
        await respond(context, numbers, some)
    if not ends_first:
        await end_all(context, key, pieces, numbers)

    for who, seen in SEEN.items():
        scope = made.scopes[who]
        if who != "ann" and not any(piece.owner in seen for piece in pieces):
            with pytest.raises(NotFound):
                await performance.performance(context, scope, campaign)
            continue
        found, looked = await performance.performance(context, scope, campaign), looked_at(pieces, responses, seen)
        assert told(found) == {name: looked[name] for name in told(found)}
        assert bool(looked["visits"] or looked["goals"]) == bool(found.segments) == bool(found.days)
        assert found.rate == (round(found.engaged / found.pieces, 4) if found.pieces else None)
        (beside,) = await compare(context, scope, [campaign])
        assert beside == Figures(**{field: getattr(found, field) for field in Figures.__struct_fields__})
        rows, _ = await campaigns.list_campaigns(context, scope, q=name)
        listed = await engaged(context, scope, rows)
        assert listed == ({campaign: found.engaged} if found.linked else {})


async def test_what_is_rare_is_told_as_others_in_which_nobody_counts_twice(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await organization(context)
    campaign, name = await campaign_of(context, scope)
    tags = [("a", "b"), ("a", "b"), ("a", "c", "d"), ("c", "d"), ("d",)]
    pieces = [
        Piece("", n % 4, "letter", "first_class", state, tags[n], "")
        for n, state in enumerate(["CA", "CA", "NY", "TX", "WA"])
    ]
    numbers = await send_all(context, scope, name, pieces)
    await respond(context, numbers, [Response(n, VISIT, 1, False, False, "phone", 1, 0) for n in (0, 2, 3, 4)])
    monkeypatch.setattr(performance, "MOST_VALUES", 1)

    found = {each.by: each.data for each in (await performance.performance(context, scope, campaign)).segments}

    assert found["region"] == [Part("CA", 1, 2, 1), Part(None, 3, 3, 3)]  # the first and the last are one person
    assert found["tag"] == [Part("a", 1, 3, 2), Part(None, 3, 5, 3)]


async def test_a_campaign_too_large_says_so_and_is_told_all_the_same(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await organization(context)
    campaign, name = await campaign_of(context, scope)
    states = ["CA", "CA", "NY", "TX"]
    pieces = [
        Piece("", n, "letter", "first_class", state, (), "cancelled" if n == 3 else "")
        for n, state in enumerate(states)
    ]
    numbers = await send_all(context, scope, name, pieces)
    await respond(context, numbers, [Response(n, VISIT, 1, False, False, "phone", 1, 0) for n in (0, 2, 3)])
    await end_all(context, scope, pieces, numbers)
    monkeypatch.setattr(performance, "MOST_PIECES", 2)
    monkeypatch.setattr(performance, "MOST_RESPONSES", 1)

    found = await performance.performance(context, scope, campaign)

    assert (found.pieces, found.engaged, found.counted, found.days) == (3, 2, False, None)
    segments = {each.by: each.data for each in found.segments}
    assert segments["kind"] == [Part("letter", 1, 3, 2)]
    assert segments["region"] == [Part("CA", 1, None, 1), Part("NY", 1, None, 1)]
    assert "device" not in segments


async def test_a_delivery_that_is_only_presumed_is_no_day_to_count_from(context: Context) -> None:
    scope = await organization(context)
    campaign, name = await campaign_of(context, scope)
    piece = Piece("", 0, "letter", "first_class", "", (), "")
    (number,) = await send_all(context, scope, name, [piece])
    item = event_item(to_ms(NOON), "delivered", Source.SYSTEM, Evidence.INFERRED)
    async with context.database.transaction() as connection:
        await ingest.record(connection, scope, ingest.copy_rows([Observation(0, item, send=str(number))], 0))
    await respond(context, [number], [Response(0, VISIT, 48, False, False, "", 1, 0)])

    found = await performance.performance(context, scope, campaign)

    assert found.delivered == 1
    assert [(each.days, each.n) for each in found.since_delivery if each.n] == [(None, 1)]


async def test_a_long_campaign_is_told_by_weeks(context: Context) -> None:
    scope = await organization(context)
    campaign, name = await campaign_of(context, scope)
    (number,) = await send_all(context, scope, name, [Piece("", 0, "letter", "first_class", "", (), "")])
    await respond(context, [number], [Response(0, VISIT, 24 * day, False, False, "", 1, 0) for day in (1, 6, 99)])

    found = await performance.performance(context, scope, campaign)

    assert (found.step, len(found.days or [])) == ("week", 15)
    assert [each for each in found.days or [] if each.visits] == [
        ResponseDay(DAY, 2, 0),
        ResponseDay(DAY + timedelta(98), 1, 0),
    ]


async def test_money_is_told_to_who_may_know_it_and_nothing_is_divided_by_nothing(context: Context) -> None:
    scope = await organization(context)
    campaign, name = await campaign_of(context, scope)
    assert (await performance.performance(context, scope, campaign)).linked is False
    numbers = await send_all(
        context, scope, name, [Piece("", n, "letter", "first_class", "", (), "") for n in range(3)]
    )
    await respond(context, numbers, [Response(0, GOAL, 1, False, False, "", 1, 1000)])

    found = await performance.performance(context, scope, campaign)
    assert (found.value, found.spent, found.return_on_cost, found.cost_per_goal) == (1000, 330, 3.03, 330)
    assert (found.cost_per_response, found.rate, found.linked, found.engaged) == (None, 0.0, True, 0)
    blind = Scope(
        scope.organization_id, True, "key:2", rights={each: n for each, n in scope.rights.items() if each != MONEY}
    )
    found = await performance.performance(context, blind, campaign)
    assert [found.value, found.spent, found.return_on_cost, found.cost_per_goal, found.goals] == [None] * 4 + [1]


async def test_campaigns_are_compared_in_the_order_asked_for(context: Context) -> None:
    scope = await organization(context)
    made = [(await campaign_of(context, scope))[0] for _ in range(7)]
    assert [each.id for each in await compare(context, scope, made[2::-1])] == made[2::-1]
    assert await compare(context, scope, []) == []
    for wrong in (made, made[:1] * 2, ["campaign_0"], ["Spring"]):
        with pytest.raises(Invalid) as refusal:
            await compare(context, scope, wrong)
        assert refusal.value.param == "campaign"
