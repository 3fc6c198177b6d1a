"""Public ids: a keyed permutation that gives nothing away."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.ids import MAX_NUMBER, Ids

KEY = bytes(range(32))
IDS = Ids(KEY)
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
prefixes = st.from_regex(r"[a-z]{1,12}(_[a-z]{1,8}){0,2}", fullmatch=True)
numbers = st.integers(0, MAX_NUMBER)


@given(prefixes, numbers)
def test_an_id_is_read_back_in_any_case(prefix: str, number: int) -> None:
    text = IDS.encode(prefix, number)
    assert re.fullmatch(rf"{prefix}_[{ALPHABET}]{{13}}", text)
    assert IDS.decode(text) == (prefix, number)
    assert IDS.decode(text.upper()) == (prefix, number)


def test_ids_stay_as_they_are_from_version_to_version() -> None:
    # They stand in other people's systems: whoever changes the cipher breaks them.
    assert [IDS.encode("letter", number) for number in (0, 1, 2, MAX_NUMBER)] == [
        "letter_0gdvswg198jds",
        "letter_ezytw7jsf98r9",
        "letter_8za6acrq1ze03",
        "letter_4vpb16x7rwqth",
    ]
    assert IDS.encode("self_mailer", 1) == "self_mailer_2c84ppstmzbpe"


def test_no_two_numbers_share_an_id() -> None:
    assert len({IDS.encode("letter", number) for number in range(20_000)}) == 20_000


def test_the_same_number_differs_by_kind_and_by_installation() -> None:
    other = Ids(KEY[::-1])
    tails = {ids.encode(kind, 7).rpartition("_")[2] for ids in (IDS, other) for kind in ("letter", "campaign", "event")}
    assert len(tails) == 6
    with pytest.raises(ValueError, match="is no id"):
        other.decode(IDS.encode("letter", 7))
    with pytest.raises(ValueError, match="is no id"):
        IDS.decode(IDS.encode("letter", 7).replace("letter", "campaign"))


def test_neighbouring_numbers_have_unlike_ids() -> None:
    # Every sign of the tail takes about all of its values within a thousand numbers, so no part of it counts along.
    tails = [IDS.encode("letter", number).rpartition("_")[2] for number in range(1000)]
    assert [len(set(signs)) for signs in zip(*tails, strict=True)] == [16] + [32] * 12
    assert sorted(tails) != tails


def test_guessing_is_hopeless() -> None:
    rng = random.Random(1)
    taken = 0
    for _ in range(20_000):
        tail = rng.choice(ALPHABET[:16]) + "".join(rng.choices(ALPHABET, k=12))
        try:
            IDS.decode(f"letter_{tail}")
            taken += 1
        except ValueError:
            pass
    assert taken == 0


@given(numbers, st.integers(0, 12), st.sampled_from(ALPHABET))
def test_a_mistyped_sign_gives_no_other_id(number: int, place: int, sign: str) -> None:
    head, tail = IDS.encode("letter", number).split("_")
    changed = tail[:place] + sign + tail[place + 1 :]
    if changed != tail:
        with pytest.raises(ValueError, match="is no id"):
            IDS.decode(f"{head}_{changed}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "letter",
        "letter_",
        "_0000000000000",
        "letter_000000000000",
        "letter_00000000000000",
        "letter_g000000000000",  # more than 64 bits
        "letter_000000000000u",
        "letter_0000000000-1",
        "letter 0000000000000",
        "lett3r_0000000000000",
        "letter__000000000000",
        "letter_0000000000000\n",
        "letter_٠٠٠٠٠٠٠٠٠٠٠٠٠",
        "Ⓛetter_0000000000000",
        "x" * 10_000 + "_0000000000000",
    ],
)
def test_what_is_no_id_is_refused_in_one_short_line(text: str) -> None:
    with pytest.raises(
        ValueError, match="is no id; it needs a kind, an underscore and 13 letters and digits"
    ) as caught:
        IDS.decode(text)
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        prefix, number = IDS.decode(text)
    except ValueError:
        return
    assert IDS.encode(prefix, number) == text.lower()


@pytest.mark.parametrize("number", [-1, MAX_NUMBER + 1])
def test_a_number_outside_its_range_has_no_id(number: int) -> None:
    with pytest.raises(ValueError, match=f"number {number} is outside 0 to {MAX_NUMBER}"):
        IDS.encode("letter", number)


@pytest.mark.parametrize("prefix", ["", "Letter", "let ter", "_letter", "letter_", "a__b", "x" * 41])
def test_a_kind_that_is_no_word_has_no_id(prefix: str) -> None:
    with pytest.raises(ValueError, match="is not lower-case words"):
        IDS.encode(prefix, 1)


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_a_key_has_32_bytes(key: bytes) -> None:
    with pytest.raises(ValueError, match=f"key has {len(key)} bytes; it needs exactly 32"):
        Ids(key)
