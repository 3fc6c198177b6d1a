"""Law 1: the status is the event that is greatest by stage, time and rank; law 9: inference gives way."""

import random
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.events import EVENT_TYPES, Evidence, Kind, Source
from sendtrail.domain.trail import Event, Status, best, order_key, status, status_of_best
from tests.domain.trails import any_trail, at, event, trail

KINDS = st.sampled_from(Kind)


@given(KINDS.flatmap(any_trail), st.randoms(use_true_random=False))
def test_no_order_and_no_repetition_changes_the_status(events: list[Event], chance: random.Random) -> None:
    arrivals = events + chance.choices(events, k=5) if events else []
    chance.shuffle(arrivals)
    assert best(arrivals) == best(events)
    if events:
        assert status(arrivals) == status(events)


@given(KINDS.flatmap(any_trail))
def test_the_status_is_the_greatest_by_stage_time_and_rank(events: list[Event]) -> None:
    if not events:
        return
    greatest = max((e.type.stage, e.occurred_at, e.type.rank) for e in events)
    now = status(events)
    assert (now.type.stage, now.since, now.type.rank) == greatest


@given(KINDS.flatmap(any_trail))
def test_a_stored_best_says_the_same_as_the_trail(events: list[Event]) -> None:
    for e in events:
        assert status_of_best(order_key(e)) == Status(e.code, e.type.label, e.occurred_at, e.evidence)


def test_the_worked_journey_ends_with_its_status() -> None:
    journey = trail(
        "03-02 09:00 created",
        "03-02 15:00 rendered",
        "03-03 23:59 handed_over",
        "03-04 20:00 in_transit scanned 07099",
        "03-05 03:00 in_local_area scanned 10199",
        "03-05 04:30 out_for_delivery scanned 10199",
        "03-05 15:00 delivered logical 10001",
    )
    for order in permutations(journey, len(journey)):
        assert best(order) == order_key(journey[-1])
    assert status(journey) == Status("delivered", "Delivered", at("03-05 15:00"), Evidence.LOGICAL)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        # the stage decides before the time does
        (["03-05 09:00 printed", "03-04 09:00 handed_over"], "handed_over"),
        (["03-06 09:00 scanned", "03-05 09:00 out_for_delivery"], "out_for_delivery"),
        (["03-09 09:00 out_for_delivery", "03-08 09:00 returned reported"], "returned"),
        (["03-09 09:00 delivered reported", "03-03 09:00 cancelled"], "cancelled"),
        # in a stage the later one wins
        (["03-05 09:00 out_for_delivery", "03-06 09:00 in_local_area"], "in_local_area"),
        (["03-02 09:00 held", "03-02 10:00 resumed"], "resumed"),
        (["03-02 09:00 resumed", "03-02 10:00 held"], "held"),
        # what was delivered by rule can be rerouted, and delivered again
        (["03-05 15:00 delivered logical", "03-06 02:00 rerouted"], "rerouted"),
        (["03-05 15:00 delivered logical", "03-06 02:00 rerouted", "03-09 15:00 delivered logical"], "delivered"),
        # what somebody saw delivered is not
        (["03-05 15:00 delivered reported", "03-06 02:00 rerouted"], "delivered"),
        (["03-05 15:00 delivered scanned", "03-06 02:00 delivered logical"], "delivered"),
    ],
)
def test_which_event_is_the_status(events: list[str], expected: str) -> None:
    assert status(trail(*events)).code == expected
    assert status(trail(*reversed(events))).code == expected


def test_ties_go_to_the_later_row_of_the_table() -> None:
    """Holds for every two rows of one stage, unless both are of one code (then the better known row is the later)."""
    for lower, higher in pairwise(sorted(EVENT_TYPES, key=lambda t: (t.stage, t.rank))):
        if lower.stage == higher.stage:
            one, other = (
                event(f"03-05 09:00 {t.code} {max(t.evidence).word}", source=Source.USPS) for t in (lower, higher)
            )
            assert order_key(one) < order_key(other)


