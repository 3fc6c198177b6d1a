"""The simulator's own bookkeeping, by examples that can be worked out by hand."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from sendtrail.domain.events import Source
from sendtrail.domain.observation import Facility
from sendtrail.domain.send import Address, NewSend
from sendtrail.simulator.files import FeedFile, Form, Part
from sendtrail.simulator.formats import AcsRecord, PrinterRow, Scan
from sendtrail.simulator.ledger import Ledger, by_day, categories, keep, spent
from sendtrail.simulator.steps import LETTER, Step
from sendtrail.simulator.stream import Item
from sendtrail.simulator.telling import Happening

IMB = "0031090100004200000160614123401"
DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)


def letter(imb: str = IMB, name: str = "T-1") -> Item:
    send = NewSend(
        kind="letter",
        to=Address(name="Ann"),
        campaign="Spring",
        send_date=DAY,
        imb=imb,
        cost_cents=78,
        external_id=name,
    )
    return Item(send, NOON - timedelta(days=1), "bulk")


def scan(step: Step, hours: float, imb: str = IMB) -> Scan:
    at = NOON + timedelta(hours=hours)
    plant = Facility(60607, "CARDISS COLLINS P&DC", "CHICAGO", "IL")
    return Scan(imb, at, step.operation, step.phase, step.handling, plant)


def ledger(*parts: Part, item: Item | None = None, people: bool = True) -> Ledger:
    return keep([item or letter()], [FeedFile(str(n), [part]) for n, part in enumerate(parts)], people=people)


def scans(*some: Scan, form: Form = "json") -> Part:
    return Part("", form, some)


def status(kept: Ledger) -> tuple[str, str]:
    entry = kept.entries["T-1"]
    return entry.code, entry.category


def test_a_send_of_which_nothing_was_told_is_received() -> None:
    assert status(ledger()) == ("created", "received")


def test_the_latest_scan_of_the_highest_stage_counts_in_whatever_order_it_came() -> None:
    steps = [scan(LETTER.destination_primary, 40), scan(LETTER.delivery, 48), scan(LETTER.origin_primary, 4)]
    for order in (steps, steps[::-1], [*steps, *steps]):
        assert status(ledger(scans(*order))) == ("delivered", "delivered")
    assert status(ledger(scans(*steps, scan(LETTER.forwarding, 70)))) == ("rerouted", "in_transit")


def test_a_scan_that_came_twice_is_one_event() -> None:
    some = scans(scan(LETTER.arrival, 20), scan(LETTER.arrival, 20), scan(LETTER.arrival, 20.5))
    tally = ledger(some, some).tally
    assert (tally.new, tally.duplicate) == (2, 4)


def test_a_scan_without_its_phase_is_the_same_once_another_file_tells_it() -> None:
    bare, told = scans(scan(LETTER.local_sort, 20), form="legacy"), scans(scan(LETTER.local_sort, 20))
    assert status(ledger(bare)) == ("scanned", "in_transit")
    for order in ((bare, told), (told, bare)):
        kept = ledger(*order)
        assert status(kept) == ("in_local_area", "in_transit")
        assert (kept.tally.new, kept.tally.duplicate) == (1, 1)


def test_what_is_nobodys_is_counted_by_why() -> None:
    misread, strangers = "00318901000042000001", "00310903112000000001"
    part = scans(scan(LETTER.arrival, 20, misread), scan(LETTER.arrival, 20, strangers))
    tally = keep([letter()], [FeedFile("a", [part])], {misread}).tally
    assert (tally.new, tally.unmatched, tally.misread, tally.strangers) == (0, 2, 1, 1)


def test_reports_by_the_day_count_as_its_end() -> None:
    rows = [PrinterRow(IMB, "handed_over", DAY), PrinterRow(IMB, "printed", NOON)]
    kept = ledger(Part("", "printer", reports=rows, spoiled=1))
    assert status(kept) == ("handed_over", "handed_over")
    assert kept.entries["T-1"].standing[1] == datetime(2026, 3, 3, 4, 59, 59, tzinfo=UTC)
    assert (kept.tally.new, kept.tally.rejected) == (2, 1)


@pytest.mark.parametrize(
    ("address", "expected"), [("", ("returned", "returned")), ("1 Elm", ("rerouted", "in_transit"))]
)
def test_a_record_with_an_address_is_a_move(address: str, expected: tuple[str, str]) -> None:
    notice = AcsRecord(IMB, "K", DAY + timedelta(4), address)
    assert status(ledger(scans(scan(LETTER.delivery, 30)), Part("", "acs", notices=[notice]))) == expected


def test_what_people_told_counts_unless_only_files_are_asked() -> None:
    item = letter()
    item.happenings = [Happening("cancelled", NOON, Source.PERSON, "Sent by mistake")]
    assert status(ledger(item=item)) == ("cancelled", "cancelled")
    assert status(ledger(item=item, people=False)) == ("created", "received")


def test_counts_are_by_day_campaign_and_sector() -> None:
    other = letter("0031090100004200000260614123401", "T-2")
    other.send = msgspec.structs.replace(other.send, send_date=DAY + timedelta(1))
    other.happenings = [Happening("cancelled", NOON, Source.PERSON)]
    kept = keep([letter(), other], [])
    assert categories(kept.select()) == {"received": 1, "cancelled": 1}
    assert categories(kept.select(end=DAY)) == {"received": 1}
    assert kept.select(sector="triggered") == kept.select(campaign="Summer") == []
    assert len(kept.select(sector="bulk", campaign="Spring", start=DAY)) == 2
    assert by_day(kept.select()) == {DAY: {"received": 1}, DAY + timedelta(1): {"cancelled": 1}}
    assert spent(kept.select()) == 78
