"""What campaigns that make their own sends need, and how they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.events import Kind
from sendtrail.domain.mailings import KINDS, PARTS, Settings, lacking, making_for, standing
from sendtrail.domain.pieces import Cheque, Making
from sendtrail.domain.problems import Invalid

few = st.integers(0, 3)


@given(few, few, few)
def test_a_campaign_stands_where_its_sends_do_and_never_goes_back(ready: int, printing: int, beyond: int) -> None:
    order = ("ready", "printing", "processed_for_delivery")
    now = standing(ready, printing, beyond)

    assert (now == "ready") == (printing + beyond == 0)
    assert (now == "processed_for_delivery") == (beyond > 0 and ready + printing == 0)
    if ready:
        assert order.index(standing(ready - 1, printing + 1, beyond)) >= order.index(now)
    if printing:
        assert order.index(standing(ready, printing - 1, beyond + 1)) >= order.index(now)


@pytest.mark.parametrize("kind", KINDS)
def test_templates_or_a_pdf_make_up_a_piece(kind: Kind) -> None:
    cheque = Cheque(0, "", 1)
    templates = Making(size="6x4", templates=dict.fromkeys(PARTS[kind], 1), cheque=cheque)

    assert lacking(kind, Settings(templates)) == []
    assert lacking(kind, Settings(Making(size="6x4", contents={"pdf": ""}, cheque=cheque))) == []
    for part in PARTS[kind]:
        others = {name: 1 for name in PARTS[kind] if name != part}
        assert lacking(kind, Settings(Making(size="6x4", templates=others))) == [part]


def test_a_postcard_needs_a_size_and_a_cheque_an_account() -> None:
    assert lacking(Kind.POSTCARD, Settings(Making(contents={"pdf": ""}))) == ["size"]
    assert lacking(Kind.CHEQUE, Settings()) == ["bank_account"]


def test_what_somebody_brings_along_counts_before_what_the_campaign_says() -> None:
    usual = Making(merge_variables={"colour": "red", "amount": 100}, cheque=Cheque(0, "USD", 1))
    made = making_for(Settings(usual), {"colour": "blue", "amount": " 250 "})

    assert made.merge_variables == {"colour": "blue", "amount": " 250 "}
    assert made.cheque is not None
    assert (made.cheque.amount, usual.cheque) == (250, Cheque(0, "USD", 1))
    assert making_for(Settings(), None).merge_variables is None


@pytest.mark.parametrize("amount", [None, "", "0", "1.50", "-5", True, "²", "99999999999", [5]])
def test_a_cheque_needs_whole_cents(amount: object) -> None:
    with pytest.raises(Invalid, match="amount") as refusal:
        making_for(Settings(Making(cheque=Cheque(0, "", 1))), {"amount": amount})
    assert refusal.value.param == "amount"
