"""What numbers of bank accounts must be like."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.bank_accounts import NewBankAccount, is_routing_number, last_digits, settle_account
from sendtrail.domain.problems import Invalid

US: dict[str, Any] = {
    "bank_name": "First",
    "country": "US",
    "account_number": "123456789",
    "routing_number": "021000021",
}
CANADA: dict[str, Any] = {
    "bank_name": "Première",
    "country": "CA",
    "account_number": "1234567",
    "route_number": "003",
    "transit_number": "00102",
}


@pytest.mark.parametrize("routing", ["021000021", "011401533", "322271627", "111000025", "061000104"])
def test_routing_numbers_of_banks_are_known(routing: str) -> None:
    assert is_routing_number(routing)


@given(st.sampled_from(["021000021", "322271627"]), st.integers(0, 8), st.integers(1, 9))
def test_no_digit_of_a_routing_number_can_be_another(routing: str, place: int, more: int) -> None:
    digit = (int(routing[place]) + more) % 10
    assert not is_routing_number(f"{routing[:place]}{digit}{routing[place + 1 :]}")


def test_numbers_are_kept_as_digits() -> None:
    given = {**US, "account_number": " 1234-5678 9", "routing_number": "0210 00021", "bank_name": " First "}
    assert settle_account(NewBankAccount(**given)) == NewBankAccount(**US)
    assert settle_account(NewBankAccount(**CANADA)) == NewBankAccount(**CANADA)


@pytest.mark.parametrize(
    ("given", "param", "message"),
    [
        (US | {"routing_number": ""}, "routing_number", "routing_number must be 9 digits"),
        (
            US | {"routing_number": "021000022"},
            "routing_number",
            "routing_number 021000022 is no routing number: its check digit is wrong",
        ),
        (US | {"account_number": "12x4"}, "account_number", "account_number must be 4 to 17 digits"),
        (US | {"account_number": "١٢٣٤٥"}, "account_number", "account_number must be 4 to 17 digits"),
        (US | {"transit_number": "00102"}, "transit_number", "transit_number goes with accounts in CA only"),
        (US | {"bank_name": " "}, "bank_name", "bank_name is missing"),
        (US | {"bank_name": "a\nb"}, "bank_name", "bank_name must be one line of text"),
        (CANADA | {"route_number": "3"}, "route_number", "route_number must be 3 digits"),
        (CANADA | {"transit_number": ""}, "transit_number", "transit_number must be 5 digits"),
        (CANADA | {"designation_number": "x"}, "designation_number", "designation_number must be 6 digits at most"),
        (CANADA | {"routing_number": "021000021"}, "routing_number", "routing_number goes with accounts in US only"),
    ],
)
def test_what_cannot_be_one_is_refused_by_its_field(given: dict[str, Any], param: str, message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        settle_account(NewBankAccount(**given))
    assert (refusal.value.param, refusal.value.message) == (param, message)


@given(st.text("0123456789", min_size=4, max_size=17))
def test_at_least_half_of_a_number_stays_hidden(number: str) -> None:
    shown = last_digits(number)
    assert number.endswith(shown)
    assert 2 <= len(shown) <= min(4, len(number) / 2)
