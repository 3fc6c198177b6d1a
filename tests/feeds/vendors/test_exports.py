"""Exports are read by the names of their columns; what cannot be taken is refused line by line, and none breaks it."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feeds.vendors.saying import say

HEADER = "id,status,date,name,zip"


def test_each_step_with_its_date_is_told_and_the_status_besides() -> None:
    said = say("stannp.csv", b"id,status,timestamp,Handed Over,Local delivery at\n7,Delivered,2026-03-06,2026-03-02,\n")

    assert said.steps == [("handed_over", "reported"), ("delivered", "inferred")]
    assert said.told[1][2] == "2026-03-06T23:59:59Z"
    assert said.sends == {}


def test_what_no_field_holds_is_kept_as_metadata() -> None:
    said = say("lob.csv", b"id,status,date,name,cost,Shelf,Empty\nchk_1,mailed,2026-03-06,Ann,$1.20,West,\n")

    send = said.sends["lob:chk_1"]
    assert (send.kind, send.cost_cents, send.metadata) == ("cheque", 120, {"Shelf": "West"})


def test_packed_and_in_other_delimiters_it_says_the_same() -> None:
    plain = say("lob.csv", b'id;status;date;name\r\nx;mailed;2026-03-06;"Lee; Ann"\r\n')

    assert plain.sends["lob:x"].to.name == "Lee; Ann"
    assert say("lob.csv", gzip.compress(b"\xef\xbb\xbfid,status,date\nx,mailed,2026-03-06\n")).steps == plain.steps


def test_the_kind_is_that_of_the_row_else_of_whoever_imports_it() -> None:
    named = (("x1", "postcards"), ("x2", ""), ("psc_3", ""))
    rows = f"{HEADER},type\n" + "".join(f"{id_},mailed,2026-03-06,Ann,,{kind}\n" for id_, kind in named)

    kinds = [send.kind for send in say("lob.csv.self_mailer", rows.encode()).sends.values()]

    assert kinds == ["postcard", "self_mailer", "postcard"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("name,status\nAnn,mailed", "no column holds lob's id, such as lob_id or id; the columns are"),
        ("", "no column holds lob's id"),
        (f"{HEADER}\nx,mailed,someday,Ann,", 'date "someday" is not a date'),
        (f"{HEADER}\nx,mailed,,Ann,", "date is missing"),
        (f"{HEADER}\nx,mailed,2019-01-01,Ann,", 'date "2019-01-01" is before 2020 or after 2089'),
        (f"{HEADER}\nx,mailed,2026-03-06", "the row has 3 columns, the header 5"),
        ("id,status\nx,mailed", "the date of its status is missing"),
        (f'{HEADER}\n"x,mailed,2026-03-06,{"y" * 200_000}', "the row has 1 column, the header 5"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(rows: str, reason: str) -> None:
    said = say("lob.csv", rows.encode())

    assert [reason in problem for problem in said.problems] == [True], said.problems
    assert said.steps == []


@given(
    st.sampled_from(["lob", "postgrid", "stannp", "postalytics", "sendoso"]),
    st.text(max_size=60),
    st.binary(max_size=40),
)
def test_no_export_breaks_the_reader(vendor: str, cells: str, junk: bytes) -> None:
    for content in (
        junk,
        f"{HEADER},type,cost,campaign\n{cells}\nx1,mailed,{cells},{cells}\n".encode(errors="replace"),
    ):
        said = say(f"{vendor}.csv", content)

        assert all(problem for problem in said.problems)
        assert all(observation.send.startswith(f"{vendor}:") for observation in said.observations)
