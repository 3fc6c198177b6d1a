"""A stream of mail: the same each time, and such as could have happened."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendtrail.domain.events import BY_CODE_AND_EVIDENCE, Evidence
from sendtrail.domain.imb import parse
from sendtrail.domain.send import settle
from sendtrail.domain.tracking_numbers import parse as parse_tracking
from sendtrail.simulator.companies import COMPANIES
from sendtrail.simulator.days import moves
from sendtrail.simulator.formats import AcsRecord, PrinterRow, Scan
from sendtrail.simulator.places import region_of
from sendtrail.simulator.stream import Stream, stream
from sendtrail.simulator.telling import Told
from tests.simulator.streams import BARCODES, NOW, small

moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def told(made: Stream) -> Counter[object]:
    facts: list[Told[Scan] | Told[PrinterRow] | Told[AcsRecord]] = [*made.feed.scans, *made.reports, *made.notices]
    return Counter((each.at, each.fact) for each in facts)


def test_the_same_day_and_seed_give_the_same_mail_and_another_seed_other_mail() -> None:
    made = small()
    again = stream(COMPANIES[0], NOW, BARCODES, sends=400, prefix="T")
    assert again.items == made.items
    assert (again.feed, again.reports, again.notices) == (made.feed, made.reports, made.notices)
    assert small(seed=2).items != made.items


def test_later_on_the_same_day_more_of_the_same_mail_is_known() -> None:
    early, late = small(now=NOW - timedelta(hours=8)), small(now=NOW + timedelta(hours=5))
    assert told(early) < told(late)
    accepted = [item.send for item in early.items]
    assert accepted == [item.send for item in late.items if item.accepted_at <= early.now]


@settings(max_examples=12, deadline=None)
@given(moments, st.sampled_from(range(len(COMPANIES))), st.sampled_from((3, 14, 90)))
def test_nothing_lies_in_the_future_or_is_told_before_it_happened(now: datetime, company: int, days: int) -> None:
    made = stream(COMPANIES[company], now, BARCODES, sends=120, days=days)
    assert made.items
    for item in made.items:
        assert now - timedelta(days + 20) < item.accepted_at <= now
        assert all(item.accepted_at <= happening.at <= now for happening in item.happenings)
    assert all(scan.fact.occurred_at <= scan.at <= now for scan in made.feed.scans)
    for report in made.reports:
        happened = report.fact.at if isinstance(report.fact.at, datetime) else report.at - timedelta(hours=1)
        assert happened <= report.at <= now
        if not isinstance(report.fact.at, datetime):
            assert report.fact.at < report.at.date() + timedelta(1)
    assert all(notice.fact.on < notice.at.date() for notice in made.notices)


@pytest.mark.parametrize("company", range(len(COMPANIES)))
def test_every_send_can_be_accepted_and_has_names_of_its_own(company: int) -> None:
    made = small(company)
    for item in made.items:
        settle(item.send)
        if item.send.tracking_number:
            parse_tracking(item.send.tracking_number)
    assert len({item.send.external_id for item in made.items}) == len(made.items)
    barcodes = [parse(item.send.imb).mid_serial for item in made.items if item.send.imb]
    assert len(set(barcodes)) == len(barcodes)
    assert {item.sector for item in made.items} == {"bulk", "triggered", "single", "gift"}
    assert abs(len(made.items) - 400) < 8


def test_every_event_fits_its_send_and_follows_its_day() -> None:
    home = region_of(COMPANIES[0].home).zone
    made = small()
    by_code = {item.send.imb[:20]: item for item in made.items if item.send.imb}
    for item in made.items:
        assert all(
            item.send.kind_number in BY_CODE_AND_EVIDENCE[happening.code, Evidence.REPORTED].kinds
            for happening in item.happenings
        )
    for report in made.reports:
        day = by_code[report.fact.send[:20]].send.send_date
        at = report.fact.at
        assert day
        assert (at.astimezone(home).date() if isinstance(at, datetime) else at) >= day
    for scan in made.feed.scans:
        if owner := by_code.get(scan.fact.imb[:20]):
            assert owner.handed_on
            assert scan.fact.occurred_at.date() >= owner.handed_on


def test_nothing_moves_on_sundays_and_holidays() -> None:
    assert all(moves(scan.fact.occurred_at.date()) for scan in small(1, 1_000).feed.scans)


def test_what_is_nobodys_is_nobodys() -> None:
    made = small(2, 2_000)
    known = {item.send.imb[:20] for item in made.items if item.send.imb}
    told = {scan.fact.imb[:20] for scan in made.feed.scans}
    assert told - known <= made.feed.misread | made.feed.strangers
    assert not (made.feed.misread | made.feed.strangers) & known
    assert min(len(told & made.feed.misread), len(told & made.feed.strangers)) > 5
    for code in made.feed.misread | made.feed.strangers:
        parse(code)


def test_the_feed_is_quiet_for_days_and_then_catches_up() -> None:
    made = small(0, 2_000)
    assert len(made.feed.quiet) == 2
    days = Counter(scan.at.date() for scan in made.feed.scans)
    usual = sorted(days.values())[len(days) // 2]
    for quiet in made.feed.quiet:
        assert not any(quiet.start <= scan.at < quiet.end for scan in made.feed.scans)
        assert sum(scan.at == quiet.end for scan in made.feed.scans) > 0.3 * usual


def test_all_that_can_happen_to_mail_happens() -> None:
    made = small(0, 8_000)
    codes = Counter(happening.code for item in made.items for happening in item.happenings)
    codes.update(report.fact.code for report in made.reports)
    expected = {
        "cancelled", "held", "resumed", "failed", "rendered", "addressed", "printed", "reprinting", "handed_over",
        "ordered", "shipped", "delivered", "offer_sent", "opened", "clicked", "redeemed", "returned",
    }  # fmt: skip
    assert expected <= codes.keys()
    assert any(not isinstance(report.fact.at, datetime) for report in made.reports)
    scans = [scan.fact for scan in made.feed.scans]
    assert any(not scan.phase for scan in scans)
    assert {"Miscellaneous", "Phase 4b - Carrier Route", "PARS Processing"} <= {scan.phase for scan in scans}
    assert {scan.handling for scan in scans} == {"A", "L", "S"}
    assert len({scan.facility.zip for scan in scans}) > 300
    assert {scan.shape for scan in scans} == {"Letter", "Flat"}
    assert {bool(notice.fact.new_address) for notice in made.notices} == {True, False}
    assert max(Counter(scans).values()) > 1
    lateness = sorted((scan.at - scan.fact.occurred_at).total_seconds() / 3600 for scan in made.feed.scans)
    assert lateness[len(lateness) // 2] < 12
    assert lateness[-1] > 72
