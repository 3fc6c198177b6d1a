"""Contacts as they are given: what they need, which are the same, what becomes of their address."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.new_contact import NewContact, judge, settle_contact
from sendtrail.domain.problems import Invalid

ANN = NewContact("1 Main St", "US", first_name="Ann", city="Chicago", state="CA", postal_code="60601")


def like_ann(**changed: Any) -> NewContact:
    return msgspec.structs.replace(ANN, **changed)


def test_outer_blanks_and_small_letters_of_countries_make_no_other_contact() -> None:
    given = like_ann(first_name=" Ann\n", country="us", city="Chicago ")
    assert settle_contact(given) == ANN
    assert settle_contact(given).digest == ANN.digest


@given(st.sampled_from([field for field in NewContact.__struct_fields__ if field not in ("description", "metadata")]))
def test_every_field_but_the_description_tells_contacts_apart(field: str) -> None:
    changed = like_ann(**{field: True if isinstance(getattr(ANN, field), bool) else "XX"})
    assert changed.digest != ANN.digest
    assert like_ann(description="x", metadata={"n": 1}).digest == ANN.digest


def test_a_refusal_names_the_field_as_who_asked_calls_it() -> None:
    for changed, param in (
        ({"first_name": " "}, "to.firstName"),
        ({"address_line1": ""}, "to.address_line1"),
        ({"country": "USA"}, "to.country"),
        ({"country": "xx"}, "to.country"),
        ({"email": "x" * 501}, "to.email"),
        ({"metadata": {"n": "x" * 20_000}}, "to.metadata"),
    ):
        with pytest.raises(Invalid) as refusal:
            settle_contact(like_ann(**changed), {"first_name": "firstName"}, "to")
        assert refusal.value.param == param
        assert param in refusal.value.message


@pytest.mark.parametrize(
    ("changed", "live", "status"),
    [
        ({}, True, "failed"),
        ({"state": "illinois"}, True, "corrected"),
        ({"state": "IL"}, True, "verified"),
        ({"description": "test failed", "state": "IL"}, True, "verified"),
        ({"skip_verification": True}, True, "verified"),
        ({"force_verified_status": True}, True, "verified"),
        ({}, False, "verified"),
        ({"description": "test failed"}, False, "failed"),
        ({"description": "test corrected"}, False, "corrected"),
        ({"description": "Test failed"}, False, "verified"),
    ],
)
def test_an_address_is_judged_in_live_mode_unless_somebody_says_how(
    changed: dict[str, Any], live: bool, status: str
) -> None:
    assert judge(like_ann(**changed), live).status == status
