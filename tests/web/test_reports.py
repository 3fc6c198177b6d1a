"""What the reporting page says."""

import re
from datetime import date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services import campaigns, cancelling, histories, money, people, sends
from sendtrail.services.context import Context
from sendtrail.services.sends import NewEvent
from sendtrail.web.periods import PERIODS, period_in
from tests.web.conftest import Browser
from tests.web.test_pages import letter, made, words

MARCH = "start=2026-03-01&end=2026-03-02"


def here() -> date:
    """The day that the organization's clocks have."""
    return datetime.now(ZoneInfo("America/New_York")).date()


def gift(**more: object) -> NewSend:
    return NewSend(kind="gift", to=Address(name="Ida Gift"), **more)  # type: ignore[arg-type]


async def test_the_front_page_leads_there(ann: Browser) -> None:
    assert (await ann.look("/")).headers["Location"] == "/reports"


async def test_categories_have_counts_shares_and_money(ann: Browser, context: Context, acme: Scope) -> None:
    await money.deposit(context, acme, 100_000)
    pieces = await made(context, acme, *(letter(f"Ann {n}", cost_cents=150) for n in range(8)))
    for piece in pieces[:2]:
        await sends.record_events(context, acme, piece["id"], [NewEvent("cancelled")])
    page = words((await ann.look("/reports")).text)
    assert "Sends 8 Delivered 0 % 0 sends Returned 0 % 0 sends Spent $9.00 in these days Balance $991.00 today" in page
    assert re.search(r"Received 6 75\.0 %", page)
    assert re.search(r"Cancelled 2 25\.0 %", page)
    assert re.search(r"Delivered 0 0 %", page)
    assert "Received 6, Cancelled 2 8 0 % 0 %" in page


async def test_parts_of_a_bar_differ_without_colour(ann: Browser, context: Context, acme: Scope) -> None:
    await made(context, acme, letter())
    page = (await ann.look("/reports")).text
    assert re.search(r'<rect class="s-received"[^>]+/><rect class="pattern" fill="url\(#p-received\) none"', page)
    drawn = re.findall(r'<pattern id="p-(\w+)".*?d="([^"]+)"', page)
    plain = {"in_transit", "delivered"}
    assert {word for word, _ in drawn} | plain == {each.word for each in CATEGORIES}
    assert len({shape for _, shape in drawn}) == len(CATEGORIES) - len(plain)


async def test_days_and_sectors_are_in_the_address(ann: Browser, context: Context, acme: Scope) -> None:
    await campaigns.add_campaign(context, acme, "Spring", "bulk")
    days = (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3))
    await made(
        context, acme, letter(campaign="Spring", send_date=days[0]), *(letter(send_date=day) for day in days[1:])
    )
    assert "Sends 2 " in words((await ann.look(f"/reports?{MARCH}")).text)
    assert "Sends 1 " in words((await ann.look(f"/reports?{MARCH}&sector=bulk")).text)
    none = await ann.look(f"/reports?{MARCH}&sector=gift")
    assert "Nothing was sent in these days" in none.text
    assert 'href="/reports?start=2026-03-01&amp;end=2026-03-02&amp;sector=single"' in none.text


async def test_an_empty_period_says_which_one_last_had_mail_and_leads_there(
    ann: Browser, context: Context, acme: Scope
) -> None:
    await made(context, acme, letter(send_date=date(2026, 3, 2)), letter(send_date=here() + timedelta(9)))
    page = (await ann.look("/reports?start=2026-01-01&end=2026-01-31")).text
    assert "The last mail went out on 2 Mar 2026." in words(page)
    (link,) = re.findall(r'href="(/reports\?start=2026-02-01[^"]*)"', page)
    assert "Sends 1 " in words((await ann.look(unescape(link))).text)


async def test_what_lies_in_the_days_to_come_is_said_and_led_to(ann: Browser, context: Context, acme: Scope) -> None:
    await made(context, acme, *(letter(send_date=here() + timedelta(days)) for days in (1, 30, 31)))
    empty = (await ann.look("/reports")).text
    assert "Nothing was sent in these days 2 sends lie in the days to come. Next 30 days" in words(empty)
    assert 'href="/reports?period=next_30_days"' in empty.rpartition("Nothing was sent")[2]
    assert "Sends 2 " in words((await ann.look("/reports?period=next_30_days")).text)
    await made(context, acme, letter())
    assert "2 sends lie in the days to come, and count there: Next 30 days" in words((await ann.look("/reports")).text)
    for other in ("period=last_month", "sector=gift", "period=next_30_days"):
        assert "in the days to come" not in (await ann.look(f"/reports?{other}")).text, other


