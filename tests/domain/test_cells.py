"""What a CSV says is what a spreadsheet shows and a program reads, and nothing of it runs."""

import csv
import io
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sendtrail.domain.cells import joined, line, marked

TEXTS = st.text(st.sampled_from("=+-@'\t\r\n\",;0019eE/x ＝é𝄞"), max_size=8) | st.text(max_size=20)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=5), max_size=5))
@example([["", ""], ['a"b', "c,d"], ["\r", "\n"], ["\r\n", " "]])
def test_every_cell_is_read_back_as_it_was_written(rows: list[list[str]]) -> None:
    assert read("".join(joined(row) + "\r\n" for row in rows)) == rows


@given(st.lists(TEXTS, min_size=2, max_size=5))
def test_no_more_is_quoted_than_must_be(cells: list[str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    assert joined(cells) + "\r\n" == text.getvalue()


@given(TEXTS)
def test_nothing_begins_like_a_formula(text: str) -> None:
    for numbers in (True, False):
        (cell,) = marked([text], numbers=numbers)
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


@given(TEXTS)
def test_a_mark_comes_off_without_doubt(text: str) -> None:
    for numbers in (True, False):
        (cell,) = marked([text], numbers=numbers)
        behind = cell[1:]
        is_marked = cell.startswith("'") and marked([behind], numbers=numbers) != [behind]
        assert (behind if is_marked else cell) == text


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "+1 212 555 0100", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "'=1", "''@x"]
)
def test_what_a_spreadsheet_would_run_is_marked(text: str) -> None:
    assert marked([text]) == marked([text], numbers=True) == [f"'{text}"]


@pytest.mark.parametrize(
    "text", ["02134", "0", "00270123456200800001", "123456789012", "1E10", "12e3", "1-2", "3/4", "2026-03-02", "1/2/26"]
)
def test_numbers_that_a_spreadsheet_would_change_are_marked_where_asked(text: str) -> None:
    assert marked([text]) == [text]
    assert marked([text], numbers=True) == [text if text == "0" else f"'{text}"]


@pytest.mark.parametrize(
    "text", ["", "10001", "12345678901", "1 Elm Street", "12-A", "'t Hooft", "O'Neil", "a=b", "李", "1-2-3-4", "12E"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert marked([text], numbers=True) == [text]


def test_a_line_marks_texts_and_leaves_numbers_alone() -> None:
    assert line([-5, date(2026, 3, 2), "-5", 'say "hi"', "a,b"]) == '-5,2026-03-02,\'-5,"say ""hi""","a,b"\r\n'
