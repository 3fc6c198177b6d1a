"""What the pages say."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest

from sendtrail.domain.observation import Facility
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import accounts, campaigns, money, sends
from sendtrail.services.context import Context
from sendtrail.services.ingest import ingest_stream
from sendtrail.services.sends import NewEvent
from sendtrail.services.views import View
from sendtrail.simulator import formats
from sendtrail.simulator.formats import Scan
from tests.web.conftest import Browser

IMB = "00310901000077000001"
TODAY = datetime.now(UTC).date()
MORGAN = Facility(10199, "MORGAN P&DC", "New York", "NY")


def words(page: str) -> str:
    """The page as it reads: no tags, single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


async def made(context: Context, scope: Scope, *wanted: NewSend) -> list[View]:
    results = await sends.create(context, scope, wanted)
    assert all(isinstance(result, dict) for result in results), results
    return [result for result in results if isinstance(result, dict)]


def letter(name: str = "Ana López", **more: object) -> NewSend:
    return NewSend(kind="letter", to=Address(name=name, city="Boston", state="MA"), **more)  # type: ignore[arg-type]


async def content(whole: bytes) -> AsyncIterator[bytes]:
    yield whole


async def scanned(context: Context, scope: Scope, *scans: Scan) -> None:
    await ingest_stream(context, scope, content(b"".join(formats.iv_mtr_json(scans))), "scans.json")


class TestReports:
    async def test_the_front_page_leads_there(self, ann: Browser) -> None:
        assert (await ann.look("/")).headers["Location"] == "/reports"

    async def test_categories_have_counts_shares_and_money(self, ann: Browser, context: Context, acme: Scope) -> None:
        await money.deposit(context, acme, 100_000)
        pieces = await made(context, acme, *(letter(f"Ann {n}", cost_cents=150) for n in range(8)))
        for piece in pieces[:2]:
            await sends.record_events(context, acme, piece["id"], [NewEvent("cancelled")])
        page = words((await ann.look("/reports")).text)
        assert "Sends 8 " in page
        assert "Spent $9.00 in these days Balance $991.00 today" in page
        assert re.search(r"Received .*? 6 75\.0 %", page)
        assert re.search(r"Cancelled .*? 2 25\.0 %", page)
        assert re.search(r"Delivered .*? 0 0 %", page)

    async def test_days_and_sectors_are_in_the_address(self, ann: Browser, context: Context, acme: Scope) -> None:
        await campaigns.add_campaign(context, acme, "Spring", "bulk")
        await made(
            context,
            acme,
            letter(campaign="Spring", send_date=date(2026, 3, 1)),
            letter(send_date=date(2026, 3, 2)),
            letter(send_date=date(2026, 3, 3)),
        )
        march = "start=2026-03-01&end=2026-03-02"
        assert "Sends 2 " in words((await ann.look(f"/reports?{march}")).text)
        assert "Sends 1 " in words((await ann.look(f"/reports?{march}&sector=bulk")).text)
        none = await ann.look(f"/reports?{march}&sector=gift")
        assert "Nothing was sent in these days" in none.text
        assert 'href="/reports?start=2026-03-01&amp;end=2026-03-02&amp;sector=single"' in none.text

    @pytest.mark.parametrize("query", ["start=2026-13-01", "start=2026-03-02&end=2026-03-01", "sector=moon", "end=x"])
    async def test_what_cannot_be_shown_is_said_in_one_line(self, ann: Browser, query: str) -> None:
        page = await ann.look(f"/reports?{query}")
        assert page.status_code == 400
        assert 'role="alert"' in page.text

    async def test_a_category_leads_to_its_sends(self, ann: Browser, context: Context, acme: Scope) -> None:
        gone, _ = await made(context, acme, letter("Gone Girl"), letter("Still Here"))
        await sends.record_events(context, acme, gone["id"], [NewEvent("cancelled")])
        page = (await ann.look("/reports")).text
        (link,) = re.findall(r'<a href="?([^" ]*category=cancelled[^" ]*)', page)
        listed = (await ann.look(unescape(link))).text
        assert "Gone Girl" in listed
        assert "Still Here" not in listed


class TestSends:
    async def test_newest_first_and_page_by_page(self, ann: Browser, context: Context, acme: Scope) -> None:
        await made(context, acme, *(letter(f"Person{n:03}") for n in range(120)))
        seen: list[str] = []
        address = "/sends?status=created"
        while address:
            page = (await ann.look(address)).text
            seen += re.findall(r"Person\d{3}", page)
            link = re.search(r'<a href="([^"]+)" rel="next"', page)
            address = unescape(link[1]) if link else ""
        assert seen == [f"Person{n:03}" for n in reversed(range(120))]

    async def test_search_and_status_narrow_the_list(self, ann: Browser, context: Context, acme: Scope) -> None:
        one, _ = await made(context, acme, letter("Ana López"), letter("Ben Bow"))
        await sends.record_events(context, acme, one["id"], [NewEvent("printed", source="printer")])
        assert "Ben Bow" not in (await ann.look("/sends?q=lópez")).text
        page = (await ann.look("/sends?status=printed&q=")).text
        assert "Ana López" in page
        assert "Ben Bow" not in page
        assert '<option value="printed" selected>' in page

    async def test_nothing_yet_and_nothing_found_read_differently(self, ann: Browser) -> None:
        assert "No sends yet" in (await ann.look("/sends")).text
        assert "No send fits" in (await ann.look("/sends?q=nobody")).text

    @pytest.mark.parametrize("query", ["status=moon", "after=x", "category=moon", "start=yesterday"])
    async def test_a_filter_that_cannot_be_taken_is_said(self, ann: Browser, query: str) -> None:
        page = await ann.look(f"/sends?{query}")
        assert page.status_code == 400
        assert 'role="alert"' in page.text

    async def test_names_are_text_and_never_markup(self, ann: Browser, context: Context, acme: Scope) -> None:
        (send,) = await made(context, acme, letter("<script>alert(1)</script>", message="</p><b>"))
        for address in ("/sends", f"/sends/{send['id']}"):
            page = (await ann.look(address)).text
            assert "<script>" not in page
            assert "&lt;script&gt;" in page


