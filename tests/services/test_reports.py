"""Reports agree with the sends themselves."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from sendtrail.domain.problems import Invalid
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services import money, reports, sends
from sendtrail.services.context import Context
from sendtrail.services.reports import Sector
from tests.services.mail import END, START, made, many, sector_of, send
from tests.services.organizations import organization


async def test_every_sector_and_day_agrees_with_the_sends(context: Context) -> None:
    scope = await organization(context)
    shown = await many(context, scope)
    sectors: tuple[Sector, ...] = ("all", "bulk", "triggered", "single", "gift")

    for sector in sectors:
        counted = [view for view in shown if START <= view["day"] <= END and sector in ("all", sector_of(view))]
        categories = Counter(view["vocabularies"]["stannp"] for view in counted)
        summary = await reports.summary(context, scope, START, END, sector)
        timeline = await reports.timeline(context, scope, START, END, sector)

        assert len(counted) > 4
        assert summary.total == len(counted)
        assert {word.word: getattr(summary, word.word) for word in CATEGORIES} == {
            word.word: categories[word.word] for word in CATEGORIES
        }
        assert summary.spent == sum(
            view["cost_cents"] for view in counted if view["vocabularies"]["stannp"] != "cancelled"
        )
        for day in timeline.data:
            of_day = Counter(view["vocabularies"]["stannp"] for view in counted if view["day"] == day.day)
            assert day.total == of_day.total()
            assert {word.word: getattr(day, word.word) for word in CATEGORIES} == {
                word.word: of_day[word.word] for word in CATEGORIES
            }
        assert [day.day for day in timeline.data] == [START + timedelta(n) for n in range(7)]


async def test_the_balance_of_a_report_does_not_depend_on_its_period(context: Context) -> None:
    scope = await organization(context)
    await money.deposit(context, scope, 1_000)
    await made(context, scope, send("letter", START, 300))
    await made(context, scope, send("gift", END, 500), "refunded")

    for start in (START, END, END + timedelta(7)):
        assert (await reports.summary(context, scope, start, end=start, sector="bulk")).balance == 700


async def test_a_summary_has_exactly_the_fields_of_the_design(context: Context) -> None:
    summary = await reports.summary(context, await organization(context), START, END)

    assert list(msgspec.to_builtins(summary)) == [
        "start",
        "end",
        "sector",
        "total",
        "received",
        "producing",
        "handed_over",
        "in_transit",
        "local_delivery",
        "delivered",
        "returned",
        "cancelled",
        "spent",
        "balance",
        "currency",
    ]


async def test_a_report_shows_one_organization_in_one_mode(context: Context) -> None:
    scope = await organization(context)
    other, test = await organization(context, "Other"), replace(scope, live=False)
    await made(context, scope, send("letter", START, 100))

    for foreign in (other, test):
        summary = await reports.summary(context, foreign, START, END)
        assert (summary.total, summary.spent, summary.balance) == (0, 0, 0)
    await made(context, test, send("letter", START, 100))
    assert (await reports.summary(context, test, START, END)).total == 1
    assert (await reports.summary(context, scope, START, END)).total == 1


@pytest.mark.parametrize("time_zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
async def test_the_default_period_is_thirty_days_up_to_the_organization_s_today(
    context: Context, time_zone: str
) -> None:
    scope = await organization(context)
    async with context.database.transaction() as connection:
        await connection.execute("update organization set time_zone = %s", [time_zone])
    before = datetime.now(UTC)
    (sent,) = await sends.create(context, scope, [NewSend(kind="letter", to=Address(name="Ann"))])
    summary = await reports.summary(context, scope)
    days = {moment.astimezone(ZoneInfo(time_zone)).date() for moment in (before, datetime.now(UTC))}

    assert isinstance(sent, dict)
    assert {summary.end, sent["day"]} <= days
    assert (summary.end - summary.start).days == 29
    assert summary.total == 1


@pytest.mark.parametrize(
    ("start", "end", "sector", "param"),
    [
        (END, START, "all", "start"),
        (date(2016, 1, 1), date(2026, 12, 31), "all", "start"),
        (date(2500, 1, 1), None, "all", "start"),
        (None, None, "letters", "sector"),
    ],
)
async def test_what_is_no_period_or_sector_is_refused_by_field(
    context: Context, start: date | None, end: date | None, sector: Sector, param: str
) -> None:
    scope = await organization(context)

    for report in (reports.summary, reports.timeline):
        with pytest.raises(Invalid) as refusal:
            await report(context, scope, start, end, sector)
        assert refusal.value.param == param


async def test_the_ends_of_the_calendar_are_days_like_others(context: Context) -> None:
    scope = await organization(context)

    assert (await reports.summary(context, scope, end=date.min)).start == date.min
    assert (await reports.summary(context, scope, date.max, date.max)).total == 0
