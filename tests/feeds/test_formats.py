import pytest

from sendtrail.feeds.formats import KNOWN, UnknownFormat, recognise
from tests.feeds.feeding import take

LEGACY = b"80204,141,07/20/2026 12:38:20,80204      ,00040123456789123456\n"


@pytest.mark.parametrize(
    ("head", "format"),
    [
        (b'{"msgGrpId":"1","events":[', "iv_mtr_json"),
        (b' \r\n[{"imb":', "iv_mtr_json"),
        (b"imb,scanDatetime,scanEventCode\n", "iv_mtr_delimited"),
        (b"scan_datetime|x|imb_tracking_code\n", "iv_mtr_delimited"),
        (b'"scanDatetime"\t"imbMid"\t"imbSerialNumber"\r\n', "iv_mtr_delimited"),
        (b"IMB Tracking Code;Scan Date Time\n", "iv_mtr_delimited"),
        (LEGACY, "imb_tracing"),
        (b"80204,7,7/2/2026 2:38:20,,00040123456789123456\n", "imb_tracing"),
        (b"a line that is damaged\n" + LEGACY, "imb_tracing"),
        (b"imb,code,date,new_address\n", "acs"),
        (b"Code|IMB|Date|New Address\n", "acs"),
        (b"imb,code,occurred_at\n", "printer"),
        (b"Send ID,Code,Occurred At,Note\n", "printer"),
        (b"id,code,occurred_at\n", "printer"),
        (b"tracking_number,code,occurredAt\n", "printer"),
        (b"imb or send id,code,occurred_at\n", "printer"),
    ],
)
def test_a_format_is_recognised_by_its_first_bytes(head: bytes, format: str) -> None:
    assert recognise(head, "anything.xyz") == format


def test_an_unknown_header_is_told_with_what_is_known() -> None:
    with pytest.raises(UnknownFormat) as refused:
        recognise(b"name,street,city\nAnn,Elm,Troy\n", "list.csv")
    assert str(refused.value) == f"list.csv has the columns 'name', 'street', 'city'; known are {KNOWN}"


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("imb,code,date".encode("utf-16"), "f is UTF-16 text: save it as UTF-8"),
        (b"\x1f\x8b\x08", "f is packed twice: unpack it once"),
        (b"<html><body>Sign in</body></html>", f"f has the columns 'html_body_sign_in_body_html'; known are {KNOWN}"),
    ],
)
def test_what_is_no_feed_is_told_for_what_it_is(head: bytes, reason: str) -> None:
    with pytest.raises(UnknownFormat) as refused:
        recognise(head, "f")
    assert str(refused.value) == reason


def test_a_column_that_stands_twice_is_refused() -> None:
    taken = take(b"imb,scanDatetime,imb\n00040123456789123456,2026-03-02T22:56:10Z,x\n")
    assert list(taken.reasons.values()) == ["the column 'imb' stands twice in the header"]
    assert taken.observations == []
