"""What was sent in a period, row by row, agrees with the sends themselves."""

import csv
import io
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Literal

import pytest

from sendtrail.domain.events import Evidence
from sendtrail.domain.problems import Invalid
from sendtrail.domain.scope import Scope
from sendtrail.domain.vocabularies.stannp import CATEGORIES, category
from sendtrail.services import reports
from sendtrail.services.campaigns import CampaignTotals, CampaignType, add_campaign
from sendtrail.services.context import Context
from sendtrail.services.reports import Item
from sendtrail.services.views import View
from tests.people import DAY, world
from tests.services.mail import END, START, counted, made, many, sector_of, send
from tests.services.organizations import organization


async def test_campaigns_of_a_period_leave_gifts_and_other_days_out(context: Context) -> None:
    scope = await organization(context)
    shown = await many(context, scope)
    types: dict[CampaignType, str] = {"bulk": "Spring", "triggered": "Basket"}

    for type_, name in types.items():
        own = [view for view in shown if sector_of(view) == type_ and START <= view["day"] <= END]
        (row,) = (await reports.campaign_rows(context, scope, START, END, type_)).data
        assert (row.name, row.type, row.total) == (name, type_, len(own))
        assert counted(row) == Counter(view["vocabularies"]["stannp"] for view in own)
        assert row.spent == sum(v["cost_cents"] for v in own if v["vocabularies"]["stannp"] != "cancelled")
        assert (row.first_day, row.last_day) == (START, END)


def delivered_share(row: CampaignTotals) -> float:
    return row.delivered / row.total


async def test_campaigns_can_be_sorted_by_every_column(context: Context) -> None:
    scope = await organization(context)
    sent = {"b": ("delivered",), "A": ("delivered", "returned", "created"), "c": ("created", "created")}
    for n, (name, codes) in enumerate(sent.items()):
        await add_campaign(context, scope, name, "bulk")
        for code in codes:
            await made(context, scope, send("letter", START + timedelta(n), 10 * n, name), code)
    keys: dict[str, Any] = {
        "name": lambda row: row.name.lower(),
        "day": lambda row: row.last_day,
        "total": lambda row: row.total,
        "delivered": delivered_share,
        "returned": lambda row: row.returned,
        "spent": lambda row: row.spent,
    }
    for sort, key in keys.items():
        for descending in (False, True):
            rows = (await reports.campaign_rows(context, scope, START, END, "bulk", sort, descending)).data
            assert len(rows) == 3
            assert [key(row) for row in rows] == sorted(map(key, rows), reverse=descending)


