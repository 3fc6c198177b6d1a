"""How the days went, as reports and campaigns tell it, agrees with the sends themselves."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.scope import Scope
from sendtrail.services import campaigns, histories, organizations, reports, sends
from sendtrail.services.campaigns import Campaign, HistoryDay, add_campaign
from sendtrail.services.categories import by_category
from sendtrail.services.context import Context
from sendtrail.services.reports import Sector
from sendtrail.services.sends import NewEvent
from sendtrail.services.tracker import Wanted, list_sends
from tests.services.mail import END, START, counted, many, send
from tests.services.organizations import organization

NEW_YORK = ZoneInfo("America/New_York")
AT_ONCE = timedelta()


async def mailed(
    context: Context, scope: Scope, day: date, accepted: date, steps: dict[str, int], campaign: str = ""
) -> None:
    """A letter accepted at noon of a day; each step so many days after the send's own."""
    moment = datetime(accepted.year, accepted.month, accepted.day, 12, tzinfo=NEW_YORK)
    (made,) = await sends.create(context, scope, [send("letter", day, 70, campaign)], now=moment.astimezone(UTC))
    assert isinstance(made, dict)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=NEW_YORK)
    events = [NewEvent(code, noon + timedelta(days)) for code, days in steps.items()]
    await sends.record_events(context, scope, made["id"], events)


async def test_days_to_deliver_tell_how_long_those_took_that_are_delivered(context: Context) -> None:
    scope = await organization(context)
    await add_campaign(context, scope, "Spring", "bulk")
    for days in (2, 3, 3, 3, 4, 4, 6, 9, 21, 50):
        await mailed(context, scope, START, START, {"handed_over": 0, "delivered": days}, "Spring")
    await mailed(context, scope, START, START, {"delivered": 3, "returned": 12}, "Spring")
    await mailed(context, scope, START, START, {"handed_over": 1}, "Spring")
    await mailed(context, scope, END, END, {"delivered": 5})
    await histories.refresh(context, rest=AT_ONCE)

    told = await reports.days_to_deliver(context, scope, START, START)

    assert {each.label: each.n for each in told.data if each.n} == {"2": 1, "3": 3, "4": 2, "6": 1, "9": 1, "21+": 2}
    assert [each.days for each in told.data] == list(range(22))
    assert (told.delivered, told.median, told.percentile_90) == (10, 4, 21)
    (spring,), _ = await campaigns.list_campaigns(context, scope)
    assert (await reports.days_to_deliver(context, scope, START, END, campaign_id=spring.id)).data == told.data
    assert (await reports.days_to_deliver(context, scope, START, END)).delivered == 11
    nothing = await reports.days_to_deliver(context, scope, START, START, "single")
    assert (nothing.delivered, nothing.median, nothing.percentile_90) == (0, None, None)


async def test_every_sector_has_as_many_days_as_deliveries(context: Context) -> None:
    scope = await organization(context)
    await many(context, scope)
    await histories.refresh(context, rest=AT_ONCE)
    sectors: tuple[Sector, ...] = ("all", "bulk", "triggered", "single", "gift")

    for sector in sectors:
        told = await reports.days_to_deliver(context, scope, START, END, sector)
        assert told.delivered == (await reports.summary(context, scope, START, END, sector)).delivered
        assert told.delivered or sector == "triggered"


async def test_what_arrived_before_its_day_took_none(context: Context) -> None:
    scope = await organization(context)
    await mailed(context, scope, START, START - timedelta(9), {"delivered": -4})
    await histories.refresh(context, rest=AT_ONCE)

    told = await reports.days_to_deliver(context, scope, START, START)

    assert (told.data[0].n, told.median) == (1, 0)


async def test_reports_say_as_of_when_their_days_are(context: Context) -> None:
    scope = await organization(context)
    before = datetime.now(UTC)
    await mailed(context, scope, START, START, {"delivered": 3})

    stale = await reports.days_to_deliver(context, scope, START, START)
    other = await reports.days_to_deliver(context, scope, END, END)
    seen = datetime.now(UTC)
    await histories.refresh(context, rest=AT_ONCE)
    fresh = await reports.days_to_deliver(context, scope, START, START)

    assert before < stale.as_of < other.as_of < seen < fresh.as_of
    assert (stale.delivered, fresh.delivered) == (0, 1)


