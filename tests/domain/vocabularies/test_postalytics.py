"""«Told once»: what a trail tells can only grow, each code once, each reroute once, every visit."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.events import Evidence, Kind, Source
from sendtrail.domain.facts import Facts
from sendtrail.domain.trail import Event
from sendtrail.domain.vocabularies.postalytics import CODES, Telling, tell, tellings
from tests.domain.trails import any_trail, event, trail

US, CANADA = Facts(Kind.LETTER, post="usps"), Facts(Kind.LETTER, post="canada_post")
FACTS = st.sampled_from([US, CANADA, Facts(Kind.GIFT), Facts(Kind.EGIFT)])
TRAILS = FACTS.flatmap(lambda facts: st.tuples(st.just(facts), any_trail(facts.kind)))


def codes(events: list[Event], facts: Facts = US) -> list[int]:
    return [telling.code for telling in tellings(events, facts)]


def test_names_and_numbers_are_those_of_postalytics() -> None:
    assert CODES == {
        "MailPieceCreated": 0,
        "ReRouted": 2,
        "ReturnedToSender": 3,
        "InTransit": 4,
        "InLocalArea": 5,
        "ProcessedForDelivery": 6,
        "pURLOpened": 7,
        "pURLCompleted": 8,
        "Addressed": 9,
        "Printed": 10,
        "Mailed": 11,
    }


@given(TRAILS)
def test_what_was_told_stays_told_and_an_event_only_adds(case: tuple[Facts, list[Event]]) -> None:
    facts, events = case
    told: list[Telling] = []
    for seq in range(1, len(events) + 1):
        now = tellings(events[:seq], facts)
        assert now[: len(told)] == told
        # Mailed, its own code, and a reroute that it sets apart from the one before.
        assert len(now) - len(told) <= 3
        told = now


@given(TRAILS)
def test_repetition_tells_no_postal_code_again(case: tuple[Facts, list[Event]]) -> None:
    facts, events = case
    postal = [telling for telling in tellings(events, facts) if telling.code not in (7, 8)]
    again = [telling for telling in tellings(events + events, facts) if telling.code not in (7, 8)]
    assert again == postal
    assert all(n == 1 for code, n in Counter(t.code for t in postal).items() if code != 2)


@given(TRAILS, st.randoms(use_true_random=False))
def test_the_same_codes_are_told_in_whatever_order_events_arrive(
    case: tuple[Facts, list[Event]], chance: random.Random
) -> None:
    facts, events = case
    # two kinds of reroute at one moment would be told apart by the order of their source alone
    shuffled = chance.sample(events, len(events))
    assert Counter(codes(shuffled, facts)) == Counter(codes(events, facts))


@given(any_trail(Kind.LETTER))
def test_canada_hears_six_codes_only(events: list[Event]) -> None:
    assert set(codes(events, CANADA)) <= {0, 9, 10, 11, 7, 8}


@given(any_trail(Kind.LETTER))
def test_a_telling_is_about_an_event_of_the_trail(events: list[Event]) -> None:
    for telling in tellings(events, US):
        assert telling.event in events
        assert telling.name != "ReRouted" or telling.event.code == "rerouted"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("03-04 01:00 scanned scanned", Source.USPS),
        ("03-04 01:00 in_transit assumed", Source.USPS),
        ("03-04 01:00 in_transit unknown", Source.USPS),
        ("03-04 01:00 rerouted scanned", Source.USPS),
        ("03-04 01:00 delivered logical", Source.USPS),
        ("03-04 01:00 returned scanned", Source.USPS),
        # tracking by number, and another vendor who passes on scans
        ("03-04 01:00 in_transit reported", Source.USPS),
        ("03-04 01:00 in_transit reported", Source.CARRIER),
        ("03-04 01:00 delivered logical", Source.VENDOR),
    ],
)
def test_the_first_scan_of_any_kind_says_mailed(text: str, source: Source) -> None:
    assert codes([event(text, source=source)])[:1] == [11]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("03-04 01:00 handed_over reported", Source.PRINTER),
        ("03-04 01:00 returned reported", Source.PERSON),
        ("03-04 01:00 returned reported", Source.USPS),  # ACS
        ("03-04 01:00 rerouted reported", Source.USPS),  # ACS
        ("03-04 01:00 in_transit reported", Source.PERSON),
        ("03-04 01:00 delivered inferred", Source.SYSTEM),
        ("03-04 01:00 delivered inferred", Source.VENDOR),
    ],
)
def test_what_is_no_scan_does_not_say_mailed(text: str, source: Source) -> None:
    assert 11 not in codes([event(text, source=source)])


def test_a_carriers_scan_of_a_gift_is_no_scan_by_the_post() -> None:
    assert codes([event("03-04 01:00 in_transit reported")], Facts(Kind.GIFT)) == [4]


@pytest.mark.parametrize(
    ("texts", "reroutes"),
    [
        (["03-05 02:00 rerouted"], 1),
        (["03-05 02:00 rerouted", "03-05 03:00 rerouted"], 1),
        (["03-05 02:00 rerouted", "03-05 23:00 scanned", "03-06 03:00 rerouted"], 1),
        (["03-05 02:00 rerouted", "03-06 03:00 in_transit", "03-07 02:00 rerouted"], 2),
        (["03-05 02:00 rerouted", "03-07 16:00 delivered logical", "03-09 02:00 rerouted"], 2),
        (["03-05 02:00 delivery_attempted reported", "03-05 02:00 rerouted", "03-09 02:00 rerouted"], 2),
        (["03-05 02:00 rerouted", "03-07 16:00 delivered inferred", "03-09 02:00 rerouted"], 1),
        (["03-05 02:00 rerouted", "03-07 09:00 link_opened", "03-09 02:00 rerouted"], 1),
    ],
)
def test_a_reroute_is_told_once_until_the_piece_moves_on(texts: list[str], reroutes: int) -> None:
    assert codes(trail(*texts)).count(2) == reroutes


@pytest.mark.parametrize("between", ["03-07 04:30 out_for_delivery", "03-05 02:00 delivery_attempted reported"])
def test_a_late_scan_between_two_reroutes_tells_the_second(between: str) -> None:
    events = trail("03-04 01:00 out_for_delivery", "03-05 02:00 rerouted", "03-09 02:00 rerouted", between)
    before, after = tellings(events[:3], US), tellings(events, US)
    assert [telling.code for telling in after[len(before) :]] == [2]
    assert after[-1].event == events[2]


def test_a_robots_visit_is_told_only_if_asked() -> None:
    human, robot = event("03-06 10:00 link_opened"), event("03-06 09:00 link_opened", detail={"bot": True})
    assert codes([robot, human]) == [7]
    assert [telling.event for telling in tellings([robot, human], US, bots=True)] == [robot, human]
    assert tell([robot], US) is None


def test_every_visit_and_every_goal_is_told() -> None:
    visits = trail("03-06 10:00 link_opened", "03-06 10:05 goal_reached", "03-07 10:00 link_opened")
    assert codes(visits, CANADA) == [7, 8, 7]


@pytest.mark.parametrize(
    ("texts", "last"),
    [
        (["03-05 04:30 out_for_delivery", "03-04 01:00 in_transit"], ("ProcessedForDelivery", 6)),
        (["03-06 09:00 link_opened", "03-07 04:30 out_for_delivery"], ("ProcessedForDelivery", 6)),
        (["03-08 09:00 link_opened", "03-07 04:30 out_for_delivery"], ("pURLOpened", 7)),
        # a printer's report without time counts as that day's end, but the post had the piece
        (["03-03 22:00 scanned", "03-03 23:59 printed"], ("Mailed", 11)),
        # told once: a second pass is no news
        (
            ["03-05 01:00 in_local_area", "03-05 04:30 out_for_delivery", "03-06 01:00 in_local_area"],
            (
                "ProcessedForDelivery",
                6,
            ),
        ),
    ],
)
def test_the_last_word_is_where_the_piece_stands(texts: list[str], last: tuple[str, int]) -> None:
    expected = {"name": last[0], "code": last[1]}
    assert tell(trail(*texts), US) == expected
    assert tell(trail(*reversed(texts)), US) == expected


@pytest.mark.parametrize("texts", [[], ["03-02 09:00 created"], ["03-02 09:00 created", "03-03 18:00 handed_over"]])
def test_nothing_told_is_nothing_last(texts: list[str]) -> None:
    assert tell(trail(*texts), US) is None


def test_a_telling_has_its_number() -> None:
    scan = event("03-04 01:00 in_transit")
    assert tellings([scan], US) == [Telling("Mailed", scan), Telling("InTransit", scan)]
    assert [t.code for t in tellings([scan], US)] == [11, 4]
    assert scan.evidence is Evidence.SCANNED
