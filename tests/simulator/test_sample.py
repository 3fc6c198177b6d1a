"""The demo's sample: the same each time, and such as could have happened."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendtrail.domain.events import BY_CODE_AND_EVIDENCE, Evidence
from sendtrail.domain.imb import parse
from sendtrail.domain.phases import CODE_BY_PHASE, phase_of
from sendtrail.domain.send import settle
from sendtrail.domain.tracking_numbers import parse as parse_tracking
from sendtrail.feeds.local_time import zone_of
from sendtrail.simulator.places import HOME, PLACES
from sendtrail.simulator.sample import DAYS, Item, sample, stray

NOW = datetime(2026, 11, 22, 13, tzinfo=UTC)


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return sample(NOW)


def test_the_same_moment_gives_the_same_sample_and_another_seed_another(items: list[Item]) -> None:
    assert sample(NOW) == items
    assert sample(NOW, seed=1) != items


def test_every_send_can_be_accepted_and_has_names_of_its_own(items: list[Item]) -> None:
    for item in items:
        settle(item.send)
        if item.send.tracking_number:
            parse_tracking(item.send.tracking_number)
    assert len({item.send.external_id for item in items}) == len(items)
    barcodes = [parse(item.send.imb).mid_serial for item in items if item.send.imb]
    assert len(set(barcodes)) == len(barcodes)


@settings(max_examples=12, deadline=None)
@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_nothing_lies_in_the_future_or_before_its_send(now: datetime) -> None:
    for item in sample(now):
        assert item.accepted_at <= now
        moments = [
            *(happening.at for happening in item.happenings),
            *(report.at for report in item.reports if isinstance(report.at, datetime)),
            *(scan.occurred_at for scan in item.scans),
        ]
        assert all(item.accepted_at <= moment <= now for moment in moments)
        assert all(notice.on < now.date() for notice in item.notices)
        assert item.accepted_at > now - timedelta(days=DAYS + 7)


def test_every_event_fits_its_send(items: list[Item]) -> None:
    for item in items:
        told = [(happening.code, Evidence.REPORTED) for happening in item.happenings]
        told += [(report.code, Evidence.REPORTED) for report in item.reports]
        told += [(CODE_BY_PHASE[phase_of(scan.phase)], Evidence.SCANNED) for scan in item.scans]
        assert all(item.send.kind_number in BY_CODE_AND_EVIDENCE[each].kinds for each in told)


def test_scans_are_local_where_their_facility_lies(items: list[Item]) -> None:
    for place in (*PLACES, HOME):
        for zip_ in (place.zip, place.plant_zip):
            zone = zone_of(zip_)
            assert zone, zip_
            winter, summer = datetime(2026, 1, 5, 12), datetime(2026, 7, 5, 12)
            for moment in (winter, summer):
                assert (
                    moment.replace(tzinfo=ZoneInfo(zone)).utcoffset()
                    == moment.replace(tzinfo=ZoneInfo(place.zone)).utcoffset()
                ), zip_


def test_it_shows_what_happens_to_mail(items: list[Item]) -> None:
    """Enough of each: scans that are missing, returns, forwardings, cancellations, a campaign that waits."""
    codes = Counter(notice.code == "COA" for item in items for notice in item.notices)
    assert min(codes.values()) >= 5
    assert sum(bool(item.reports) and not item.scans for item in items) >= 20
    assert sum(any(each.code == "cancelled" for each in item.happenings) for item in items) >= 5
    assert sum(item.send.campaign == "Annual appeal" and not item.reports for item in items) >= 50
    assert {item.send.kind for item in items} == {"letter", "postcard", "cheque", "self_mailer", "gift", "egift"}


def test_a_stray_scan_is_of_no_send(items: list[Item]) -> None:
    known = {parse(item.send.imb).mid_serial for item in items if item.send.imb}
    scan = next(scan for item in items for scan in item.scans)
    assert parse(stray(scan).imb).mid_serial not in known
