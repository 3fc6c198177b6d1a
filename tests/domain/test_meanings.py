"""Everything that a reader may meet is explained, and help is offered when it is time."""

from datetime import UTC, datetime

import pytest

from sendtrail.domain.attention import RULES
from sendtrail.domain.events import EVENT_TYPES, Evidence
from sendtrail.domain.meanings import (
    EVIDENCE,
    MOVES,
    PHASES,
    RETURN_REASONS,
    evidence_of,
    meaning,
)
from sendtrail.domain.phases import Phase
from sendtrail.domain.thresholds import DEFAULTS
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
        for rule, days in (
            ("held", f"more than {DEFAULTS['held_days']} days"),
            ("at_printer", f"more than {DEFAULTS['printer_days']} business days"),
            ("failed", ""),
            ("undeliverable", ""),
        ):
            for code in RULES[rule].codes:
                advice = meaning(code, Evidence.REPORTED).advice
                assert "sk for help" in advice, code
                assert days in advice, code

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
