"""Whole addresses on one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.new_contact import NewContact, judge
from sendtrail.domain.whole_addresses import Whole, take_apart

STREET = "145 Mulberry St Apt 2"


@pytest.mark.parametrize(
    ("line", "country", "whole"),
    [
        (f"{STREET}, New York NY 10013", "US", Whole(STREET, "New York", "NY", "10013")),
        (f"{STREET}, New York, NY 10013-2341", "US", Whole(STREET, "New York", "NY", "10013-2341")),
        (f"{STREET},New York,NY,10013", "US", Whole(STREET, "New York", "NY", "10013")),
        (f" {STREET} , New York ,  new york  10013, USA", "US", Whole(STREET, "New York", "NY", "10013")),
        (f"{STREET}\nNew York, N.Y. 10013", "US", None),
        ("145 Mulberry St, Apt 2, New York NY 10013", "US", Whole("145 Mulberry St, Apt 2", "New York", "NY", "10013")),
        ("1 Elm Ave NW, Washington DC 20500", "US", Whole("1 Elm Ave NW", "Washington", "DC", "20500")),
        ("1 Elm St, Charleston West Virginia 25301", "US", Whole("1 Elm St", "Charleston", "WV", "25301")),
        ("1 Elm St, Point West Virginia 22030", "US", Whole("1 Elm St", "Point West", "VA", "22030")),
        ("1 Elm St, Coeur d'Alene, ID 83814", "US", Whole("1 Elm St", "Coeur d'Alene", "ID", "83814")),
        ("1 Elm St, Key West FL 33040", "US", Whole("1 Elm St", "Key West", "FL", "33040")),
        ("1 Elm St, East St. Louis IL 62201", "US", Whole("1 Elm St", "East St. Louis", "IL", "62201")),
        ("Hall 3, Mulberry St N, New York 10013", "US", None),
        ("Hall 3, Mulberry St N, NY 10013", "US", None),
        ("1 Elm St, Upper Marlboro, MD 20772", "US", Whole("1 Elm St", "Upper Marlboro", "MD", "20772")),
        ("PO Box 12, San Juan PR 00901", "PR", Whole("PO Box 12", "San Juan", "PR", "00901")),
        ("200 Wellington St W, Ottawa ON K1A 0G9", "CA", Whole("200 Wellington St W", "Ottawa", "ON", "K1A 0G9")),
        ("1 rue Peel, Montréal (Québec) H3C 2G3", "CA", None),
        ("1 rue Peel, Montréal, Québec h3c2g3, Canada", "CA", Whole("1 rue Peel", "Montréal", "QC", "h3c2g3")),
        ("145 Mulberry St New York NY 10013", "US", None),
        (f"{STREET}, New York 10013", "US", None),
        (f"{STREET}, New York NY", "US", None),
        (f"{STREET}, New York NJ 10013", "US", None),
        (f"{STREET}, NY 10013", "US", None),
        ("145 Mulberry St, Apt B New York NY 10013", "US", None),
        ("145 Mulberry St, Apt B, NY 10013", "US", None),
        ("145 Mulberry St, # 2 New York NY 10013", "US", None),
        ("145 Mulberry St, Rear New York NY 10013", "US", None),
        ("145 Mulberry St, Rear, NY 10013", "US", None),
        ("Hall 3, Mulberry Street, NY 10013", "US", None),
        ("Town Hall, New York NY 10013", "US", None),
        (", New York NY 10013", "US", None),
        (f"{STREET}, New York NY 10013", "CA", None),
        ("1 High St, London SW1A 1AA", "GB", None),
    ],
)  # fmt: skip
def test_a_line_is_taken_apart_where_it_can_mean_one_thing_only(line: str, country: str, whole: Whole | None) -> None:
    assert take_apart(line, country) == whole


def test_a_contact_on_one_line_is_corrected_or_fails_by_what_is_missing() -> None:
    line = f"{STREET}, New York New York 100132341"
    whole = NewContact(line, "US", first_name="Ann")

    right, status, errors = judge(whole, live=True)

    assert (right.address_line1, right.city, right.state, right.postal_code) == (STREET, "New York", "NY", "10013-2341")
    assert (status, errors) == ("corrected", f"the line {line!a} was taken apart")
    assert judge(right, live=True).status == "verified"
    assert judge(whole, live=False) == (whole, "verified", "")
    doubtful = NewContact("145 Mulberry St New York NY 10013", "US", first_name="Ann")
    assert judge(doubtful, live=True) == (doubtful, "failed", "the city is missing; the ZIP Code is missing")


@given(st.text("1aNY, \n0.-#é", max_size=30).map("1 Elm St, ".__add__), st.sampled_from(["US", "CA"]))
def test_nothing_of_a_line_that_is_taken_apart_gets_lost(text: str, country: str) -> None:
    line = f"{text} {'NY 10013' if country == 'US' else 'ON K1A 0B1'}"
    if whole := take_apart(line, country):
        assert "".join("".join(whole).split()).replace(",", "") == "".join(line.split()).replace(",", "")