async def test_who_never_sent_anything_is_led_to_the_guide(ann: Browser) -> None:
    assert 'href="/welcome">Getting started</a></p>' in (await ann.look("/reports")).text


@pytest.mark.parametrize(
    "query",
    [
        "start=2026-13-01", "start=2026-03-02&end=2026-03-01", "sector=moon", "end=x", "period=moon", "sort=moon",
        "order=up", "sector=single&sort=moon", "sector=gift&after=x", "start=0001-01-01&end=9999-12-31",
    ],
)  # fmt: skip
async def test_what_cannot_be_shown_is_said_in_one_line(ann: Browser, query: str) -> None:
    page = await ann.look(f"/reports?{query}")
    assert page.status_code == 400
    assert 'role="alert"' in page.text


async def test_a_category_leads_to_its_sends(ann: Browser, context: Context, acme: Scope) -> None:
    gone, _ = await made(context, acme, letter("Gone Girl"), letter("Still Here"))
    await sends.record_events(context, acme, gone["id"], [NewEvent("cancelled")])
    page = (await ann.look("/reports")).text
    (link,) = re.findall(r'<a href="([^"]*category=cancelled[^"]*)"', page)
    listed = (await ann.look(unescape(link))).text
    assert "Gone Girl" in listed
    assert "Still Here" not in listed


async def test_what_was_sent_is_listed_by_sector_and_sorted_as_asked(
    ann: Browser, context: Context, acme: Scope
) -> None:
    for name, type_ in (("Autumn", "bulk"), ("Birthday", "triggered"), ("Closing", "bulk")):
        await campaigns.add_campaign(context, acme, name, type_)  # type: ignore[arg-type]
    await made(
        context,
        acme,
        *(letter(campaign=name, cost_cents=10) for name in ("Autumn", "Autumn", "Birthday", "Closing")),
        letter("Zoe Single", cost_cents=5),
        letter("Abe Single", cost_cents=9),
        gift(),
    )

    async def listed(query: str) -> list[str]:
        page = (await ann.look(f"/reports?{query}")).text
        return re.findall(
            r"Autumn|Birthday|Closing|Zoe Single|Abe Single|Ida Gift|>Single items<|>Gifts<",
            page[page.index('id="sent"') :].partition("<tbody>")[2],
        )

    assert (await listed("sort=name&order=asc"))[:3] == ["Autumn", "Birthday", "Closing"]
    assert (await listed("sort=name"))[:3] == ["Closing", "Birthday", "Autumn"]
    assert {">Single items<", ">Gifts<"} < set(await listed(""))
    assert await listed("sector=bulk&sort=total") == ["Autumn", "Closing"]
    assert await listed("sector=triggered") == ["Birthday"]
    assert await listed("sector=single&sort=recipient&order=asc") == ["Abe Single", "Zoe Single"]
    assert await listed("sector=single&sort=cost&order=asc") == ["Zoe Single", "Abe Single"]
    assert await listed("sector=gift") == ["Ida Gift"]
    page = (await ann.look("/reports?sector=bulk&sort=total")).text
    assert re.search(r'aria-sort="descending"><a href="[^"]*sort=total&amp;order=asc', page)


async def test_many_campaigns_are_shown_on_demand(ann: Browser, context: Context, acme: Scope) -> None:
    for n in range(52):
        await campaigns.add_campaign(context, acme, f"Mailing {n:02}", "bulk")
    await made(context, acme, *(letter(campaign=f"Mailing {n:02}") for n in range(52)))
    page = (await ann.look("/reports?sort=name&order=asc")).text
    assert re.findall(r">Mailing (\d\d)<", page) == [f"{n:02}" for n in range(50)]
    (link,) = re.findall(r'href="([^"]+)#sent">Show 2 more<', page)
    assert len(re.findall(r">Mailing \d\d<", (await ann.look(unescape(link))).text)) == 52