@pytest.mark.parametrize("campaign_id", ["", "Spring", "campaign_0000000000000"])
async def test_days_of_a_campaign_that_is_none_are_refused(context: Context, campaign_id: str) -> None:
    scope = await organization(context)

    with pytest.raises(Invalid) as refusal:
        await reports.days_to_deliver(context, scope, campaign_id=campaign_id)

    assert refusal.value.param == "campaign"


async def begun(context: Context, scope: Scope, days_ago: int) -> tuple[Campaign, date]:
    """A campaign of two letters sent so many days ago, one of which came back after it was delivered."""
    first = datetime.now(NEW_YORK).date() - timedelta(days_ago)
    spring = await add_campaign(context, scope, "Spring", "bulk")
    steps = {"handed_over": 1, "delivered": 4, "returned": 6}
    await mailed(context, scope, first, first - timedelta(1), steps, "Spring")
    await mailed(context, scope, first, first - timedelta(1), {"delivered": 5}, "Spring")
    await histories.refresh(context, rest=AT_ONCE)
    return spring, first


async def test_a_campaigns_history_tells_where_its_pieces_stood_each_day(context: Context) -> None:
    scope = await organization(context)
    spring, first = await begun(context, scope, 8)

    history = await campaigns.history(context, scope, spring.id)

    assert history.step == "day"
    assert [day.day for day in history.data] == [first + timedelta(n) for n in range(9)]
    assert [dict(counted(day)) for day in history.data] == [
        {"received": 2},
        {"received": 1, "handed_over": 1},
        {"received": 1, "handed_over": 1},
        {"received": 1, "handed_over": 1},
        {"received": 1, "delivered": 1},
        {"delivered": 2},
        {"delivered": 1, "returned": 1},
        {"delivered": 1, "returned": 1},
        {"delivered": 1, "returned": 1},
    ]
    assert {day.total for day in history.data} == {2}
    assert counted(history.data[-1]) == counted(await campaigns.get(context, scope, spring.id))


async def test_a_long_history_goes_by_weeks_and_ends_today(context: Context) -> None:
    scope = await organization(context)
    spring, first = await begun(context, scope, 200)

    history = await campaigns.history(context, scope, spring.id)

    assert history.step == "week"
    days = [day.day for day in history.data]
    assert days[-1] == first + timedelta(200)
    assert {b - a for a, b in pairwise(days)} == {timedelta(7)}
    assert first <= days[0] < first + timedelta(7)
    assert counted(history.data[-1]) == {"delivered": 1, "returned": 1}


async def test_a_campaign_that_only_begins_tomorrow_stands_as_it_does_today(context: Context) -> None:
    scope = await organization(context)
    today = datetime.now(NEW_YORK).date()
    spring = await add_campaign(context, scope, "Spring", "bulk")
    await mailed(context, scope, today + timedelta(1), today - timedelta(1), {}, "Spring")
    empty = await add_campaign(context, scope, "Empty", "bulk")
    await histories.refresh(context, rest=AT_ONCE)

    history = await campaigns.history(context, scope, spring.id)

    assert history.data == [HistoryDay(today, **by_category([1, 0, 0, 0, 0, 0, 0, 0]))]
    assert (await campaigns.history(context, scope, empty.id)).data == []


async def test_only_its_own_organization_and_mode_sees_a_history(context: Context) -> None:
    scope = await organization(context)
    spring, _ = await begun(context, scope, 8)

    for stranger in (await organization(context, "Other"), replace(scope, live=False)):
        with pytest.raises(NotFound):
            await campaigns.history(context, stranger, spring.id)


async def test_a_new_time_zone_has_the_days_worked_out_by_its_clocks(context: Context) -> None:
    scope = await organization(context)
    late = datetime(2026, 3, 5, 22, tzinfo=NEW_YORK)
    await mailed(context, scope, START, START, {})
    ((made,), _) = await list_sends(context, scope, Wanted(), 1)
    await sends.record_events(context, scope, made["id"], [NewEvent("delivered", late)])

    for zone, days in (("America/New_York", 3), ("Europe/Berlin", 4)):
        await organizations.change(context, scope, name="Acme", time_zone=zone, support_contact="", currency="USD")
        await histories.refresh(context, rest=AT_ONCE)
        assert (await reports.days_to_deliver(context, scope, START, START)).median == days
