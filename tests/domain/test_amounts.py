"""Money as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.amounts import cents_of
from sendtrail.domain.problems import Invalid


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("0.78", 78), (".78", 78), ("5", 500), ("5.5", 550), (" $1,234.50 ", 123_450), ("-12", -1200), ("−2.00", -200),
        ("CA$2", 200), ("A$2", 200), ("£ 3.05", 305), ("USD 10", 1000), ("-$1.10", -110), ("0", 0),
        ("1,000,000", 10**8),
    ],
)  # fmt: skip
def test_amounts_are_read_as_cents(text: str, cents: int) -> None:
    assert cents_of(text) == cents


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "$", ".", "0,78", "1.234", "1,23", "12,34.50", "0.789", "five", "1e3", "--5", "5-", "٥", "9" * 16],
)
def test_what_could_mean_two_things_or_none_is_refused_by_field(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        cents_of(text, "price")
    assert refusal.value.param == "price"


@given(st.integers(-(10**12), 10**12))
def test_what_a_page_shows_can_be_typed_again(cents: int) -> None:
    amount = f"{abs(cents) / 100:,.2f}"
    assert cents_of(("−" if cents < 0 else "") + f"${amount}") == cents
