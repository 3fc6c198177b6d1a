import pytest

from tests.feeds.feeding import event, fields_of, message, take

SCAN = take(message(event())).observations


def table(delimiter: str, *, quoted: bool = False, snake: bool = False) -> bytes:
    names = {
        "unknownThing": "?",
        "mailPhase": "Phase 3c - Destination Sequenced Carrier Sortation",
        "imb": "0027090123456700000112345678901",
        "scanEventCode": "919",
        "imbTrackingCode": "00270901234567000001",
        "scanDatetime": "2026-03-02T22:56:10.000-05:00",
        "handlingEventType": "A",
        "scanFacilityZip": "10199",
        "scanFacilityName": "EAST SIDE P&DC",
        "expectedDeliveryDate": "2026-03-05",
    }
    quote = '"' if quoted else ""
    header = [_snake(name) if snake else name for name in names]
    lines = [delimiter.join(f"{quote}{cell}{quote}" for cell in line) for line in (header, names.values())]
    return "\n".join(lines).encode()


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


@pytest.mark.parametrize("snake", [False, True])
@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("delimiter", [",", "|", "\t"])
def test_any_delimiter_order_style_and_quoting_tells_the_same_scan(delimiter: str, quoted: bool, snake: bool) -> None:
    taken = take(table(delimiter, quoted=quoted, snake=snake))
    assert taken.format == "iv_mtr_delimited"
    assert taken.observations == SCAN
    assert taken.facilities[10199].name == "EAST SIDE P&DC"


HEADER = "imbTrackingCode,scanDatetime,scanEventCode,scanFacilityZip,scanFacilityName\n"
LINE = "00270901234567{serial:06},2026-03-02T22:56:10-05:00,919,10199,{name}\n"


def test_quoted_cells_may_hold_delimiters_and_quotes() -> None:
    taken = take((HEADER + LINE.format(serial=1, name='"EAST, ""OLD"" SIDE"')).encode())
    assert len(taken.observations) == 1
    assert taken.facilities[10199].name == 'EAST, "OLD" SIDE'


def test_a_bad_line_is_one_problem_and_the_rest_is_taken() -> None:
    lines = [LINE.format(serial=serial, name="X") for serial in range(1, 8)]
    lines[1] = "short,line\n"
    lines[2] = lines[2].replace("2026-03", "2026-13")
    lines[4] = LINE.format(serial=5, name='"never closed')
    lines[5] = "\n"
    taken = take((HEADER + "".join(lines)).encode())
    assert [each.mid_serial % 1000 for each in taken.observations] == [1, 4, 5, 7]
    assert taken.reasons == {
        3: "the line has 2 columns, the header 5",
        4: 'scanDatetime "2026-13-02T22:56:10-05:00" is not a date and time that exists',
    }
    assert taken.problems[0].raw == b"short,line"


def test_empty_cells_after_the_last_column_are_no_problem() -> None:
    assert len(take((HEADER + LINE.format(serial=1, name="X,,")).encode()).observations) == 1
    assert list(take((HEADER + LINE.format(serial=1, name="X,,y")).encode()).reasons) == [2]


def test_a_header_that_comes_again_is_passed_over() -> None:
    line = LINE.format(serial=1, name="X")
    taken = take((HEADER + line + HEADER + line).encode())
    assert len(taken.observations) == 2
    assert taken.problems == []


def test_latin_1_and_nul_bytes_cost_no_scan() -> None:
    data = (HEADER + LINE.format(serial=1, name="CA@ON")).encode().replace(b"@", b"\xd1")
    assert take(data).facilities[10199].name == "CAÑON"
    data = (HEADER + LINE.format(serial=1, name="A@B")).encode().replace(b"@", b"\0")
    assert take(data).facilities[10199].name == "A B"
    data = (HEADER + LINE.format(serial=1, name="X")).encode().replace(b"919", b"9\x0019")
    assert take(data).only.detail == '{"scan_event_code": "9 19"}'


def test_an_endless_line_is_one_problem() -> None:
    data = HEADER.encode() + b"9" * 3_000_000 + b"\n" + LINE.format(serial=1, name="X").encode()
    taken = take(data)
    assert len(taken.observations) == 1
    assert list(taken.reasons) == [2]


def test_a_tracking_code_that_no_barcode_has_is_refused() -> None:
    line = LINE.format(serial=1, name="X")
    taken = take((HEADER + line + line.replace("00270", "06270", 1)).encode())
    assert len(taken.observations) == 1
    assert taken.reasons == {
        3: 'imbTrackingCode "06270901234567000001" is no Intelligent Mail barcode: its second digit must be 0 to 4'
    }


def test_a_piece_may_be_named_by_its_parts() -> None:
    data = b"imbStid|imbMid|imbSerialNumber|scanDatetime\n270|901234567|000001|2026-03-02T22:56:10Z\n"
    assert take(data).only.mid_serial == 901234567000001


RECORD = "{zip},{operation},{time},{routing:11},00270901234567000001\n"


@pytest.mark.parametrize(
    ("time", "at"),
    [
        ("03/02/2026 22:56:10", "2026-03-03T03:56:10+00:00"),
        ("3/2/2026 9:56:10", "2026-03-02T14:56:10+00:00"),
        ("05/02/2026 22:56:10", "2026-05-03T02:56:10+00:00"),
        ("11/02/2025 01:30:00", "2025-11-02T05:30:00+00:00"),
    ],
)
def test_legacy_times_are_those_of_the_facility(time: str, at: str) -> None:
    record = RECORD.format(zip="10199", operation="919", time=time, routing="12345")
    taken = take(record.encode() * 2)
    assert taken.format == "imb_tracing"
    assert [fields_of(each)["at"] for each in taken.observations] == [at, at]
    assert taken.observations[0].label == 27012345
    assert not taken.observations[0].zoneless


def test_a_legacy_record_is_the_scan_that_json_tells_without_its_phase() -> None:
    record = RECORD.format(zip="10199", operation="919", time="03/02/2026 22:56:10", routing="12345678901")
    bare = event(mailPhase=None, handlingEventType=None, expectedDeliveryDate=None)
    assert take(record.encode()).only == take(message(bare)).only


def test_legacy_records_keep_short_operations_and_refuse_bad_lines() -> None:
    records = [
        RECORD.format(zip="10199", operation="7", time="03/02/2026 22:56:10", routing=""),
        RECORD.format(zip="10199", operation="919", time="03/42/2026 22:56:10", routing=""),
        "10199,919,03/02/2026 22:56:10\n",
        RECORD.format(zip="1019", operation="919", time="03/02/2026 22:56:10", routing=""),
        RECORD.format(zip="10199", operation="919", time="03/02/2026 22:56:10", routing="").replace("7000001", "7001"),
        RECORD.format(zip="10199", operation="919", time="03/02/2026 22:56:10", routing="").replace("0027", "0727"),
    ]
    taken = take("".join(records).encode())
    assert [fields_of(each)["operation"] for each in taken.observations] == [7, 919]
    assert [each.zoneless for each in taken.observations] == [False, True]
    assert taken.reasons == {
        2: 'scanDatetime "03/42/2026 22:56:10" is not a date and time that exists',
        3: "the record has 3 columns, not 5: ZIP, operation, time, routing, tracking code",
        5: 'imbTrackingCode "00270901234567001" must have 20 digits',
        6: 'imbTrackingCode "07270901234567000001" is no Intelligent Mail barcode: its second digit must be 0 to 4',
    }
