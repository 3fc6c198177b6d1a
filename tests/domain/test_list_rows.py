"""Rows of a file of people: whom they tell of, and why they cannot be taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.list_rows import FIELDS, Columns, reader
from sendtrail.domain.new_contact import NewContact
from sendtrail.domain.problems import Invalid

HEADER = ["\ufeffName", " Street ", "Land", "Who", "Where", "Colour"]
COLUMNS = Columns(
    {"first_name": "Name", "address_line1": "Street", "country": "Land"},
    {"company": "Who", "address_line1": "Where"},
    {"colour": "Colour"},
    {"colour": "Who", "by": "Who"},
)
ROW = [" Ann ", "1 Main St", "ca", "Acme", "9 Elm St", "red"]


def test_a_row_tells_of_a_receiver_a_sender_and_variables() -> None:
    receiver, sender, variables = reader(HEADER, COLUMNS)(ROW)

    assert receiver == NewContact("1 Main St", "CA", first_name="Ann")
    assert sender == NewContact("9 Elm St", "US", company="Acme")
    assert variables == {"colour": "red", "by": "Acme"}
    assert reader(HEADER, Columns(COLUMNS.receivers))(ROW) == (receiver, None, None)


@pytest.mark.parametrize(
    ("place", "cell", "message"),
    [
        (0, "", "a contact needs Name or company"),
        (1, " ", "Street is missing"),
        (2, "Canada", "Land must be two letters such as US"),
        (3, "", "a contact needs first_name or Who"),
        (4, "x" * 501, "Where may be 500 characters at most"),
        (5, "\0", "the row's variables may not hold a NUL character"),
        (5, "x" * 20_000, "the row's variables may be 16,384 bytes of JSON at most"),
    ],
)
def test_a_row_that_cannot_be_taken_says_which_column_is_wrong(place: int, cell: str, message: str) -> None:
    row = [*ROW[:place], cell, *ROW[place + 1 :]]
    with pytest.raises(Invalid) as refusal:
        reader(HEADER, COLUMNS)(row)
    assert refusal.value.message == message


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (["Name", "Land"], "the file has no column 'Colour', 'Street', 'Where', 'Who'"),
        ([*HEADER, "Land"], "the file has more than one column 'Land'"),
        ([], "the file has no column 'Colour', 'Land', 'Name', 'Street', 'Where', 'Who'"),
    ],
)
def test_columns_that_the_file_does_not_have_once_are_named(header: list[str], message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        reader(header, COLUMNS)
    assert refusal.value.message == message


@given(st.lists(st.text(max_size=5), min_size=7, max_size=7, unique_by=str.strip), st.lists(st.text(), max_size=8))
def test_every_row_is_a_person_or_refused_in_one_line(header: list[str], cells: list[str]) -> None:
    columns = Columns(dict(zip(FIELDS, header[:6], strict=False)), receiver_variables={"a": header[6]})

    assert "\n" not in refusal_of(header, columns, cells)


def refusal_of(header: list[str], columns: Columns, cells: list[str]) -> str:
    """Why a row cannot be taken, empty if it can."""
    try:
        reader(header, columns)(cells)
    except Invalid as refusal:
        return refusal.message
    return ""
