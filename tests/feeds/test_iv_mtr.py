import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.packing import NO_OPERATION
from sendtrail.domain.phases import Phase
from sendtrail.feeds import iv_mtr, json_stream
from sendtrail.feeds.intake import Damaged, Intake
from tests.feeds.feeding import cut, event, fields_of, message, take


def test_an_event_becomes_one_observation() -> None:
    taken = take(message(event()))
    assert taken.format == "iv_mtr_json"
    assert taken.only.mid_serial == 901234567000001
    assert taken.only.label == 27012345
    assert taken.only.zip == 10199
    assert taken.only.expected == 2255
    assert not taken.only.zoneless
    assert taken.only.detail == ""
    assert fields_of(taken.only) == {
        "at": "2026-03-03T03:56:10+00:00",
        "phase": Phase.DESTINATION_SEQUENCED,
        "operation": 919,
        "source": "usps",
        "evidence": "scanned",
    }
    facility = taken.facilities[10199]
    assert (facility.name, facility.city, facility.state, facility.locale) == (
        "EAST SIDE P&DC",
        "NEW YORK",
        "NY",
        "V12345",
    )


EVENTS = [event(1), event(2, scanEventCode="918"), event(3, scanFacilityZip="95799")]
SHAPES = {
    "an envelope": message(*EVENTS),
    "an envelope with its events first": json.dumps({"events": EVENTS, "msgGrpId": "1", "totMsgCnt": 2}).encode(),
    "an indented envelope": json.dumps({"msgGrpId": 'a "quoted" ] } id', "events": EVENTS}, indent=3).encode(),
    "an envelope with unknown parts": message(*EVENTS, sender={"of": {"what": [1, {"a": "}"}]}}, tags=[[1], [2]]),
    "unknown parts before": json.dumps({"a": {"b": {"c": [{}]}}, "d": [], "events": EVENTS}).encode(),
    "a bare array": json.dumps(EVENTS).encode(),
    "lines of events": b"\n".join(json.dumps(each).encode() for each in EVENTS),
    "lines with Windows ends": b"".join(json.dumps(each).encode() + b"\r\n" for each in EVENTS),
    "lines with blank ones": b"\n\n".join(json.dumps(each).encode() for each in EVENTS) + b"\n\n",
    "indented events": b"\n".join(json.dumps(each, indent=1).encode() for each in EVENTS),
    "lines of envelopes": message(EVENTS[0]) + b"\n" + message(EVENTS[1], EVENTS[2]) + b"\n",
    "envelopes run together": message(EVENTS[0], EVENTS[1]) + message() + message(EVENTS[2]),
    "an array of envelopes": b"[%b,%b]" % (message(EVENTS[0]), message(EVENTS[1], EVENTS[2])),
    "an event, then an envelope": json.dumps(EVENTS[0]).encode() + b"\n" + message(EVENTS[1], EVENTS[2]),
    "a byte order mark": b"\xef\xbb\xbf" + message(*EVENTS),
    "a comma forgotten": message(*EVENTS).replace(b"}, {", b"} {"),
    "a comma too many": message(*EVENTS).replace(b"}]", b"},]"),
    "nested attributes": message(*(each | {"extra": {"list": [{"x": 1}, {"y": "}"}]}} for each in EVENTS)),
    "attributes with brackets": message(*(each | {"machineName": "A]},{B"} for each in EVENTS)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_document_holds_the_same_scans(shape: str) -> None:
    taken = take(SHAPES[shape])
    assert taken.problems == []
    assert taken.observations == take(message(*EVENTS)).observations
    assert taken.facilities.keys() == {10199, 95799}


@given(st.sampled_from(sorted(SHAPES)), st.lists(st.integers(0, 3000), max_size=6))
def test_how_bytes_come_in_chunks_changes_nothing(shape: str, cuts: list[int]) -> None:
    data = SHAPES[shape]
    assert _chunked(cut(data, cuts)) == _chunked([data])


MANY = message(*(event(serial) for serial in range(400)))


@given(st.lists(st.integers(0, len(MANY)), max_size=6))
def test_how_a_long_document_comes_in_chunks_changes_nothing(cuts: list[int]) -> None:
    assert _chunked(cut(MANY, cuts)) == _chunked([MANY])


BROKEN = {
    "a quote too many": b'"919"',
    "an open string": b'"919',
    "no value": b"",
    "a lone surrogate": b'"\\ud800"',
    "garbage": b"<919>",
    "an open object": b'{"a":1',
    "an open array": b"[1",
    "a number out of range": b"1e999",
    "a control character that JSON forbids": b'"9\x0119"',
    "Latin-1": b'"\xfc\xe9"',
}


@given(st.sampled_from(sorted(BROKEN)), st.lists(st.integers(0, 2000), max_size=5))
def test_how_bytes_come_in_chunks_changes_nothing_in_broken_documents(how: str, cuts: list[int]) -> None:
    data = message(event(1), event(2, scanEventCode="@"), event(3)).replace(b'"@"', BROKEN[how])
    assert _chunked(cut(data, cuts)) == _chunked([data])


def _chunked(chunks: list[bytes]) -> tuple[Any, ...]:
    intake = Intake(10**12)
    for _ in iv_mtr.read(chunks, intake):
        pass
    return intake.batch()


@pytest.mark.parametrize(
    "broken",
    ['{"scanEventCode": "9"19"}', '{"a": "b, "c": "d"}', "{]}", '{"a": 1e999}', '"text"', "null", "17", '{"a" 1}'],
)
def test_one_bad_element_is_one_problem_and_all_others_are_taken(broken: str) -> None:
    data = message(event(1), "@", event(3), event(4)).replace(b'"@"', broken.encode())
    taken = take(data)
    assert [each.mid_serial % 1000 for each in taken.observations] == [1, 3, 4]
    assert [problem.line for problem in taken.problems] == [2]
    assert taken.problems[0].raw.strip(b" ,") == broken.encode()


def test_a_line_that_breaks_off_does_not_take_the_next_one_with_it() -> None:
    lines = [json.dumps(event(serial)).encode() for serial in (1, 2, 3)]
    lines[1] = lines[1][:100]
    taken = take(b"\n".join(lines) + b"\n")
    assert [each.mid_serial % 1000 for each in taken.observations] == [1, 3]
    assert list(taken.reasons) == [2]


def test_a_document_that_breaks_off_gives_what_came_before() -> None:
    data = message(event(1), event(2), event(3))
    inside = take(data[: data.rindex(b'"scanEventCode"')])
    assert len(inside.observations) == 2
    assert inside.reasons == {3: "the JSON ends early, inside this element; the file is incomplete"}
    between = take(data[: data.rindex(b', {"imb"')])
    assert len(between.observations) == 2
    assert between.reasons == {3: "the JSON ends early: its events are not closed; the file is incomplete"}


def test_a_truncated_gzip_gives_what_came_before_and_both_reasons() -> None:
    packed = gzip.compress(message(*(event(serial) for serial in range(2000))))
    taken = take(packed[: len(packed) // 2])
    assert 500 < len(taken.observations) < 1900
    assert f"gzip stream ends early after {len(packed) // 2:,} bytes; the file is incomplete" in taken.reasons.values()


def test_a_key_that_stands_twice_is_refused_by_name() -> None:
    data = message(event(1), event(2), event(3)).replace(
        b'"scanEventCode": "919"', b'"scanEventCode": "919", "scanEventCode": "918"', 1
    )
    taken = take(data)
    assert [each.mid_serial % 1000 for each in taken.observations] == [2, 3]
    assert taken.reasons == {1: 'the key "scanEventCode" stands twice in one event'}


def test_the_same_key_in_two_events_is_not_twice() -> None:
    sparse = [event(1, mailPhase=None), event(2), event(3, scanEventCode=None, imb=None)]
    assert take(message(*sparse)).problems == []


@pytest.mark.parametrize("blank", ["\u0000", "\u0001", "\t"])
def test_control_characters_in_a_name_cost_no_scan(blank: str) -> None:
    data = message(event(1, scanFacilityName="EAST@SIDE"), event(2)).replace(b"@", blank.encode())
    taken = take(data)
    assert len(taken.observations) == 2
    assert taken.facilities[10199].name == "EAST SIDE"


def test_latin_1_names_cost_no_scan() -> None:
    data = message(event(1, scanFacilityName="CA@ON CITY", mailPhase="Misc@"), event(2)).replace(b"@", b"\xd1")
    taken = take(data)
    assert len(taken.observations) == 2
    assert taken.facilities[10199].name == "CAÑON CITY"


def test_the_pull_service_answers_are_read_too() -> None:
    answer = {
        "message": None,
        "data": {
            "imb": "0027090123456700000112345678901",
            "expected_delivery_date": "2026-03-05",
            "scans": [
                {
                    "scan_date_time": "2026-03-02T22:56:10",
                    "scan_event_code": "919",
                    "scan_facility_name": "EAST SIDE P&DC",
                    "scan_facility_locale_key": "V12345",
                    "scan_facility_zip": "10199",
                    "mail_phase": "Phase 3c- Destination Sequenced Carrier Sortation",
                    "handling_event_type": "A",
                }
            ],
        },
    }
    taken = take(json.dumps(answer).encode())
    assert taken.only == take(message(event())).only
    assert taken.facilities[10199].locale == "V12345"
    missed = take(b'{"message":"Barcode not found.","data":null}')
    assert missed.reasons == {1: "imbTrackingCode is missing, and so is imb: which piece was scanned is not said"}


def test_snake_case_names_mean_the_same() -> None:
    snake = {
        "imb_tracking_code": "00270901234567000001",
        "imb_routing_code": "12345",
        "scan_datetime": "2026-03-02T22:56:10-05:00",
        "scan_event_code": 919,
        "mail_phase": "Phase 3c - Destination Sequenced Carrier Sortation",
        "handling_event_type": "A",
        "scan_facility_zip": "10199-1234",
        "expected_delivery_date": "03/05/2026",
    }
    assert take(message(snake)).only == take(message(event())).only


def test_an_empty_message_is_no_problem() -> None:
    assert take(message()).problems == []


def test_a_giant_element_is_refused_and_the_rest_taken() -> None:
    giant = '{"imb": "' + "9" * (json_stream.MAX_ELEMENT + 10) + '"}'
    taken = take(message(event(1), "@", event(3)).replace(b'"@"', giant.encode()))
    assert [each.mid_serial % 1000 for each in taken.observations] == [1, 3]
    assert list(taken.reasons) == [2]
    assert len(taken.problems[0].raw) == 4096


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, 27012345),
        ({"imb": None}, 27012345),
        ({"imb": None, "routingCodeImbMatchingPortion": "54321"}, 27054321),
        ({"imb": None, "routingCodeImbMatchingPortion": None}, 27000000),
        ({"imb": "00270901234567000001", "routingCodeImbMatchingPortion": None}, 27000000),
        ({"imbTrackingCode": None}, 27012345),
        ({"imbTrackingCode": "", "imb": "0027090123456700000154321"}, 27054321),
        ({"imb": "0027090123456700000112345AB8901"}, 27000000),
        (
            {"imb": None, "imbTrackingCode": None, "imbStid": "270", "imbMid": "901234567", "imbSerialNumber": "1"},
            27012345,
        ),
    ],
)
def test_the_piece_is_known_by_whichever_field_names_it(changes: dict[str, Any], label: int) -> None:
    only = take(message(event(1, **changes))).only
    assert only.mid_serial == 901234567000001
    assert only.label == label


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"imbTrackingCode": "0027090123456700000"}, 'imbTrackingCode "0027090123456700000" must have 20 digits'),
        ({"imbTrackingCode": "002709O1234567000001"}, 'imbTrackingCode "002709O1234567000001" must have 20 digits'),
        ({"imbTrackingCode": "٠٠270901234567000001"}, 'imbTrackingCode "٠٠270901234567000001" must have 20 digits'),
        (
            {"imbTrackingCode": "05270901234567000002"},
            'imbTrackingCode "05270901234567000002" is no Intelligent Mail barcode: its second digit must be 0 to 4',
        ),
        (
            {"imbTrackingCode": None, "imb": "0927090123456700000212345"},
            'imb "09270901234567000002" is no Intelligent Mail barcode: its second digit must be 0 to 4',
        ),
        (
            {"imbTrackingCode": None, "imb": "0027090123456700000112345AB8901"},
            'the routing code "12345AB8901" in imb must have 0, 5, 9 or 11 digits',
        ),
        (
            {"imbTrackingCode": None, "imb": "002709012345670000011234"},
            'the routing code "1234" in imb must have 0, 5, 9 or 11 digits',
        ),
        (
            {"imbTrackingCode": None, "imb": "12"},
            'imb "12" must begin with the 20 digits of a tracking code',
        ),
        ({"scanDatetime": None}, "scanDatetime is missing"),
        (
            {"scanDatetime": "2026-13-02T22:56:10.000-05:00"},
            'scanDatetime "2026-13-02T22:56:10.000-05:00" is not a date and time that exists',
        ),
        (
            {"scanDatetime": "2026-02-29T22:56:10Z"},
            'scanDatetime "2026-02-29T22:56:10Z" is not a date and time that exists',
        ),
        (
            {"scanDatetime": "2026-02-28T22:61:10Z"},
            'scanDatetime "2026-02-28T22:61:10Z" is not a date and time that exists',
        ),
        (
            {"scanDatetime": "yesterday"},
            'scanDatetime "yesterday" is not a date and time such as 2026-03-02T22:56:10-05:00',
        ),
        ({"scanDatetime": "2019-12-31T22:56:10Z"}, 'scanDatetime "2019-12-31T22:56:10Z" is before 2020 or after 2089'),
        (
            {"scanDatetime": "2026-06-02T12:00:01Z"},
            'scanDatetime "2026-06-02T12:00:01Z" is more than 24 hours in the future',
        ),
    ],
)
def test_a_bad_field_is_named(changes: dict[str, Any], reason: str) -> None:
    taken = take(message(event(1), event(2, **changes), event(3)))
    assert taken.reasons == {2: reason}
    assert len(taken.observations) == 2
    assert json.loads(taken.problems[0].raw) == event(2, **changes)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-02T22:56:10.999-05:00", "2026-03-03T03:56:10+00:00"),
        ("2026-03-02T22:56:10.000-05:00", "2026-03-03T03:56:10+00:00"),
        ("2026-03-02T22:56:10.123456-05:00", "2026-03-03T03:56:10+00:00"),
        ("2026-03-02T22:56:10.000", "2026-03-03T03:56:10+00:00"),
        ("2026-03-02T22:56:10.5", "2026-03-03T03:56:10+00:00"),
        ("2026-03-02T22:56:10 -05:00", "2026-03-03T03:56:10+00:00"),
        ("2026-03-02T22:56Z", "2026-03-02T22:56:00+00:00"),
        ("2026-03-02T22:56:10z", "2026-03-02T22:56:10+00:00"),
        ("2026-03-02T22:56:10-0500", "2026-03-03T03:56:10+00:00"),
        ("2026-03-02T22:56:10Z", "2026-03-02T22:56:10+00:00"),
        ("2026-03-02 22:56:10", "2026-03-03T03:56:10+00:00"),
        ("2026-05-02 22:56", "2026-05-03T02:56:00+00:00"),
        ("3/2/2026 9:56:10", "2026-03-02T14:56:10+00:00"),
        ("2026-06-02T12:00:00Z", "2026-06-02T12:00:00+00:00"),
    ],
)
def test_times_are_read_as_they_are_written(text: str, at: str) -> None:
    later = text.replace("56:10", "57:11")
    first, remembered, other = take(
        message(*(event(1, scanDatetime=each) for each in (text, text, later)))
    ).observations
    assert fields_of(first)["at"] == fields_of(remembered)["at"] == at
    assert fields_of(other)["at"] == at.replace("56:10", "57:11")


