"""The totals of simulated mail are such as real mail has.

The figures are those that the post and the makers of tracking services publish: of letters 96 to 99 of a hundred are
scanned up to delivery and over 98 scanned at all, of flats about 70 of a hundred scans come; First-Class mail takes 2
to 5 days and comes in time in 85 to 94 of a hundred cases, Marketing Mail 3 to 10 days and 93 to 96; one or two of a
hundred pieces come back, as many are forwarded.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.simulator.companies import COMPANIES
from sendtrail.simulator.days import moving_days_between
from sendtrail.simulator.files import lay_out
from sendtrail.simulator.journeys import Fate, Journey, standard_days
from sendtrail.simulator.ledger import categories, keep
from sendtrail.simulator.places import regions
from sendtrail.simulator.steps import FLAT, LETTER, Way
from sendtrail.simulator.stream import Item
from tests.simulator.streams import NOW, small

SENDS = 8_000
OLD = NOW.date() - timedelta(30)
COMPANY = range(len(COMPANIES))
REGIONS = {delivery.zip: region for region in regions() for delivery in region.deliveries}


@lru_cache(maxsize=len(COMPANIES))
def posted(company: int) -> list[tuple[Item, Journey]]:
    """Pieces that were handed over long ago."""
    return [
        (item, item.journey)
        for item in small(company, SENDS).items
        if item.journey and item.handed_on and item.handed_on < OLD
    ]


def shape(company: int, item: Item) -> Way:
    flats = {campaign.name for campaign in COMPANIES[company].campaigns if campaign.flat}
    return FLAT if item.send.campaign in flats else LETTER


@pytest.mark.parametrize("company", COMPANY)
@pytest.mark.parametrize(("way", "scanned", "to_delivery"), [(LETTER, 0.98, 0.96), (FLAT, 0.95, 0.92)])
def test_as_many_pieces_are_scanned(company: int, way: Way, scanned: float, to_delivery: float) -> None:
    pieces = [journey for item, journey in posted(company) if shape(company, item) is way]
    last = {step.operation for step in (way.secondary, way.second_pass, way.delivery) if step}
    delivered = [journey for journey in pieces if journey.fate is Fate.DELIVERED]
    assert scanned < mean(bool(journey.scans) for journey in pieces) < 0.995
    seen = mean(any(scan.operation in last for scan in journey.scans) for journey in delivered)
    assert to_delivery < seen < 0.995


@pytest.mark.parametrize(("way", "missing"), [(LETTER, 0.10), (FLAT, 0.30)])
def test_as_many_scans_are_missing(way: Way, missing: float) -> None:
    """Of those that every delivered piece could have."""
    steps = [step for step in (way.origin_primary, way.arrival, way.local_sort, way.destination_primary, way.secondary,
                               way.first_pass, way.second_pass, way.delivery) if step]  # fmt: skip
    journeys = [
        journey
        for item, journey in posted(0)
        if shape(0, item) is way and journey.fate is Fate.DELIVERED and journey.scans
    ]
    seen = [
        any(scan.operation == step.operation and scan.phase == step.phase for scan in journey.scans)
        for journey in journeys
        for step in steps
    ]
    assert abs(1 - mean(seen) - missing) < 0.25 * missing


@pytest.mark.parametrize("company", COMPANY)
@pytest.mark.parametrize(
    ("mailing_class", "days", "in_time", "slowest"),
    [("first_class", (2.4, 3.5), (0.86, 0.94), 10), ("marketing", (4.0, 6.5), (0.925, 0.965), 13)],
)
def test_mail_takes_as_long(
    company: int, mailing_class: str, days: tuple[float, float], in_time: tuple[float, float], slowest: int
) -> None:
    sites = {
        campaign.name: COMPANIES[company].sites()[campaign.site].region for campaign in COMPANIES[company].campaigns
    }
    taken, standards = [], []
    for item, journey in posted(company):
        if item.send.mailing_class == mailing_class and journey.fate is Fate.DELIVERED:
            assert journey.delivered_on
            assert item.handed_on
            taken.append(moving_days_between(item.handed_on, journey.delivered_on))
            end = REGIONS[item.send.to.postal_code[:5]]
            standards.append(standard_days(sites[item.send.campaign], end, mailing_class))
    assert days[0] < mean(taken) < days[1]
    assert min(taken) >= 2
    assert max(taken) <= slowest
    on_time = mean(took <= standard for took, standard in zip(taken, standards, strict=True))
    assert in_time[0] < on_time < in_time[1]


@pytest.mark.parametrize("company", COMPANY)
def test_as_much_comes_back_and_is_forwarded(company: int) -> None:
    fates = Counter(journey.fate for _, journey in posted(company))
    assert 0.010 < fates[Fate.RETURNED] / fates.total() < 0.026
    first_class = Counter(journey.fate for item, journey in posted(company) if item.send.mailing_class == "first_class")
    assert 0.006 < first_class[Fate.FORWARDED] / first_class.total() < 0.022
    assert fates[Fate.LOST] / fates.total() < 0.015


@pytest.mark.parametrize("company", COMPANY)
def test_a_report_over_old_mail_looks_like_one(company: int) -> None:
    made = small(company, SENDS)
    ledger = keep(made.items, lay_out(made), made.feed.misread)
    old = [entry for entry in ledger.select(end=OLD - timedelta(3)) if entry.sector != "gift"]
    counted = categories(old)
    share = {word: number / len(old) for word, number in counted.items()}
    assert 0.87 < share["delivered"] < 0.93
    assert 0.010 < share["returned"] < 0.026
    assert 0.025 < share["local_delivery"] < 0.06
    assert share["in_transit"] < 0.025
    assert 0.005 < share["cancelled"] < 0.016
    assert share["handed_over"] < 0.025
    assert share.get("received", 0) + share.get("producing", 0) < 0.005
    told = ledger.tally.new + ledger.tally.duplicate + ledger.tally.unmatched
    assert 0.004 < ledger.tally.duplicate / told < 0.02
    assert 0.002 < ledger.tally.unmatched / told < 0.012


@settings(max_examples=8, deadline=None)
@given(st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)))
def test_on_any_day_some_mail_stands_in_each_category(now: datetime) -> None:
    made = small.__wrapped__(0, 900, now=now)
    found = categories(keep(made.items, lay_out(made), made.feed.misread).entries.values())
    assert min(found[category.word] for category in CATEGORIES) > 1
    assert found["delivered"] > 0.7 * len(made.items)