async def test_items_come_page_by_page(ann: Browser, context: Context, acme: Scope) -> None:
    await made(context, acme, *(letter(f"Person{n:03}") for n in range(120)))
    seen: list[str] = []
    address = "/reports?sector=single"
    while address:
        page = (await ann.look(address)).text
        seen += re.findall(r"Person\d{3}", page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        address = unescape(link[1]) if link else ""
    assert seen == [f"Person{n:03}" for n in reversed(range(120))]


async def test_charts_have_the_numbers_of_their_tables(ann: Browser, context: Context, acme: Scope) -> None:
    pieces = await made(context, acme, *(letter(send_date=here() - timedelta(4)) for _ in range(3)))
    for piece in pieces[:2]:
        await sends.record_events(context, acme, piece["id"], [NewEvent("delivered", source="person")])
    await histories.refresh(context, rest=timedelta())
    page = (await ann.look("/reports")).text
    assert 'data-kind="donut"' in page
    assert '"category": "delivered", "href": "/sends?' in unescape(page)
    assert "Half arrived within 4 days, nine of ten within 4" in words(page)
    assert re.search(r"4 2 100 %", words(page))


async def test_the_days_can_be_taken_as_csv(ann: Browser, context: Context, acme: Scope) -> None:
    await made(context, acme, letter(send_date=date(2026, 3, 2)))
    answer = await ann.look(f"/reports.csv?{MARCH}")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert 'filename="sends-all-2026-03-01-2026-03-02.csv"' in answer.headers["Content-Disposition"]
    header, first, second = answer.text.splitlines()
    assert header.startswith("day,total,received,producing")
    assert first == "2026-03-01,0,0,0,0,0,0,0,0,0"
    assert second == "2026-03-02,1,1,0,0,0,0,0,0,0"
    assert (await ann.look("/reports.csv?start=x")).status_code == 400


@pytest.mark.parametrize("query", ["end=0001-01-05", "start=9999-12-31", "end=9999-12-31"])
async def test_the_first_and_last_days_there_are_break_nothing(ann: Browser, query: str) -> None:
    assert (await ann.look(f"/reports?{query}")).status_code == 200


def test_periods_by_name_move_with_the_days() -> None:
    today = date(2026, 3, 31)
    found = {name: period_in({"period": name}, today)[:2] for name in PERIODS}
    assert found["last_7_days"] == (date(2026, 3, 25), today)
    assert found["this_month"] == (date(2026, 3, 1), today)
    assert found["last_month"] == (date(2026, 2, 1), date(2026, 2, 28))
    assert found["this_year"] == (date(2026, 1, 1), today)
    assert found["next_30_days"] == (date(2026, 4, 1), date(2026, 4, 30))
    assert period_in({}, today)[:2] == (date(2026, 3, 2), today)
    assert period_in({"start": "2026-05-01"}, today)[:2] == (date(2026, 5, 1), date(2026, 5, 1))


async def test_text_sorts_from_a_and_numbers_from_the_largest_first(
    ann: Browser, context: Context, acme: Scope
) -> None:
    await made(context, acme, letter())
    page = unescape((await ann.look("/reports?sector=single")).text)
    assert 'sort=recipient&order=asc#sent">Recipient' in page
    assert 'sort=cost#sent">Cost' in page
    assert 'sort=day&order=asc#sent">Day' in page
    page = unescape((await ann.look("/reports?sector=single&sort=recipient&order=asc")).text)
    assert 'sort=recipient#sent">Recipient' in page


async def test_what_each_team_sent_and_spent_adds_up(ann: Browser, context: Context, acme: Scope) -> None:
    await people.add_team(context, acme, "East")
    new = [
        NewSend("letter", Address(name="Cy"), cost_cents=cents, send_date=date(2026, 3, 2), team=team)
        for cents, team in ((100, "East"), (250, "East"), (70, ""))
    ]
    _, cancelled, _ = await made(context, acme, *new)
    await cancelling.cancel(context, acme, cancelled["id"])
    page = (await ann.look("/reports?start=2026-03-01&end=2026-03-31")).text
    assert "East Received 1, Cancelled 1 2 0 % 0 % $1.00 No team Received 1 1 0 % 0 % $0.70" in words(page)
    other = (await ann.look("/reports?start=2026-02-01&end=2026-02-28")).text
    assert "By team" not in other
