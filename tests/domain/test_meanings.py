"""Everything that a reader may meet is explained, and help is offered when it is time."""

from datetime import UTC, datetime, timedelta

import pytest

from sendtrail.domain.events import EVENT_TYPES, Evidence, Kind
from sendtrail.domain.meanings import (
    EVIDENCE,
    MOVES,
    PHASES,
    RETURN_REASONS,
    evidence_of,
    help_overdue,
    meaning,
    tracking_overdue,
)
from sendtrail.domain.phases import Phase
from sendtrail.domain.vocabularies import MEANINGS
from sendtrail.feeds import acs

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
VOCABULARIES = ("stannp", "postalytics", "postgrid", "sendoso", "lob")


def is_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith(".") and len(text.split()) > 3


class TestMeanings:
    def test_every_status_is_explained_however_it_is_known(self) -> None:
        for type_ in EVENT_TYPES:
            for evidence in type_.evidence:
                found = meaning(type_.code, evidence)
                assert is_sentence(found.text), type_.code
                assert not found.advice or is_sentence(found.advice), type_.code

    def test_whoever_should_ask_for_help_is_told_so(self) -> None:
        for type_ in EVENT_TYPES:
            for evidence in type_.evidence:
                found = meaning(type_.code, evidence)
                assert found.patience is None or "sk for help" in found.advice, type_.code

    def test_every_word_of_every_vocabulary_is_explained(self) -> None:
        assert set(MEANINGS) == set(VOCABULARIES)
        for name in VOCABULARIES:
            told = {getattr(type_, name).partition(" (")[0].partition("/")[0] for type_ in EVENT_TYPES} - {""}
            assert told <= set(MEANINGS[name]), name
            assert all(is_sentence(text) for text in MEANINGS[name].values()), name

    def test_a_delivery_that_nobody_saw_is_never_explained_like_one_that_was_seen(self) -> None:
        seen, ruled, presumed = (
            meaning("delivered", each).text for each in (Evidence.SCANNED, Evidence.LOGICAL, Evidence.INFERRED)
        )
        assert len({seen, ruled, presumed}) == 3
        assert "Nobody saw" in presumed

    def test_every_evidence_phase_and_reason_is_explained(self) -> None:
        assert set(EVIDENCE) == set(Evidence)
        assert set(PHASES) == set(Phase) - {Phase.NONE}
        assert set(RETURN_REASONS) == set(acs.REASONS)
        assert set(MOVES) == set(acs.MOVES)


class TestEvidence:
    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("printed", ["reported"]),
            ("in_transit", ["scanned", "logical", "assumed", "reported", "unknown"]),
            ("delivered", ["inferred", "logical", "assumed", "unknown", "scanned", "reported"]),
            ("returned", ["inferred", "reported"]),
            ("redeemed", ["reported"]),
        ],
    )
    def test_only_steps_of_the_post_are_scanned(self, code: str, words: list[str]) -> None:
        rows = [type_ for type_ in EVENT_TYPES if type_.code == code]
        assert [evidence.word for type_ in rows for evidence in evidence_of(type_)] == words


class TestHelp:
    @pytest.mark.parametrize(
        ("code", "days", "expected"),
        [
            ("created", 7, False),
            ("created", 8, True),
            ("ordered", 8, True),
            ("held", 3, False),
            ("held", 4, True),
            ("failed", 0, True),
            ("undeliverable", 0, True),
            ("in_transit", 40, False),
            ("delivered", 40, False),
        ],
    )
    def test_it_is_offered_after_the_days_that_the_status_has(self, code: str, days: int, expected: bool) -> None:
        assert help_overdue(code, Evidence.REPORTED, NOW - timedelta(days), NOW) is expected

    @pytest.mark.parametrize(
        ("kind", "service", "code", "days", "number", "expected"),
        [
            (Kind.GIFT, "", "shipped", 6, "", True),
            (Kind.GIFT, "", "shipped", 5, "", False),
            (Kind.GIFT, "", "shipped", 6, "9205590901000042000010", False),
            (Kind.GIFT, "", "delivered", 6, "", False),
            (Kind.LETTER, "first_class certified", "handed_over", 6, "", True),
            (Kind.LETTER, "first_class", "handed_over", 60, "", False),
            (Kind.EGIFT, "", "opened", 60, "", False),
        ],
    )
    def test_a_tracking_number_that_should_be_there_is_missed(
        self, kind: Kind, service: str, code: str, days: int, number: str, expected: bool
    ) -> None:
        assert tracking_overdue(kind, service, code, NOW - timedelta(days), number, NOW) is expected

    def test_what_has_not_left_needs_no_tracking_number(self) -> None:
        assert not tracking_overdue(Kind.GIFT, "", "ordered", None, "", NOW)