class TestOneSend:
    async def test_its_way_says_when_and_what_was_not_scanned(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        day = TODAY - timedelta(days=9)
        at = datetime(day.year, day.month, day.day, 15, 5, tzinfo=UTC)
        (send,) = await made(context, acme, letter(imb=IMB, send_date=day - timedelta(days=5)))
        sorted_ = Scan(IMB, at, "919", "Phase 3c - Destination Sequenced Carrier Sortation", "A", MORGAN)
        await scanned(context, acme, sorted_)
        page = words((await ann.look(f"/sends/{send['id']}")).text)
        local = f"{day.day} {day:%b %Y}, {'11' if 'EDT' in page else '10'}:05 E"
        assert re.search(rf"Handed over not scanned In transit not scanned Local delivery {local}[DS]T", page)
        assert "Producing not reported" in page
        assert "Delivered not yet Returned no Cancelled no" in page
        assert re.search(rf"Out for delivery MORGAN P&DC New York, NY 10199 {local}[DS]T scanned by USPS", page)

    async def test_every_event_says_how_we_know(self, ann: Browser, context: Context, acme: Scope) -> None:
        (send,) = await made(context, acme, letter())
        note = NewEvent("returned", source="person", note="lay in the <hall>")
        await sends.record_events(context, acme, send["id"], [NewEvent("printed", source="printer"), note])
        page = words((await ann.look(f"/sends/{send['id']}")).text)
        assert "reported by the printer" in page
        assert "Returned note: lay in the <hall>" in page
        assert "reported by a person" in page
        assert "recorded by Sendtrail" in page

    async def test_another_organizations_send_is_not_there(self, ann: Browser, context: Context) -> None:
        other = await accounts.add_user(context, "bob@example.com", "admin", "Bolt", "long enough")
        scope = Scope(other.memberships[0].organization_id, True, "test")
        (send,) = await made(context, scope, letter("Secret Recipient"))
        page = await ann.look(f"/sends/{send['id']}")
        assert page.status_code == 404
        assert "Secret" not in page.text


class TestMode:
    async def test_test_sends_are_shown_only_on_request_and_marked(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        await made(context, Scope(acme.organization_id, False, "test"), letter("Rehearsal"))
        assert "Rehearsal" not in (await ann.look("/sends")).text
        before = ann.client.cookies["sendtrail_session"]
        assert (await ann.post("/mode", mode="test", next="/sends")).headers["Location"] == "/sends"
        assert ann.client.cookies["sendtrail_session"] != before
        page = (await ann.look("/sends")).text
        assert "Rehearsal" in page
        assert "Test mode" in page
        assert "Spent" not in (await ann.look("/reports")).text
        await ann.post("/mode", mode="live")
        assert "Rehearsal" not in (await ann.look("/sends")).text


class TestErrors:
    async def test_an_address_without_a_page_has_one_for_people_and_json_for_programs(self, ann: Browser) -> None:
        page = await ann.look("/nowhere")
        assert page.status_code == 404
        assert "Nothing here" in page.text
        assert (await ann.client.get("/nowhere")).json()["error"]["type"] == "not_found"
        api = await ann.look("/api/v1/nowhere")
        assert api.json()["error"]["type"] == "not_found"

    async def test_what_breaks_has_a_page_with_a_number_for_the_log(self, ann: Browser, context: Context) -> None:
        async with context.database.transaction() as connection:
            await connection.execute("alter table feed_file rename to feed_file_gone")
        page = await ann.look("/feeds")
        assert page.status_code == 500
        assert re.search(r"under request [0-9a-f]{32}", page.text)
        assert "feed_file" not in page.text

    async def test_pages_let_nothing_in_from_elsewhere(self, ann: Browser) -> None:
        for address in ("/reports", "/login", "/nowhere"):
            headers = (await ann.look(address)).headers
            policy = headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
            assert "unsafe" not in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"

    async def test_the_style_sheet_is_there_for_good(self, ann: Browser) -> None:
        (address,) = re.findall(r'rel="stylesheet" href="([^"]+)"', (await ann.look("/login")).text)
        style = await ann.look(address)
        assert style.headers["Content-Type"].startswith("text/css")
        assert "immutable" in style.headers["Cache-Control"]
