"""What holds for every vocabulary: its words are explained, and the order of arrival does not change them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.events import EVENT_TYPES, Kind
from sendtrail.domain.facts import Facts
from sendtrail.domain.trail import Event
from sendtrail.domain.vocabularies import MEANINGS, VOCABULARIES, lob, postalytics, sendoso, stannp, tell
from tests.domain.trails import any_trail, trail

FACTS = st.builds(Facts, st.sampled_from(Kind), st.sampled_from(["usps", "canada_post", ""]))


@pytest.mark.parametrize(
    ("vocabulary", "words"),
    [
        ("stannp", {t.stannp for t in EVENT_TYPES}),
        ("postalytics", {t.postalytics.removesuffix(" (Canada)") for t in EVENT_TYPES}),
        (
            "postgrid",
            {t.postgrid.partition("/")[0] for t in EVENT_TYPES}
            | {"entered_mail_stream", "out_for_delivery", "returned_to_sender"},
        ),
        ("sendoso", {t.sendoso for t in EVENT_TYPES}),
        ("lob", {t.lob for t in EVENT_TYPES}),
    ],
)
def test_every_word_is_explained_and_no_other(vocabulary: str, words: set[str]) -> None:
    assert set(MEANINGS[vocabulary]) == words - {""}
    assert all(meaning[0].isupper() and meaning.endswith(".") for meaning in MEANINGS[vocabulary].values())


def test_the_five_vocabularies_are_told_by_their_names() -> None:
    assert list(VOCABULARIES) == list(MEANINGS) == ["stannp", "postalytics", "postgrid", "sendoso", "lob"]


def test_a_send_tells_all_five_at_once() -> None:
    events = trail("03-02 09:00 created", "03-05 04:30 out_for_delivery scanned 10199")
    assert tell(events, Facts(Kind.LETTER, post="usps")) == {
        "stannp": "local_delivery",
        "postalytics": {"name": "ProcessedForDelivery", "code": 6},
        "postgrid": {
            "status": "processed_for_delivery",
            "imbStatus": "out_for_delivery",
            "imbDate": "2026-03-05T04:30:00.000Z",
            "imbZIPCode": "10199",
        },
        "sendoso": "Shipped",
        "lob": "Processed for Delivery",
    }


def test_nothing_is_told_of_a_trail_without_events() -> None:
    assert tell([], Facts(Kind.LETTER, post="usps")) == {
        "stannp": None,
        "postalytics": None,
        "postgrid": {"status": None, "imbStatus": None, "imbDate": None, "imbZIPCode": None},
        "sendoso": None,
        "lob": None,
    }


@given(FACTS, st.data(), st.randoms(use_true_random=False))
def test_no_order_of_arrival_and_no_repetition_changes_the_words(
    facts: Facts, data: st.DataObject, chance: random.Random
) -> None:
    events = _of_distinct_facts(data.draw(any_trail(facts.kind)))
    arrivals = events + chance.choices(events, k=3) if events else []
    chance.shuffle(arrivals)
    assert tell(arrivals, facts) == tell(events, facts)


@given(FACTS, st.data())
def test_every_told_word_is_explained(facts: Facts, data: st.DataObject) -> None:
    events = data.draw(any_trail(facts.kind))
    for name, vocabulary in (("stannp", stannp), ("sendoso", sendoso), ("lob", lob)):
        assert vocabulary.tell(events, facts) in {None, *MEANINGS[name]}
    assert {telling.name for telling in postalytics.tellings(events, facts)} <= set(MEANINGS["postalytics"])


def _of_distinct_facts(events: list[Event]) -> list[Event]:
    """Without two reports of one moment that differ by place or source only: which of these is shown is open."""
    return list({(e.code, e.occurred_at, e.evidence): e for e in events}.values())
