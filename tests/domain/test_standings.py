"""Words for a status alone: they are never other than those that the whole trail would give."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sendtrail.domain.events import EVENT_TYPES, Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.packing import STATUS_MASK
from sendtrail.domain.standings import CALLED, groups, standing
from sendtrail.domain.trail import Event, best
from sendtrail.domain.vocabularies import VOCABULARIES
from tests.domain.trails import any_trail, trail

TRAILS = st.sampled_from(Kind).flatmap(lambda kind: st.tuples(st.just(kind), any_trail(kind, 6).filter(bool)))


def told(reader: str, events: list[Event], kind: Kind) -> object:
    words = VOCABULARIES[reader](events, Facts(kind, post="usps"))
    return words["status"] if isinstance(words, dict) else words


def order(*texts: str) -> tuple[Kind, list[Event]]:
    return Kind.LETTER, trail(*texts)


@example(order("03-05 16:00 delivered inferred", "03-06 04:30 out_for_delivery"), "postgrid")
@example(order("03-05 16:00 delivered logical", "03-06 04:30 returned reported"), "postgrid")
@example(order("03-05 16:00 delivered logical", "03-06 04:30 cancelled"), "postgrid")
@given(TRAILS, st.sampled_from(sorted(CALLED)))
def test_what_a_trail_tells_is_among_the_words_for_its_status(case: tuple[Kind, list[Event]], reader: str) -> None:
    kind, events = case
    number = standing(kind, best(events) & STATUS_MASK)
    (group,) = [group for group in groups(reader) if number in group.standings]
    assert told(reader, events, kind) in (group.words or (None,))


@pytest.mark.parametrize("reader", sorted(CALLED))
def test_every_standing_is_in_one_group(reader: str) -> None:
    found = [number for group in groups(reader) for number in group.standings]
    assert len(found) == len(set(found))
    assert len(found) == sum(len(type_.kinds) * len(type_.evidence) for type_ in EVENT_TYPES)


def test_words_come_in_the_order_of_a_sends_life() -> None:
    assert [group.key for group in groups("postgrid")] == [
        "ready",
        "printing",
        "processed_for_delivery",
        "processed_for_delivery|completed",
        "completed",
        "cancelled|completed",
        "-",
    ]
    assert [group.key for group in groups("lob")][-1] == "-"


def test_a_delivery_that_is_presumed_has_words_of_its_own() -> None:
    words = {(group.key, type_.label) for group in groups("sendoso") for type_ in group.types}
    assert ("Shipped", "Presumed delivered") in words
    assert ("Delivered", "Delivered") in words