async def test_a_list_of_campaigns_says_that_there_are_more(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = await organization(context)
    monkeypatch.setattr(reports, "MAX_CAMPAIGNS", 2)
    for n in range(3):
        rows = await reports.campaign_rows(context, scope, START, END, "bulk")
        assert (len(rows.data), rows.more) == (n, False)
        await add_campaign(context, scope, f"{n}", "bulk")
        await made(context, scope, send("letter", START, campaign=f"{n}"))
    rows = await reports.campaign_rows(context, scope, START, END, "bulk")
    assert (len(rows.data), rows.more) == (2, True)


async def read_all(
    context: Context, scope: Scope, sector: Literal["single", "gift"], sort: str, descending: bool, limit: int
) -> list[Item]:
    items: list[Item] = []
    after = None
    while True:
        page = await reports.item_rows(context, scope, START, END, sector, sort, descending, after=after, limit=limit)
        items += page.data
        after = page.next
        if after is None:
            return items


async def test_items_come_in_pages_by_every_order_and_agree_with_the_sends(context: Context) -> None:
    scope = await organization(context)
    shown = await many(context, scope)
    places = {each.word: place for place, each in enumerate(CATEGORIES)}
    keys: dict[str, Any] = {
        "day": lambda item: item.day,
        "recipient": lambda item: item.recipient.lower(),
        "status": lambda item: places[category(item.code, Evidence[item.evidence.upper()])],
        "cost": lambda item: item.cost_cents,
    }

    def row(view: View) -> Item:
        status = view["status"]
        return Item(
            view["id"], view["kind"], view["to"]["name"], status["label"], status["code"], status["evidence"],
            view["day"], view["cost_cents"], "USD",
        )  # fmt: skip

    sectors: tuple[Literal["single", "gift"], ...] = ("single", "gift")
    for sector in sectors:
        own = {view["id"]: row(view) for view in shown if sector_of(view) == sector and START <= view["day"] <= END}
        for sort, key in keys.items():
            for descending, limit in ((True, 3), (False, 100)):
                items = await read_all(context, scope, sector, sort, descending, limit)
                assert {item.id: item for item in items} == own
                assert len(items) == len(own)
                assert [key(item) for item in items] == sorted(map(key, items), reverse=descending)


async def test_many_items_are_sorted_by_day_only(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = await organization(context)
    await made(context, scope, send("letter", START))
    await made(context, scope, send("gift", START))
    monkeypatch.setattr(reports, "MAX_SORTED", 0)

    assert (await reports.item_rows(context, scope, START, END, "single")).sorts == ("day",)
    with pytest.raises(Invalid) as refusal:
        await reports.item_rows(context, scope, START, END, "single", "cost")
    assert refusal.value.param == "sort"
    assert len((await reports.item_rows(context, scope, END, END, "single", "cost")).sorts) == 4


async def test_the_latest_period_ends_with_the_last_mail_of_its_sector(context: Context) -> None:
    scope = await organization(context)
    assert await reports.latest_period_with_mail(context, scope) is None
    await add_campaign(context, scope, "Spring", "bulk")
    await made(context, scope, send("letter", START))
    await made(context, scope, send("letter", END, campaign="Spring"), "delivered")
    month = timedelta(29)

    async def latest(sector: reports.Sector, before: date | None = None) -> tuple[date, date] | None:
        return await reports.latest_period_with_mail(context, scope, sector, before)

    assert await latest("all") == (END - month, END)
    assert await latest("all", END) == (START - month, START)
    assert await latest("bulk") == (END - month, END)
    assert await latest("single") == (START - month, START)
    assert await latest("gift") is None
    assert await latest("bulk", END) is None
    for foreign in (await organization(context, "Other"), replace(scope, live=False)):
        assert await reports.latest_period_with_mail(context, foreign) is None


async def test_the_timeline_as_csv_has_a_line_for_each_day(context: Context) -> None:
    scope = await organization(context)
    await many(context, scope)

    text = (await reports.timeline_csv(context, scope, START, END, "bulk")).decode()

    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    timeline = await reports.timeline(context, scope, START, END, "bulk")
    assert text.startswith("day,total,received,producing,")
    assert text.endswith("\r\n")
    assert [line["day"] for line in lines] == [day.day.isoformat() for day in timeline.data]
    assert [int(line["delivered"]) for line in lines] == [day.delivered for day in timeline.data]
    assert sum(int(line["total"]) for line in lines) == sum(day.total for day in timeline.data) > 0


@pytest.mark.parametrize("after", ["", "x", "campaign_0000000000000"])
async def test_what_is_no_order_or_cursor_is_refused_by_field(context: Context, after: str) -> None:
    scope = await organization(context)
    bulk: CampaignType = "bulk"
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "sort": lambda: reports.campaign_rows(context, scope, START, END, bulk, "cost; drop table send"),
        "type": lambda: reports.campaign_rows(context, scope, START, END, "all"),  # type: ignore[arg-type]
        "sector": lambda: reports.item_rows(context, scope, START, END, "bulk"),  # type: ignore[arg-type]
        "after": lambda: reports.item_rows(context, scope, START, END, "single", after=after),
        "start": lambda: reports.campaign_rows(context, scope, END, START, bulk),
    }
    for param, ask in asked.items():
        with pytest.raises(Invalid) as refusal:
            await ask()
        assert refusal.value.param == param


async def test_where_anothers_item_stands_in_a_list_is_not_told(context: Context) -> None:
    people = await world(context)
    for sort in ("cost", "recipient", "day"):
        for descending in (False, True):
            shown = await reports.item_rows(
                context, people.scopes["zoe"], DAY, DAY, "single", sort, descending, after=people.sends["sam"]["id"]
            )
            assert shown.data == []
