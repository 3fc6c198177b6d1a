"""What is told of a send, whatever the order in which it becomes known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain import notices
from sendtrail.domain.events import Evidence, Kind, Source
from sendtrail.domain.facts import Facts
from sendtrail.domain.news import Changed, Grown, Happening, Memory, Responded, Thing, news
from sendtrail.domain.trail import Event, best
from sendtrail.domain.vocabularies import postalytics, sendoso, stannp

from .trails import any_trail, at, event, trail

US = Facts(Kind.LETTER, "usps")
ALL = notices.expand(["send.*"])
TRAILS = any_trail(Kind.LETTER).map(
    lambda events: [replace(each, seq=seq) for seq, each in enumerate([e for e in events if e.type.stage], 1)]
)


def told(events: Sequence[Event], at_once: Sequence[Sequence[int]], memory: Memory | None = None) -> list[Thing]:
    """Of each round all that is told: it lists how long the trail was before each of its batches."""
    things: list[Thing] = []
    for n, round_ in enumerate(at_once):
        after = at_once[n + 1][0] if n + 1 < len(at_once) else len(events)
        happenings = [Grown(length, best(events[:length])) for length in round_]
        more, memory = news(happenings, events[:after], US, memory, True)
        things += more
    return things


def types(things: Sequence[Thing]) -> list[str]:
    return [type_ for thing in things for type_ in thing.types]


@st.composite
def rounds(draw: st.DrawFn, length: int) -> list[list[int]]:
    """Batches of a trail, some of them told together."""
    together: list[list[int]] = []
    for cut in sorted({0, *draw(st.sets(st.sampled_from(range(length)) if length else st.nothing()))}):
        joined: bool = draw(st.booleans())
        if together and joined:
            together[-1].append(cut)
        else:
            together.append([cut])
    return together


@given(TRAILS, st.data())
def test_each_postal_code_is_told_once_and_each_reroute_once(events: list[Event], data: st.DataObject) -> None:
    said = [name for name in types(told(events, data.draw(rounds(len(events))))) if name.startswith("postalytics.")]
    wanted = [f"postalytics.{each.name}" for each in postalytics.tellings(events, US)]

    assert sorted(said) == sorted(wanted)


@given(TRAILS, st.data())
def test_it_does_not_matter_how_it_came_in_batches_or_what_was_told_together(
    events: list[Event], data: st.DataObject
) -> None:
    one_by_one = told(events, [[n] for n in range(len(events))])
    other = told(events, data.draw(rounds(len(events))))

    assert [(thing.sequence, dict(thing.types)) for thing in other] == [
        (thing.sequence, dict(thing.types)) for thing in one_by_one
    ]


@given(TRAILS, st.data())
def test_who_hears_all_of_ours_counts_from_one_without_gaps(events: list[Event], data: st.DataObject) -> None:
    things = told(events, data.draw(rounds(len(events))))
    heard = [(thing.sequence, type_) for thing in things for type_ in thing.types if type_ in ALL]

    assert [sequence for sequence, _ in heard] == list(range(1, len(events) + 1))
    assert [type_ for _, type_ in heard] == [f"send.{each.code}" for each in events]


@given(TRAILS)
def test_words_told_one_after_the_other_end_with_the_one_that_is_true(events: list[Event]) -> None:
    said = types(told(events, [[0]]))
    for vocabulary, words in (("stannp", stannp), ("sendoso", sendoso)):
        word = words.tell(events, US) if events else None
        of_it = [name for name in said if name.startswith(f"{vocabulary}.")]
        assert of_it[-1:] == ([notices.word_type(vocabulary, word)] if word else [])
        assert all(first != second for first, second in pairwise(of_it))


@given(TRAILS, st.data())
def test_all_that_is_told_is_a_type_that_its_event_may_be_heard_by(events: list[Event], data: st.DataObject) -> None:
    for thing in told(events, data.draw(rounds(len(events)))):
        for type_, said in thing.types.items():
            assert type_ in notices.TYPES
            assert said.event
            triggering = events[thing.seen - 1]
            assert notices.heard([type_]) >> triggering.type.id & 1


@pytest.mark.parametrize("postal", [True, False])
def test_a_better_known_event_is_told_as_what_it_is_and_only_then(postal: bool) -> None:
    scanned = trail("03-02 09:00 created", "03-03 09:00 scanned")
    things = told(scanned, [[0], [1]])
    memory = Memory(things[-1].sequence, postal=1 << 11, events=2)
    known = [scanned[0], replace(scanned[1], code="in_transit")]
    (thing,), memory = news([Grown(2, best(scanned))], known, US, memory, postal)

    codes = ["postalytics.InTransit"] if postal else []
    assert (thing.sequence, *thing.types) == (3, "send.in_transit", "send.status_changed", "lob.in_transit", *codes)
    (again,), _ = news([Grown(2, best(known))], known, US, memory, postal)
    assert dict(again.types) == {}
    assert again.sequence == 3


def test_an_event_that_turns_out_to_be_less_is_told_as_what_it_is() -> None:
    taken = trail("03-02 09:00 created", "03-02 10:00 printed", "03-03 09:00 out_for_delivery")
    known = [*taken[:2], replace(taken[2], code="in_transit")]
    (thing,), _ = news([Grown(3, best(taken))], known, US, Memory(3, 0, 0, 3), False)

    assert (thing.sequence, *thing.types) == (
        4, "send.in_transit", "send.status_changed", "stannp.in_transit", "lob.in_transit",
    )  # fmt: skip


def test_scans_that_were_another_sends_take_the_status_back_and_no_number() -> None:
    events = trail("03-02 09:00 created", "03-02 10:00 printed", "03-03 09:00 in_transit")
    (thing,), memory = news([Grown(2, best(events))], events[:2], US, Memory(3, 0, 0, 3), False)

    assert (thing.sequence, list(thing.types)) == (
        3,
        ["send.status_changed", "stannp.producing", "sendoso.order_received"],
    )
    assert memory.sequence == 3


def test_what_was_known_before_anybody_listened_is_not_told() -> None:
    events = trail(
        "03-02 09:00 created", "03-03 09:00 in_transit", "03-04 09:00 in_local_area", "03-04 08:00 in_transit"
    )
    things, memory = news([Grown(3, best(events[:3]))], events, US, None, True)

    assert [thing.sequence for thing in things] == [4]
    assert [*things[0].types] == ["send.in_transit"]
    # Nobody listened for these while the next two came.
    later = [*events, event("03-06 09:00 out_for_delivery", 5), event("03-07 09:00 returned", 6)]
    things, _ = news([Grown(5, best(later[:5]))], later, US, memory, True)
    assert [name for name in types(things) if name.startswith("postalytics.")] == ["postalytics.ReturnedToSender"]


def test_responses_and_changes_have_numbers_and_machines_bear_the_last_one() -> None:
    visit = Event(0, "link_opened", at("03-05 09:00"), at("03-05 09:00"), Source.RECIPIENT, Evidence.REPORTED)
    happened: list[Happening] = [
        Changed(datetime.fromisoformat("2026-03-02T10:00:00Z"), {"name": ("Ann", "Bea")}),
        Responded(visit, bot=True),
        Responded(visit, bot=False),
        Grown(1, best(trail("03-02 09:00 created"))),
        Responded(replace(visit, code="goal_reached"), bot=False),
    ]
    events = trail("03-02 09:00 created", "03-03 09:00 printed")
    things, memory = news(happened, events, US, None, True)

    assert [(thing.sequence, thing.seen, next(iter(thing.types))) for thing in things] == [
        (2, 1, "send.updated"),
        (2, 1, "send.link_opened"),
        (3, 1, "send.link_opened"),
        (4, 2, "send.printed"),
        (5, 2, "send.goal_reached"),
    ]
    assert memory.sequence == 5
