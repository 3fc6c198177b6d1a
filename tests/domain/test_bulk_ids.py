"""Ids by the thousand are those that come one by one."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.bulk_ids import encode_many
from sendtrail.domain.ids import MAX_NUMBER, Ids

IDS = Ids(bytes(range(32)))
PREFIXES = ("letter", "postcard", "self_mailer", "egift")
NUMBERS = st.integers(0, MAX_NUMBER) | st.sampled_from([0, 1, 2**32 - 1, 2**32, MAX_NUMBER])


@given(st.binary(min_size=32, max_size=32), st.lists(st.tuples(st.sampled_from(PREFIXES), NUMBERS), max_size=30))
def test_many_ids_are_what_each_is_by_itself(key: bytes, wanted: Sequence[tuple[str, int]]) -> None:
    ids = Ids(key)
    given_ = encode_many(ids, [prefix for prefix, _ in wanted], [number for _, number in wanted])
    assert given_ == [ids.encode(prefix, number) for prefix, number in wanted]


def test_longer_lists_than_are_worked_out_together_keep_their_order() -> None:
    numbers = range(20_000)
    prefixes = [PREFIXES[number % 4] for number in numbers]
    assert encode_many(IDS, prefixes, numbers) == [
        IDS.encode(prefix, number) for prefix, number in zip(prefixes, numbers, strict=True)
    ]


@pytest.mark.parametrize("number", [-1, MAX_NUMBER + 1])
def test_a_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        encode_many(IDS, ["letter", "letter"], [1, number])


def test_what_is_no_prefix_is_refused() -> None:
    with pytest.raises(ValueError, match="is not lower-case words"):
        encode_many(IDS, ["Letter"], [1])
