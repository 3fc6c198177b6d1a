"""A send's eight steps and the words for how we know, without a page around them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sendtrail.domain.events import Evidence, Kind, Source
from sendtrail.web.steps import how_known, steps


def event(code: str, day: int, evidence: str = "scanned", source: str = "usps") -> dict[str, Any]:
    moment = datetime(2026, 3, day, tzinfo=UTC)
    return {"code": code, "occurred_at": moment, "since": moment, "evidence": evidence, "source": source}


def told(status: dict[str, Any], *others: dict[str, Any], kind: Kind = Kind.LETTER) -> list[str]:
    """For each step the day on which it was reached, or what the page says instead."""
    return [
        str(step.event["occurred_at"].day) if step.event else step.absent
        for step in steps(kind, status, [status, *others])
    ]


RECEIVED = event("created", 1, "reported", "system")


@pytest.mark.parametrize(
    ("status", "others", "expected"),
    [
        (RECEIVED, [], ["1", "not yet", "not yet", "not yet", "not yet", "not yet", "no", "no"]),
        (
            event("delivered", 9, "logical"),
            [RECEIVED, event("printed", 2, "reported", "printer"), event("in_transit", 4), event("in_transit", 3)],
            ["1", "2", "not scanned", "3", "not scanned", "9", "no", "no"],
        ),
        (
            event("returned", 9, "reported"),
            [RECEIVED, event("in_transit", 4)],
            ["1", "not reported", "not scanned", "4", "not scanned", "no", "9", "no"],
        ),
        (
            event("cancelled", 2, "reported", "person"),
            [RECEIVED],
            ["1", "not reached", "not reached", "not reached", "not reached", "no", "no", "2"],
        ),
        (
            event("delivered", 9, "logical"),
            [RECEIVED, event("delivered", 5, "logical"), event("rerouted", 6)],
            ["1", "not reported", "not scanned", "6", "not scanned", "9", "no", "no"],
        ),
    ],
)
def test_each_step_says_when_or_why_not(
    status: dict[str, Any], others: list[dict[str, Any]], expected: list[str]
) -> None:
    assert told(status, *others) == expected
    assert [step.word for step in steps(Kind.LETTER, status, [status, *others]) if step.current] == [
        {"created": "received"}.get(status["code"], status["code"])
    ]


def test_nothing_that_was_passed_over_reads_as_if_it_were_still_to_come() -> None:
    said = " ".join(told(event("delivered", 9), RECEIVED))
    assert "pending" not in said
    assert "not yet" not in said


def test_what_was_sorted_near_the_recipient_says_so_where_no_office_scanned_it() -> None:
    near = event("in_local_area", 4)
    delivered = event("delivered", 9, "logical")
    notes = [step.note for step in steps(Kind.LETTER, delivered, [RECEIVED, near, delivered])]
    assert notes[4] == "It was sorted in the recipient's region; the office that delivers did not scan it."
    assert not any(notes[:4] + notes[5:])
    assert not any(step.note for step in steps(Kind.LETTER, near, [RECEIVED, near]))


def test_what_no_post_carries_is_never_not_scanned() -> None:
    way = told(event("delivered", 9, "reported", "carrier"), RECEIVED, kind=Kind.GIFT)
    assert way == ["1", *["not reported"] * 4, "9", "no", "no"]


def test_an_egift_goes_from_inbox_to_code() -> None:
    sent, opened = event("offer_sent", 2, "reported", "system"), event("opened", 4, "reported", "recipient")
    way = steps(Kind.EGIFT, opened, [RECEIVED, sent, opened])
    assert [step.label for step in way] == ["Received", "Sent", "Opened", "Clicked", "Redeemed", "Cancelled"]
    assert [step.label for step in way if step.current] == ["Opened"]
    assert told(opened, RECEIVED, sent, kind=Kind.EGIFT) == ["1", "2", "4", "not yet", "not yet", "no"]
    expired = event("expired", 30, "reported", "system")
    assert told(expired, RECEIVED, sent, kind=Kind.EGIFT) == ["1", "2", "not reached", "not reached", "no", "30"]


def test_a_response_is_no_step() -> None:
    visit = event("link_opened", 1, "reported", "recipient")
    assert told(event("in_transit", 4), visit)[:2] == ["not reported", "not reported"]


@pytest.mark.parametrize(
    ("evidence", "source", "words"),
    [
        ("scanned", "usps", "scanned by USPS"),
        ("logical", "usps", "worked out by USPS's rule"),
        ("reported", "printer", "reported by the printer"),
        ("reported", "system", "recorded by Sendtrail"),
        ("inferred", "system", "presumed by Sendtrail"),
    ],
)
def test_how_we_know_is_said_in_words(evidence: str, source: str, words: str) -> None:
    assert how_known(event("delivered", 1, evidence, source)) == words


def test_there_are_words_for_every_evidence_and_source() -> None:
    for evidence in Evidence:
        for source in Source:
            said = how_known(event("delivered", 1, evidence.word, source.word))
            if evidence is not Evidence.INFERRED:
                assert "presumed" not in said
