"""Sends of one shape are told alike: the words of a shape are those of each of its sends."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.events import ID_BY_CODE, Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.packing import ITEM, NO_OPERATION, to_ms
from sendtrail.domain.shapes import MEANING, Spelling, shape_of, tell_shape
from sendtrail.domain.trail import Event
from sendtrail.domain.vocabularies import tell
from tests.domain.trails import any_trail, trail


class Meanings(dict[int, int]):
    """Of items whose `sub` is the code, scans' too: nothing but the code is needed here."""

    def __missing__(self, low: int) -> int:
        item = ITEM.unpack(low)
        return MEANING.pack(code=item["sub"], source=item["source"], evidence=item["evidence"])


def packed(event: Event) -> int:
    return ITEM.pack(
        ms=to_ms(event.occurred_at),
        sub=ID_BY_CODE[event.code],
        op=NO_OPERATION,
        source=event.source,
        evidence=event.evidence,
    )


def words(told: dict[str, object]) -> dict[str, object]:
    """Without the moment and the place that PostGrid's order also names."""
    order = told["postgrid"]
    assert isinstance(order, dict)
    return {**told, "postgrid": {name: order[name] for name in ("status", "imbStatus")}}


FACTS = st.builds(
    Facts,
    kind=st.sampled_from(Kind),
    post=st.sampled_from(["", "usps", "canada_post"]),
    mailing_class=st.sampled_from(["", "first_class", "marketing"]),
    extra_service=st.sampled_from(["", "certified"]),
    recipient_zip=st.sampled_from(["", "10001", "60601-1234"]),
    return_zip=st.sampled_from(["", "10001"]),
    time_zone=st.sampled_from(["UTC", "America/New_York"]),
)


@given(FACTS, st.data())
def test_a_shape_is_told_as_each_of_its_sends(facts: Facts, data: st.DataObject) -> None:
    events = data.draw(any_trail(facts.kind))
    shape = shape_of(facts.kind, facts.post, [packed(event) for event in events], Meanings())
    assert words(tell_shape(shape)) == words(tell(events, facts))


@given(st.lists(any_trail(Kind.LETTER), max_size=6))
def test_trails_are_spelled_alike_only_if_they_have_one_shape(trails: list[list[Event]]) -> None:
    meanings = Meanings()
    packs = [[packed(event) for event in events] for events in trails]
    items = np.array([item for pack in packs for item in pack], np.int64)
    spelled = Spelling(meanings.__getitem__).spelled(items, [len(pack) for pack in packs])
    for pack, text in zip(packs, spelled, strict=True):
        moments = [item >> ITEM.shift("ms") for item in pack]
        assert (text is not None) == (moments == sorted(set(moments)))
        if text is not None:
            shape = shape_of(Kind.LETTER, "usps", pack, meanings)
            assert (tuple(np.frombuffer(text, np.int16)), ()) == (shape.meanings, shape.moments)


def shape(*texts: str) -> object:
    return shape_of(Kind.LETTER, "usps", [packed(event) for event in trail(*texts)], Meanings())


MADE, MOVED = "03-02 09:00 created", "03-05 22:10 in_transit"


def test_the_same_events_on_other_days_have_the_same_shape() -> None:
    assert shape("04-02 09:00 created", "04-09 01:00 in_transit") == shape(MADE, MOVED)


def test_late_scans_have_the_shape_of_those_in_time() -> None:
    assert shape(MOVED, MADE) == shape(MADE, MOVED)


def test_what_happened_at_once_has_a_shape_of_its_own() -> None:
    assert shape(MADE, "03-02 09:00 in_transit") != shape(MADE, MOVED)
