"""The list of campaigns, and what the page of one says."""

import re
from datetime import date, timedelta
from html import unescape

import pytest

from sendtrail.domain.new_contact import NewContact, settle_contact
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, campaigns, histories, mailing_lists, mailings, sends
from sendtrail.services.context import Context
from sendtrail.services.mailing_lists import ListPlan
from sendtrail.services.mailings import MailingPlan
from sendtrail.services.sends import NewEvent
from sendtrail.store import contacts as store_contacts
from sendtrail.store import mailings as mailing_store
from tests.web.conftest import Browser
from tests.web.test_pages import TODAY, letter, made, words


class TestList:
    async def test_each_has_its_type_days_counts_and_money(self, ann: Browser, context: Context, acme: Scope) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring", "bulk")
        await campaigns.add_campaign(context, acme, "Birthday", "triggered")
        first, _ = await made(
            context,
            acme,
            letter(campaign="Spring", send_date=date(2026, 3, 1), cost_cents=150),
            letter(campaign="Spring", send_date=date(2026, 3, 9), cost_cents=250),
        )
        await sends.record_events(context, acme, first["id"], [NewEvent("delivered")])
        text = (await ann.look("/campaigns")).text
        page = words(text)
        assert "Spring Bulk · 1 Mar – 9 Mar 2026 Received 1, Delivered 1 2 50.0 % 0 % $4.00" in page
        assert "Birthday Triggered · nothing sent yet Nothing yet 0 – – $0.00" in page
        assert page.index("Birthday") < page.index("Spring")
        assert f'<a href="/campaigns/{spring.id}#pieces">Mail pieces tracking' in text

    async def test_search_and_type_narrow_it_and_stay_in_the_address(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        for name, type_ in (("Spring sale", "bulk"), ("Spring cards", "triggered"), ("Autumn", "bulk")):
            await campaigns.add_campaign(context, acme, name, type_)  # type: ignore[arg-type]
        text = (await ann.look("/campaigns?q=spring&type=bulk")).text
        assert "Spring sale" in text
        assert "Spring cards" not in text
        assert "Autumn" not in text
        assert '<a href="/campaigns?q=spring&amp;type=bulk&amp;state=archived">' in text
        assert '<option value="bulk" selected>' in text
        assert "No campaign fits" in (await ann.look("/campaigns?q=winter")).text

    async def test_page_by_page(self, ann: Browser, context: Context, acme: Scope) -> None:
        for n in range(60):
            await campaigns.add_campaign(context, acme, f"Drop{n:02}", "bulk")
        seen: list[str] = []
        address = "/campaigns?q=drop"
        while address:
            page = (await ann.look(address)).text
            seen += re.findall(r">(Drop\d\d)</a>", page)
            link = re.search(r'href="([^"]+)" rel="next"', page)
            address = unescape(link[1]) if link else ""
        assert seen == [f"Drop{n:02}" for n in reversed(range(60))]

    async def test_without_one_it_says_how_they_come_to_be(self, ann: Browser) -> None:
        page = words((await ann.look("/campaigns")).text)
        assert "No campaigns yet" in page
        assert "column campaign" in page

    @pytest.mark.parametrize("query", ["type=moon", "after=x", "state=gone"])
    async def test_what_cannot_be_taken_is_said(self, ann: Browser, query: str) -> None:
        page = await ann.look(f"/campaigns?{query}")
        assert page.status_code == 400
        assert 'role="alert"' in page.text


class TestOneCampaign:
    async def test_totals_categories_and_pieces(self, ann: Browser, context: Context, acme: Scope) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring", "bulk")
        pieces = await made(
            context,
            acme,
            *(letter(name, campaign="Spring", cost_cents=200) for name in ("Ann", "Ben", "Cleo", "Dan")),
            letter("Elsewhere"),
        )
        for piece, code in zip(pieces, ("delivered", "in_transit", "cancelled"), strict=False):
            await sends.record_events(context, acme, piece["id"], [NewEvent(code)])
        text = (await ann.look(f"/campaigns/{spring.id}")).text
        page = words(text)
        assert "Bulk campaign · 4 letters" in page
        assert "Sends 4 Delivered 25.0 % 1 of 4 In the mail 1 25.0 % Returned 0 % 0 of 4 Spent $6.00 $2.00 each" in page
        assert re.search(r"In transit 1 25\.0 %", page)
        assert "Elsewhere" not in page
        assert f'<a href="/sends/{pieces[0]["id"]}">Tracking' in text

    async def test_a_category_leads_to_its_pieces(self, ann: Browser, context: Context, acme: Scope) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring", "bulk")
        gone, _ = await made(context, acme, letter("Gone Girl", campaign="Spring"), letter("Here", campaign="Spring"))
        await sends.record_events(context, acme, gone["id"], [NewEvent("returned")])
        page = (await ann.look(f"/campaigns/{spring.id}")).text
        link = f"/campaigns/{spring.id}?category=returned"
        assert f'href="{link}#pieces"' in page
        narrowed = (await ann.look(link)).text
        assert ">Gone Girl</a>" in narrowed
        assert ">Here</a>" not in narrowed
        assert "No piece stands here" in (await ann.look(f"/campaigns/{spring.id}?category=delivered")).text

    async def test_pieces_come_page_by_page(self, ann: Browser, context: Context, acme: Scope) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring", "bulk")
        await made(context, acme, *(letter(f"Person{n:03}", campaign="Spring") for n in range(70)))
        seen: list[str] = []
        address = f"/campaigns/{spring.id}?category=received"
        while address:
            page = (await ann.look(address)).text
            seen += re.findall(r">(Person\d{3})</a>", page)
            link = re.search(r'href="([^"]+)#pieces" rel="next"', page)
            address = unescape(link[1]) if link else ""
        assert seen == [f"Person{n:03}" for n in reversed(range(70))]

    async def test_how_it_went_stands_in_a_table_beside_the_chart(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring", "bulk")
        day = TODAY - timedelta(3)
        (piece,) = await made(context, acme, letter(campaign="Spring", send_date=day))
        await sends.record_events(context, acme, piece["id"], [NewEvent("delivered")])
        await histories.refresh(context, rest=timedelta(0))
        text = (await ann.look(f"/campaigns/{spring.id}")).text
        page = words(text)
        assert 'data-kind="history"' in text
        assert 'data-kind="spread"' in text
        assert re.search(r"End of Pieces Received .* Cancelled \d+ \w+ 20\d\d 1", page)
        assert "Half arrived within" in page
        assert "at the end of each day · as of" in page

    async def test_before_anything_is_sent_it_says_how(self, ann: Browser, context: Context, acme: Scope) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring", "bulk")
        text = (await ann.look(f"/campaigns/{spring.id}")).text
        assert "Nothing is sent yet" in text
        assert "/static/charts" not in text

    async def test_a_category_that_is_none_is_said(self, ann: Browser, context: Context, acme: Scope) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring", "bulk")
        page = await ann.look(f"/campaigns/{spring.id}?category=moon")
        assert page.status_code == 400
        assert 'role="alert"' in page.text

    async def test_another_organizations_campaign_is_not_there(self, ann: Browser, context: Context) -> None:
        other = await accounts.add_user(context, "bob@example.com", "admin", "Bolt", "long enough")
        scope = Scope(other.memberships[0].organization_id, True, "test")
        secret = await campaigns.add_campaign(context, scope, "Secret drop", "bulk")
        page = await ann.look(f"/campaigns/{secret.id}")
        assert page.status_code == 404
        assert "Secret" not in page.text
        assert "Secret" not in (await ann.look("/campaigns")).text


async def test_the_page_of_a_campaign_that_sends_to_a_mailing_list_says_how_far_it_is(
    ann: Browser, context: Context, acme: Scope
) -> None:
    list_ = await mailing_lists.make(context, acme, ListPlan())
    plan = MailingPlan(mailing_list=context.ids.encode("mailing_list", list_.id), description="Spring <offer>")
    drafted = await mailings.make(context, acme, plan)
    path = f"/campaigns/{context.ids.encode('campaign', drafted.campaign_id)}"

    page = words((await ann.look(path)).text)
    assert "Spring <offer> Bulk campaign" in page
    assert "has to change it first: letter, postcard, selfMailer, cheque: one of them is missing" in page
    assert "Name this campaign when you make a send" not in page

    for status, says in (
        ("draft", "waits for the program that made it"),
        ("creating_orders", "1,200 sends are made so far."),
        ("creating_orders", "It has stopped: no money is left. It goes on by itself once that is mended."),
        ("ready", "1,200 sends are made. 101 contacts of the list could not be sent to. All of them with the reasons"),
    ):
        async with context.database.transaction() as connection:
            stopped = "no money is left" if says.startswith("It has") else ""
            await connection.execute(
                "update mailing set created_count = 1200, status = %s, stopped = %s, refused_count = 101",
                [status, stopped],
            )
            rows = await store_contacts.ensure(
                connection,
                acme,
                [
                    settle_contact(NewContact(address_line1="1 Main St", country="US", first_name=f"<Zoe {n}>"))
                    for n in range(101)
                ],
            )
            await mailing_store.refuse(
                connection, acme, drafted.campaign_id, {row.id: "it goes nowhere" for row in rows}
            )
        page = words((await ann.look(path)).text)
        assert says in page
    assert page.count(": it goes nowhere") == 100
    csv = (await ann.look(f"{path}/passed-over.csv")).text
    assert csv.count("it goes nowhere") == 101
    assert ",<Zoe 100>,," in csv
