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
    assert (send.kind, send.cost_cents, send.metadata) == ("cheque", 0, {"cost": "$1.20", "Shelf": "West"})


def test_packed_and_in_other_delimiters_it_says_the_same() -> None:
    plain = say("lob.csv", b'id;status;date;name\r\nx;mailed;2026-03-06;"Lee; Ann"\r\n')

    assert plain.sends["lob:x"].to.name == "Lee; Ann"
    assert say("lob.csv", gzip.compress(b"\xef\xbb\xbfid,status,date\nx,mailed,2026-03-06\n")).steps == plain.steps


def test_the_kind_is_that_of_the_row_else_of_whoever_imports_it() -> None:
    named = (("x1", "postcards"), ("x2", ""), ("psc_3", ""))
    rows = f"{HEADER},type\n" + "".join(f"{id_},mailed,2026-03-06,Ann,,{kind}\n" for id_, kind in named)

    kinds = [send.kind for send in say("lob.csv.self_mailer", rows.encode()).sends.values()]

    assert kinds == ["postcard", "self_mailer", "postcard"]


def test_dates_are_read_alike_in_all_columns_and_a_send_without_one_is_of_its_first_step() -> None:
    said = say(
        "lob.csv",
        b"id,name,send date,mailed,delivered\n"
        b"a,Ann,03/12/2025,03/13/2025,03/17/2025\n"
        b"b,Bob,,03/13/2025 23:30,2025-03-17\n"
        b"c,Eve,2025-03-12T09:00:00Z,,\n"
        b"d,Joe,12.03.2025,03/13/2025,\n",
        zone="America/New_York",
    )

    days = {name: str(send.send_date) for name, send in said.sends.items()}
    assert days == {"lob:a": "2025-03-12", "lob:b": "2025-03-13", "lob:c": "2025-03-12"}
    assert said.problems == [
        'send date "12.03.2025" is not a date such as 2026-03-02 or a time such as 2026-03-02T22:56:10-05:00'
    ]
    assert len(said.steps) == 4


def test_what_the_post_says_of_postgrid_s_orders_is_told_besides_their_status() -> None:
    said = say(
        "postgrid.csv",
        b"id,status,updatedAt,imbStatus,imbDate,imbZIPCode,mailingClass,firstName\n"
        b"letter_1,completed,2025-03-20T10:00:00Z,out_for_delivery,2025-03-12T10:00:00Z,94107,standard_class,Ann\n"
        b"letter_2,printing,2025-03-20T10:00:00Z,lost,2025-03-12,,first_class,Bob\n",
    )

    send = said.sends["postgrid:letter_1"]
    assert said.told[1] == ("postgrid:letter_1", "out_for_delivery", "2025-03-12T10:00:00Z", "reported", "vendor")
    assert [each.zip for each in said.observations] == [0, 94107]
    assert (send.mailing_class, send.metadata, len(said.sends)) == ("marketing", None, 1)
    assert said.problems == ['imbStatus "lost" is no status that we know']


def test_a_refused_row_leaves_no_send_behind() -> None:
    rows = "".join(
        f"x{n},{row}\n" for n, row in enumerate(("melted,2026-03-06,,", "mailed,soon,,", "mailed,2026-03-06,,abc"))
    )

    said = say("lob.csv", f"id,status,date,name,cost\n{rows.replace(',,', ',Ann,')}".encode())

    assert (said.sends, said.steps, len(said.problems)) == ({}, [], 3)
    assert said.problems[2] == 'cost "abc" is no amount such as 0.78'


def test_tracking_numbers_that_we_do_not_recognise_are_kept() -> None:
    said = say(
        "stannp.csv",
        b"id,status,date,name,tracking_reference\n"
        b"1,dispatched,2026-03-06,Ann,DHL 5555-555550\n"
        b"2,dispatched,2026-03-06,Bob,1Z999AA10123456785\n",
    )

    kept = [(send.tracking_number, send.carrier) for send in said.sends.values()]
    assert kept == [("DHL5555555550", ""), ("", "")]
    assert said.problems == [
        'tracking_number "1Z999AA10123456785" is no number of any carrier: its length or check digit is wrong'
    ]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (f"{HEADER}\nx,mailed,2026-03-06,An\rn,", "it cannot be read on: a cell with a line break in it"),
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
