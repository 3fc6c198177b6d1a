"""What can be said of an address without asking anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.address_checks import Place, check_address
from sendtrail.domain.zip_areas import AREAS, STATES


@pytest.mark.parametrize(
    ("place", "right"),
    [
        (Place("Chicago", "IL", "60601", "US"), None),
        (Place("Chicago", "il", "606010001", "US"), Place("Chicago", "IL", "60601-0001", "US")),
        (Place("Washington", "district of columbia", "20001", "US"), Place("Washington", "DC", "20001", "US")),
        (Place("Washington", "D.C.", "20001", "US"), Place("Washington", "DC", "20001", "US")),
        (Place("San Juan", "", "00901", "PR"), Place("San Juan", "PR", "00901", "PR")),
        (Place("Chicago", "", "60601", "US"), Place("Chicago", "IL", "60601", "US")),
        (Place("Pago Pago", "AS", "96799", "US"), None),
        (Place("Montréal", "Québec", "h2x1y4", "CA"), Place("Montréal", "QC", "H2X 1Y4", "CA")),
        (Place("Paris", "", "75001", "FR"), None),
    ],
)
def test_what_can_be_one_is_written_as_the_post_writes_it(place: Place, right: Place | None) -> None:
    checked = check_address(place)

    assert checked.place == (right or place)
    assert checked.status == ("corrected" if right else "verified")
    assert bool(checked.errors) == bool(right)


@pytest.mark.parametrize(
    ("place", "errors"),
    [
        (Place("Chicago", "CA", "60601", "US"), "the ZIP Code 60601 lies in IL, not in CA"),
        (Place("Chicago", "XX", "60601", "US"), "there is no state 'XX'"),
        (Place("", "IL", "60601", "US"), "the city is missing"),
        (Place("Chicago", "IL", "6060", "US"), "'6060' is no ZIP Code: it has five or nine digits"),
        (Place("Chicago", "IL", "", "US"), "the ZIP Code is missing"),
        (Place("Nowhere", "NY", "00100", "US"), "no ZIP Code begins with 001"),
        (Place("Somewhere", "", "42200", "US"), "the state is missing: the ZIP Code 42200 lies in KY or TN"),
        (Place("Ottawa", "", "60601", "CA"), "the province is missing; '60601' is no postal code: it is like K1A 0B1"),
        (Place("Ottawa", "ON", "D1A 0B1", "CA"), "'D1A 0B1' is no postal code: it is like K1A 0B1"),
    ],
)
def test_what_cannot_be_one_stays_as_it_was_and_tells_why(place: Place, errors: str) -> None:
    assert check_address(place) == (place, "failed", errors)


@given(
    st.builds(
        Place,
        st.sampled_from(["", "Chicago"]),
        st.sampled_from(["", "il", "Illinois", "TN", "québec", "XX"]) | st.text(max_size=5),
        st.from_regex(r"[0-9]{5}([ -]?[0-9]{4})?|[a-zA-Z][0-9][a-z] ?[0-9][A-Z][0-9]", fullmatch=True)
        | st.text(max_size=9),
        st.sampled_from(["US", "PR", "CA", "FR"]),
    )
)
def test_what_was_put_right_is_right(place: Place) -> None:
    checked = check_address(place)
    again = check_address(checked.place)
    assert again == (checked if checked.status == "failed" else (checked.place, "verified", ""))


def test_every_state_has_zip_codes_and_every_area_a_state() -> None:
    assert {state for states in AREAS.values() for state in states} == STATES