def test_a_local_time_without_a_known_facility_is_read_as_utc_and_says_so() -> None:
    for zip_ in (None, "", "00000", "09001", "unknown"):
        only = take(message(event(1, scanDatetime="2026-03-02T22:56:10", scanFacilityZip=zip_))).only
        assert only.zoneless
        assert fields_of(only)["at"] == "2026-03-02T22:56:10+00:00"


@pytest.mark.parametrize(
    ("changes", "fields", "detail"),
    [
        ({"scanEventCode": 7}, {"operation": 7}, ""),
        ({"scanEventCode": "07"}, {"operation": 7}, ""),
        ({"scanEventCode": None}, {"operation": NO_OPERATION}, ""),
        ({"scanEventCode": "X12"}, {"operation": NO_OPERATION}, '{"scan_event_code": "X12"}'),
        ({"scanEventCode": "1023"}, {"operation": NO_OPERATION}, '{"scan_event_code": "1023"}'),
        ({"mailPhase": None}, {"phase": Phase.NONE}, ""),
        ({"mailPhase": "Phase 7q"}, {"phase": Phase.UNRECOGNISED}, '{"mail_phase": "Phase 7q"}'),
        ({"handlingEventType": "L"}, {"evidence": "logical"}, ""),
        ({"handlingEventType": "S"}, {"evidence": "assumed"}, ""),
        ({"handlingEventType": ""}, {"evidence": "scanned"}, ""),
        ({"handlingEventType": "Z"}, {"evidence": "unknown"}, '{"handling_event_type": "Z"}'),
        ({"mailPhase": ["a\0"]}, {"phase": Phase.UNRECOGNISED}, None),
        ({"expectedDeliveryDate": "soon"}, {}, '{"expected_delivery": "soon"}'),
    ],
)
def test_what_we_do_not_know_is_kept(changes: dict[str, Any], fields: dict[str, Any], detail: str | None) -> None:
    only = take(message(event(1, **changes))).only
    assert fields_of(only) | fields == fields_of(only)
    if detail is not None:
        assert only.detail == detail
    assert "\\u0000" not in only.detail


