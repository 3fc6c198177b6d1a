from zoneinfo import ZoneInfo

import pytest

from sendtrail.feeds.printer import CODES
from tests.feeds.feeding import fields_of, take, told

HEADER = "send,code,occurred_at,note\n"
IMB = "0027090123456700000112345678901"


@pytest.mark.parametrize("code", CODES)
def test_a_printer_tells_what_a_printer_does(code: str) -> None:
    taken = take(f"{HEADER}letter_1a2B,{code},2026-03-02T10:00:00+01:00,\n".encode())
    assert taken.format == "printer"
    assert told(taken.only) == (code, "2026-03-02T09:00:00+00:00")
    assert fields_of(taken.only)["source"] == "printer"
    assert fields_of(taken.only)["evidence"] == "reported"
    assert (taken.only.mid_serial, taken.only.send, taken.only.line) == (0, "letter_1a2B", 2)
    assert not taken.only.zoneless
    assert taken.only.detail == ""


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("Printed", "printed"),
        ("Producing: printed", "printed"),
        ("Handed over", "handed_over"),
        ("HANDED-OVER", "handed_over"),
        ("mailed", "handed_over"),
        ("MailPieceCreated", "rendered"),
        ("rendered_pdf", "rendered"),
        ("Producing", "in_production"),
        ("damaged, printing again", "reprinting"),
        ("Held", "held"),
    ],
)
def test_labels_and_other_systems_names_are_understood(spelling: str, code: str) -> None:
    assert told(take(f'{HEADER}letter_1,"{spelling}",2026-03-02,\n'.encode()).only)[0] == code


@pytest.mark.parametrize("code", ["delivered", "scanned", "cancelled", "Received", "returned", ""])
def test_a_printer_cannot_tell_anything_else(code: str) -> None:
    taken = take(f"{HEADER}letter_1,{code},2026-03-02,\n".encode())
    assert taken.reasons == {2: f'code "{code}" is none of {", ".join(CODES)}'}


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-02", "2026-03-03T04:59:59+00:00"),
        ("3/2/2026", "2026-03-03T04:59:59+00:00"),
        ("2026-03-02T10:00", "2026-03-02T15:00:00+00:00"),
        ("05/02/2026 10:00:00", "2026-05-02T14:00:00+00:00"),
        ("2026-03-02 10:00:00.250Z", "2026-03-02T10:00:00.250000+00:00"),
        ("2026-03-02T10:00:00-0500", "2026-03-02T15:00:00+00:00"),
    ],
)
def test_a_date_counts_as_the_end_of_the_organizations_day(text: str, at: str) -> None:
    zone = ZoneInfo("America/New_York")
    only = take(f"{HEADER}letter_1,printed,{text},\n".encode(), zone=zone).only
    assert told(only)[1] == at
    assert not only.zoneless


def test_a_send_is_named_by_barcode_or_by_text() -> None:
    data = f"imb,send id,code,occurred_at\n{IMB},,printed,2026-03-02\n,9400111899223197428490,printed,2026-03-02\n"
    barcode, number = take(data.encode()).observations
    assert (barcode.mid_serial, barcode.label, barcode.send, barcode.line) == (901234567000001, 27012345, "", 0)
    assert (number.mid_serial, number.send, number.line) == (0, "9400111899223197428490", 3)
    either = take(f"imb or send id,code,occurred_at\n{IMB},printed,2026-03-02\ncheque_9z,printed,2026-03-02\n".encode())
    assert [(each.mid_serial, each.send) for each in either.observations] == [(901234567000001, ""), (0, "cheque_9z")]


def test_a_barcode_that_cannot_be_is_refused() -> None:
    taken = take(f"imb,code,occurred_at\n05{IMB[2:]},printed,2026-03-02\n".encode())
    assert taken.observations == []
    assert taken.reasons == {2: f'imb "05{IMB[2:]}" is no Intelligent Mail barcode: its second digit must be 0 to 4'}


def test_a_note_is_kept_and_a_bad_line_refused() -> None:
    lines = "letter_1,printed,2026-03-02,two boxes\n,printed,2026-03-02,\nletter_1,printed,2026-13-02,\n"
    taken = take((HEADER + lines).encode())
    assert taken.observations[0].detail == '{"note": "two boxes"}'
    assert taken.reasons == {
        3: "send missing: which send is meant",
        4: 'occurred_at "2026-13-02" is not a date such as 2026-03-02 or a time such as 2026-03-02T22:56:10-05:00',
    }
