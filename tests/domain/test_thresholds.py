"""The table of thresholds, and what a value may be."""

import pytest

from sendtrail.domain.problems import Invalid
from sendtrail.domain.thresholds import ATTENTION, BY_NAME, DEFAULTS, GROUPS, PRESUMED, TABLE, checked


def test_every_default_lies_within_its_bounds_and_every_meaning_is_a_sentence() -> None:
    assert len(BY_NAME) == len(TABLE)
    for each in TABLE:
        assert checked(each.name, each.default) == each.default
        assert each.meaning.endswith(".")
        assert each.meaning[0].isupper()


def test_what_is_presumed_cannot_be_ended_while_what_needs_attention_can() -> None:
    assert not any(each.can_end for each in GROUPS[PRESUMED])
    assert [each.name for each in GROUPS[ATTENTION] if not each.can_end] == ["window_days"]


def test_silence_is_spoken_of_before_presumption_ends_it() -> None:
    assert DEFAULTS["unscanned_first_class"] < DEFAULTS["first_class"]
    assert DEFAULTS["unscanned_marketing"] < DEFAULTS["marketing"]


@pytest.mark.parametrize(("name", "value"), [("quiet_days", 0), ("held_days", -1), ("held_days", 366), ("sideways", 1)])
def test_what_is_out_of_bounds_or_unknown_is_refused_by_name(name: str, value: int) -> None:
    with pytest.raises(Invalid) as refused:
        checked(name, value)
    assert refused.value.param == name