def test_the_first_of_three_delivery_dates_counts() -> None:
    changes: dict[str, Any] = {"predictedDeliveryDate": "2026-03-06", "anticipatedDeliveryDate": "2026-03-07"}
    assert take(message(event(1, **changes))).only.expected == 2255
    assert take(message(event(1, **changes, expectedDeliveryDate=None))).only.expected == 2256
    changes["predictedDeliveryDate"] = ""
    assert take(message(event(1, **changes, expectedDeliveryDate=None))).only.expected == 2257
    assert take(message(event(1, expectedDeliveryDate=None))).only.expected == 0


def test_damaged_bytes_raise_after_everything_before_was_taken() -> None:
    data = message(event(1), event(2))

    def chunks() -> Any:
        yield data[:-1]
        raise Damaged("no more")

    intake = Intake(10**12)
    with pytest.raises(Damaged):
        list(iv_mtr.read(chunks(), intake))
    assert len(intake.observations) == 2


def test_a_delivery_that_does_not_say_how_it_is_known_is_the_posts_own_rule() -> None:
    delivered = take(message(event(mailPhase="Phase 4c - Delivery", handlingEventType=None))).only
    sorted_ = take(message(event(handlingEventType=None))).only
    assert fields_of(delivered)["evidence"] == "logical"
    assert fields_of(sorted_)["evidence"] == "scanned"