def test_of_two_equal_events_the_better_known_is_the_status() -> None:
    reported, scanned = event("03-05 09:00 in_transit reported"), event("03-05 09:00 in_transit scanned")
    assert status([scanned, reported]).evidence is Evidence.SCANNED


@given(any_trail(Kind.LETTER))
def test_a_response_is_a_status_only_where_there_is_nothing_else(events: list[Event]) -> None:
    visit = event("03-30 09:00 link_opened")
    others = [e for e in events if e.type.stage > 0]
    assert (status([visit, *others]).code == "link_opened") == (not others)


def test_a_trail_without_events_has_no_status() -> None:
    assert best([]) == 0
    with pytest.raises(ValueError, match="a send without events has no status"):
        status([])


@pytest.mark.parametrize("inferred", ["delivered", "returned"])
@pytest.mark.parametrize(
    "later",
    [
        "in_transit",
        "in_local_area",
        "out_for_delivery",
        "rerouted",
        "delivery_attempted reported",
        "pickup_available reported",
        "delivered logical",
        "delivered assumed",
        "delivered scanned",
        "delivered reported",
        "returned reported",
        "cancelled reported",
        "failed reported",
    ],
)
def test_inference_gives_way_to_any_later_event_whenever_it_arrives(inferred: str, later: str) -> None:
    ground = "03-05 04:30 out_for_delivery"
    guess = f"03-05 04:30 {inferred} inferred"
    real = f"03-05 04:31 {later}"
    code = later.split()[0]
    for order in permutations([ground, guess, real]):
        now = status(trail(*order))
        assert (now.code, now.evidence is Evidence.INFERRED) == (code, False)


@pytest.mark.parametrize("inferred", ["delivered", "returned"])
@pytest.mark.parametrize(
    "ground", ["handed_over", "in_local_area", "out_for_delivery", "delivery_attempted reported", "rerouted"]
)
def test_inference_stands_just_above_what_it_rests_on(inferred: str, ground: str) -> None:
    now = status(trail(f"03-05 04:30 {ground}", f"03-05 04:30 {inferred} inferred"))
    assert (now.code, now.evidence) == (inferred, Evidence.INFERRED)
    assert now.label == f"Presumed {inferred}"


def test_an_inferred_return_stands_above_the_delivery_that_it_rests_on() -> None:
    assert status(trail("03-05 04:30 delivered logical", "03-05 04:30 returned inferred")).code == "returned"


def test_an_inferred_delivery_gives_way_to_a_logical_one_of_the_same_moment() -> None:
    now = status(trail("03-05 04:30 delivered logical", "03-05 04:30 delivered inferred"))
    assert now.evidence is Evidence.LOGICAL


def test_a_guess_never_takes_the_place_of_what_was_seen() -> None:
    assert status(trail("03-05 15:00 delivered reported", "03-08 04:30 returned inferred")).code == "delivered"
    assert status(trail("03-05 15:00 returned reported", "03-08 04:30 delivered inferred")).code == "returned"


@pytest.mark.parametrize(
    ("text", "source", "is_scan"),
    [
        ("03-05 09:00 in_transit scanned", Source.USPS, True),
        ("03-05 09:00 delivered logical", Source.USPS, True),
        ("03-05 09:00 in_transit assumed", Source.USPS, True),
        ("03-05 09:00 in_transit unknown", Source.USPS, True),
        ("03-05 09:00 returned reported", Source.USPS, False),
        ("03-05 09:00 in_transit scanned", Source.VENDOR, False),
    ],
)
def test_only_the_post_scans(text: str, source: Source, is_scan: bool) -> None:
    assert event(text, source=source).is_scan is is_scan


def test_an_event_with_detail_can_be_told_apart_and_kept_in_a_set() -> None:
    moved = event("03-05 09:00 rerouted", detail={"reason": "moved"})
    assert len({moved, event("03-05 09:00 rerouted")}) == 2
