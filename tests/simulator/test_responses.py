"""Answers to invented mail: plausible ones, the same each time, and none that cannot have come yet."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from sendtrail.simulator.companies import COMPANIES
from sendtrail.simulator.places import region_of
from sendtrail.simulator.responses import Appeal, answers
from sendtrail.simulator.stream import Barcodes, stream

NOW = datetime(2026, 5, 4, 18, 30, tzinfo=UTC)
ZONE = region_of(COMPANIES[0].home).zone
APPEALS = {"Welcome kit": Appeal(0.3, 0.5, (100_00, 200_00)), "Umbrella cover offer": Appeal(0.1, 0.2)}


def test_people_answer_after_the_delivery_and_machines_before() -> None:
    made = stream(COMPANIES[0], NOW, Barcodes("901000042"), sends=6_000, days=90)
    told = answers(made.items, APPEALS, NOW, ZONE)
    assert told == answers(list(reversed(made.items)), APPEALS, NOW, ZONE)
    assert [each.at for each in told] == sorted(each.at for each in told)
    assert {each.item.send.campaign for each in told} == APPEALS.keys()
    assert all(each.at <= NOW for each in told)
    for each in told:
        assert each.item.journey
        delivered = each.item.journey.delivered_on
        local = each.at.astimezone(ZONE)
        if each.bot:
            assert delivered is None or local.date() <= delivered
        else:
            assert delivered
            assert timedelta(0) <= local.date() - delivered < timedelta(60)
    people = [each for each in told if not each.bot and not each.goal]
    assert Counter(each.device for each in people)["phone"] > len(people) / 2
    assert sum(each.at.astimezone(ZONE).hour >= 17 for each in people) > len(people) / 2
    assert 0 < sum(each.bot for each in told) < len(people)
    goals = [each for each in told if each.goal]
    assert {each.value_cents for each in goals if each.item.send.campaign != "Welcome kit"} == {0}
    assert all(100_00 <= each.value_cents <= 200_00 for each in goals if each.item.send.campaign == "Welcome kit")
    assert len({each.reference for each in goals}) == len(goals) > 10


def test_what_is_known_later_holds_what_was_known_before() -> None:
    made = stream(COMPANIES[0], NOW, Barcodes("901000042"), sends=3_000, days=90)
    before = NOW - timedelta(20)
    earlier, later = (answers(made.items, APPEALS, moment, ZONE) for moment in (before, NOW))
    assert earlier == [each for each in later if each.at <= before]
    assert len(earlier) < len(later)
