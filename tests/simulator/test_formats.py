"""What the simulator writes, the feeds read back."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.events import Evidence, Source
from sendtrail.domain.observation import Facility, event_item, scan_item
from sendtrail.domain.packing import EPOCH, to_ms
from sendtrail.domain.phases import Phase, phase_of
from sendtrail.simulator.formats import (
    AcsRecord,
    PrinterRow,
    Scan,
    acs,
    imb_tracing,
    iv_mtr_delimited,
    iv_mtr_json,
    iv_mtr_json_lines,
    printer,
)
from tests.feeds.feeding import NOW, take

PLACES = (
    (Facility(10199, "EAST SIDE, OLD P&DC", "NEW YORK", "NY", "V12345"), "America/New_York"),
    (Facility(95799, 'WEST "SAC" P|DC', "WEST SACRAMENTO", "CA", ""), "America/Los_Angeles"),
    (Facility(901, "SAN JUÁN", "SAN JUAN", "PR", "V1"), "America/Puerto_Rico"),
)
PHASES = ("Phase 1a - Origin Primary", "Phase 3c- Destination Sequenced Carrier Sortation", "Phase 4c - Delivery")
EVIDENCE = {"A": Evidence.SCANNED, "L": Evidence.LOGICAL, "S": Evidence.ASSUMED}


@st.composite
def scans(draw: st.DrawFn) -> Scan:
    facility, zone = draw(st.sampled_from(PLACES))
    seconds = draw(st.integers(0, int((NOW - EPOCH).total_seconds())))
    code = f"{draw(st.integers(0, 9))}{draw(st.integers(0, 4))}{draw(st.integers(0, 10**18 - 1)):018}"
    routing = draw(st.sampled_from(("", "12345", "123456789", "12345678901", "01234")))
    return Scan(
        imb=code + routing,
        # The first coming of an hour that comes twice: what a clock on the wall cannot tell.
        occurred_at=(EPOCH + timedelta(seconds=seconds)).astimezone(ZoneInfo(zone)).replace(fold=0),
        operation=f"{draw(st.integers(0, 999)):03}",
        phase=draw(st.sampled_from(PHASES)),
        handling=draw(st.sampled_from("ALS")),
        facility=facility,
        machine="DBCS-051",
        expected=draw(st.none() | st.dates(date(2020, 1, 2), date(2030, 1, 1))),
    )


def item(scan: Scan) -> int:
    ms = to_ms(scan.occurred_at.astimezone(UTC))
    return scan_item(ms, phase_of(scan.phase), int(scan.operation), EVIDENCE[scan.handling])


WRITERS: dict[str, Callable[[Iterable[Scan]], Iterable[bytes]]] = {
    "json": iv_mtr_json,
    "json lines": iv_mtr_json_lines,
    "comma, camel case": iv_mtr_delimited,
    "pipe, snake case": lambda scans: iv_mtr_delimited(scans, "|", "snake"),
    "tab, camel case": lambda scans: iv_mtr_delimited(scans, "\t"),
}


@pytest.mark.parametrize("writer", WRITERS)
@given(st.lists(scans(), min_size=1, max_size=5))
def test_scans_come_back_from_every_informed_visibility_format(writer: str, written: list[Scan]) -> None:
    taken = take(b"".join(WRITERS[writer](written)))
    assert taken.problems == []
    assert [each.item for each in taken.observations] == [item(scan) for scan in written]
    for scan, read in zip(written, taken.observations, strict=True):
        assert read.mid_serial == int(scan.imb[5:20])
        assert read.label == int(scan.imb[:5]) * 100_000 + int(scan.imb[20:25] or 0)
        assert read.zip == scan.facility.zip
        assert read.expected == ((scan.expected - EPOCH.date()).days if scan.expected else 0)
        assert taken.facilities[scan.facility.zip] == scan.facility


@given(st.lists(scans(), min_size=1, max_size=5))
def test_legacy_records_bring_back_time_operation_and_place(written: list[Scan]) -> None:
    taken = take(b"".join(imb_tracing(written)))
    assert taken.format == "imb_tracing"
    for scan, read in zip(written, taken.observations, strict=True):
        ms = to_ms(scan.occurred_at.astimezone(UTC))
        assert read.item == scan_item(ms, Phase.NONE, int(scan.operation), Evidence.SCANNED)
        assert (read.mid_serial, read.zip) == (int(scan.imb[5:20]), scan.facility.zip)


def test_acs_records_come_back() -> None:
    written = [
        AcsRecord("0027090123456700000112345", "N", date(2026, 3, 2)),
        AcsRecord("00270901234567000002", "COA", date(2026, 3, 3), "12 Elm St, Troy NY 12180"),
    ]
    nixie, moved = take(b"".join(acs(written))).observations
    end = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)
    assert nixie.item == event_item(to_ms(end), "returned", Source.USPS, Evidence.REPORTED, nixie.detail)
    after = to_ms(end + timedelta(days=1))
    assert moved.item == event_item(after, "rerouted", Source.USPS, Evidence.REPORTED, moved.detail)
    assert json.loads(moved.detail)["new_address"] == "12 Elm St, Troy NY 12180"


def test_printer_reports_come_back() -> None:
    written = [
        PrinterRow("0027090123456700000112345", "printed", NOW, "box 7"),
        PrinterRow("letter_1", "handed_over", date(2026, 3, 2)),
    ]
    printed, handed_over = take(b"".join(printer(written))).observations
    assert printed.item == event_item(to_ms(NOW), "printed", Source.PRINTER, Evidence.REPORTED, printed.detail)
    assert (printed.mid_serial, printed.detail) == (901234567000001, '{"note": "box 7"}')
    assert handed_over.send == "letter_1"


def test_a_json_event_has_the_size_and_keys_of_a_real_one() -> None:
    scan = Scan(
        "0027090123456700000112345678901", NOW, "919", PHASES[1], "A", PLACES[0][0], "DBCS-051", date(2026, 6, 3)
    )
    body = list(iv_mtr_json([scan]))[1]
    assert 600 < len(body) < 800
    assert 20 <= len(json.loads(body)) <= 24
