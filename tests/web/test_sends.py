"""The list of sends, and what the page of one says."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from sendtrail.domain.events import Evidence, Source
from sendtrail.domain.observation import Observation, as_detail, event_item
from sendtrail.domain.packing import to_ms
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import accounts, attention, campaign_changes, campaigns, histories, organizations, sends
from sendtrail.services.context import Context
from sendtrail.services.ingest import ingest_stream
from sendtrail.services.sends import NewEvent
from sendtrail.simulator.formats import Scan
from sendtrail.store import ingest
from sendtrail.web import tracker
from tests.web.conftest import EMAIL, Browser
from tests.web.test_pages import IMB, MORGAN, TODAY, content, letter, made, scanned, words

TRACKING = "9400109104250532908587"


def gift(**more: object) -> NewSend:
    to = Address(name="Ida Gift", company="Kestrel", email="ida@example.com")
    return NewSend(**({"kind": "gift", "to": to, "gift": {"name": "Olive oil"}} | more))  # type: ignore[arg-type]


async def happened(
    context: Context, scope: Scope, send_id: str, at: datetime, *events: tuple[str, Source], **detail: str
) -> None:
    """Record events that no feed of ours tells yet, an hour apart."""
    said = as_detail(detail)
    items = [
        event_item(to_ms(at + timedelta(hours=n)), code, source, Evidence.REPORTED, said)
        for n, (code, source) in enumerate(events)
    ]
    number = str(sends.send_number(context, send_id))
    rows = ingest.copy_rows(
        [Observation(0, item, send=number, detail=said) for item in items], to_ms(datetime.now(UTC)) // 1000
    )
    await context.database.run(lambda connection: ingest.record(connection, scope, rows))


def noon(days_ago: int) -> datetime:
    return datetime.combine(TODAY - timedelta(days_ago), datetime.min.time(), UTC) + timedelta(hours=15)


async def noticed(context: Context) -> None:
    """The worker has looked."""
    while await histories.refresh(context, rest=timedelta()):
        pass
    await attention.refresh(context)


class TestList:
    async def test_newest_first_and_page_by_page(self, ann: Browser, context: Context, acme: Scope) -> None:
        await made(context, acme, *(letter(f"Person{n:03}") for n in range(120)))
        seen: list[str] = []
        address = "/sends?status=created"
        while address:
            page = (await ann.look(address)).text
            seen += re.findall(r">(Person\d{3})<", page)
            link = re.search(r'href="([^"]+)" rel="next"', page)
            address = unescape(link[1]) if link else ""
        assert seen == [f"Person{n:03}" for n in reversed(range(120))]

    async def test_search_status_and_kind_narrow_it(self, ann: Browser, context: Context, acme: Scope) -> None:
        one, _, _ = await made(context, acme, letter("Ana López"), letter("Ben Bow"), gift())
        await sends.record_events(context, acme, one["id"], [NewEvent("printed", source="printer")])
        assert "Ben Bow" not in (await ann.look("/sends?q=lópez")).text
        page = (await ann.look("/sends?status=printed&q=")).text
        assert "Ana López" in page
        assert "Ben Bow" not in page
        assert '<option value="printed" selected>' in page
        page = (await ann.look("/sends?kind=gift")).text
        assert "Ida Gift" in page
        assert "Ben Bow" not in page

    async def test_tabs_part_it_by_sector_and_keep_the_rest(self, ann: Browser, context: Context, acme: Scope) -> None:
        await made(context, acme, letter("Ben Bow"), gift())
        page = (await ann.look("/sends?sector=gift&start=2026-01-01")).text
        assert "Ida Gift" in page
        assert "Ben Bow" not in page
        assert '<a href="/sends?sector=single&amp;start=2026-01-01">' in page
        assert '<a href="/sends?start=2026-01-01">Everything' in page

    async def test_a_campaign_narrows_it_by_id_and_is_named(self, ann: Browser, context: Context, acme: Scope) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring & more", "bulk")
        await made(context, acme, letter("In It", campaign="Spring & more"), letter("Not In It"))
        page = (await ann.look(f"/sends?campaign={spring.id}")).text
        assert "Not In It" not in page
        assert f'<a href="/campaigns/{spring.id}">Spring &amp; more</a>' in page
        assert f'<option value="{spring.id}" selected>Spring &amp; more</option>' in page
        assert "Not In It" not in (await ann.look("/sends?campaign=Spring+%26+more")).text

    async def test_a_status_takes_the_place_of_a_category(self, ann: Browser, context: Context, acme: Scope) -> None:
        await made(context, acme, letter("Ben Bow"))
        page = (await ann.look("/sends?category=received")).text
        assert 'aria-label="Without: Received"' in page
        page = (await ann.look("/sends?category=delivered&status=created")).text
        assert "Ben Bow" in page
        assert 'name="category"' not in page

    async def test_a_sender_who_is_no_member_is_named(self, ann: Browser, context: Context, acme: Scope) -> None:
        (send,) = await made(context, acme, letter("Ben Bow", sender="The mail room"))
        for address in ("/sends", f"/sends/{send['id']}"):
            assert "The mail room" in (await ann.look(address)).text

    async def test_a_list_that_a_status_makes_short_can_be_sorted(
        self, ann: Browser, context: Context, acme: Scope, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, _, _ = await made(context, acme, letter("Ann Bow"), letter("Ben Bow"), letter("Cy Bow"))
        await sends.record_events(context, acme, one["id"], [NewEvent("held")])
        monkeypatch.setattr(tracker, "MOST_SORTED", 1)
        page = (await ann.look("/sends")).text
        assert "sort=recipient" not in page
        assert '<option value="recipient">' not in page
        assert "<summary>Recipient</summary>" in page
        assert "Lists of up to 1 sends can be sorted by this column; this one has 3." in words(page)
        assert 'href="/sends?sort=status"' in page
        page = (await ann.look("/sends?status=held")).text
        assert "sort=recipient" in page
        assert '<option value="recipient">Recipient, A to Z</option>' in page

    async def test_nothing_is_cancelled_that_nobody_was_asked_about(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        await made(context, acme, letter("Ben Bow"))
        asked = {"action": "cancel", "all": "yes", "list": "q=bow"}
        assert "Cancel 1 send" in (await ann.post("/sends/selected", **asked)).text
        await made(context, acme, letter("Ida Bow"))
        answer = await ann.post("/sends/selected", **asked, sure="yes", as_asked="1")
        assert answer.status_code == 400
        assert "it has 2 now" in answer.text
        done = await ann.post("/sends/selected", **asked, sure="yes", as_asked="2")
        assert "2 cancelled" in (await ann.look(done.headers["Location"])).text

    async def test_a_live_send_is_no_test_whatever_one_looks_at(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (live,) = await made(context, acme, letter("Ben Bow"))
        (test,) = await made(context, replace(acme, live=False), letter("Tess Bow"))
        says = "Test mode: nothing on this page was really sent"
        assert says in (await ann.look(f"/sends/{test['id']}")).text
        await ann.post("/mode", mode="test")
        assert says in (await ann.look("/sends")).text
        for address in (f"/sends/{live['id']}", "/sends?mode=live", "/sends?mode=both", f"/recipients/{live['id']}"):
            page = (await ann.look(address)).text
            assert says not in page
            assert "this page shows live mail" in page

    async def test_a_deleted_campaign_can_be_chosen(self, ann: Browser, context: Context, acme: Scope) -> None:
        spring = await campaigns.add_campaign(context, acme, "Spring", "bulk")
        await made(context, acme, letter("In It", campaign="Spring"), letter("Ben Bow"))
        await campaign_changes.move(context, acme, spring.id, "deleted")
        page = (await ann.look("/sends")).text
        assert f'<option value="{spring.id}">Spring (deleted)</option>' in page
        page = (await ann.look(f"/sends?campaign={spring.id}")).text
        assert "In It" in page
        assert "Ben Bow" not in page

    async def test_nothing_yet_and_nothing_found_read_differently(self, ann: Browser) -> None:
        assert "No sends yet" in (await ann.look("/sends")).text
        assert "No send fits" in (await ann.look("/sends?q=nobody")).text

    @pytest.mark.parametrize(
        "query",
        ["status=moon", "after=x", "category=moon", "start=yesterday", "sector=moon", "kind=moon", "campaign=moon"],
    )
    async def test_a_filter_that_cannot_be_taken_is_said(self, ann: Browser, query: str) -> None:
        page = await ann.look(f"/sends?{query}")
        assert page.status_code == 400
        assert 'role="alert"' in page.text

    async def test_names_are_text_and_never_markup(self, ann: Browser, context: Context, acme: Scope) -> None:
        (send,) = await made(context, acme, letter("<script>alert(1)</script>", message="</p><b>", metadata={"<i>": 1}))
        for address in ("/sends", f"/sends/{send['id']}"):
            page = (await ann.look(address)).text
            assert "<script>" not in page
            assert "<b>" not in page
            assert "<i>" not in page
            assert "&lt;script&gt;" in page


class TestOneSend:
    async def test_its_way_says_when_and_what_was_not_scanned(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        at = noon(9)
        (send,) = await made(context, acme, letter(imb=IMB, send_date=at.date() - timedelta(days=5)))
        await scanned(
            context, acme, Scan(IMB, at, "919", "Phase 3c - Destination Sequenced Carrier Sortation", "A", MORGAN)
        )
        page = words((await ann.look(f"/sends/{send['id']}")).text)
        day = f"{at.day} {at:%b %Y}"
        local = f"{day}, {'11' if 'EDT' in page else '10'}:00 E"
        assert re.search(rf"Handed over not scanned In transit not scanned Local delivery {local}[DS]T", page)
        assert "Producing not reported" in page
        assert "Delivered not yet Returned no Cancelled no" in page
        assert "MORGAN P&DC, New York, NY 10199 Sorted into the order of the carrier's walk · scanned by USPS" in page
        assert "does not scan every piece" in page

    async def test_every_event_says_how_we_know(self, ann: Browser, context: Context, acme: Scope) -> None:
        (send,) = await made(context, acme, letter())
        note = NewEvent("returned", source="person", note="lay in the <hall>")
        await sends.record_events(context, acme, send["id"], [NewEvent("printed", source="printer"), note])
        page = words((await ann.look(f"/sends/{send['id']}")).text)
        assert "reported by the printer" in page
        assert f"Returned “lay in the <hall>” reported by {EMAIL}" in page
        assert "recorded by Sendtrail" in page

    async def test_why_it_came_back_and_where_it_went_is_said_in_words(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, letter(imb=IMB, send_date=TODAY - timedelta(9)))
        moved, back = TODAY - timedelta(4), TODAY - timedelta(2)
        records = f"imb,code,date,new_address\n{IMB},COA,{moved},7 Ferry Landing\n{IMB},N,{back},\n"
        await ingest_stream(context, acme, content(records.encode()), "acs.csv")
        page = words((await ann.look(f"/sends/{send['id']}")).text)
        assert "Returned There is no such house number. reported by USPS" in page
        assert "Re-routed The recipient moved. New address: 7 Ferry Landing reported by USPS" in page

    async def test_a_barcode_is_explained_digit_by_digit(self, ann: Browser, context: Context, acme: Scope) -> None:
        (send,) = await made(context, acme, letter(imb=f"{IMB}021085150"))
        page = words((await ann.look(f"/sends/{send['id']}")).text)
        for part in ("310 Service type First class, with scans", "901000077 Mailer ID", "000001 Serial number",
                     "02108 ZIP Code", "5150 ZIP+4"):  # fmt: skip
            assert part in page

    async def test_where_it_stands_is_told_in_each_vocabulary(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        at = noon(3)
        (send,) = await made(context, acme, letter(imb=IMB, send_date=at.date() - timedelta(1)))
        await scanned(context, acme, Scan(IMB, at, "464", "Phase 2c - Destination Primary", "A", MORGAN))
        page = words((await ann.look(f"/sends/{send['id']}")).text)
        for told in ("Stannp: in_transit", "Postalytics: InLocalArea (5)", "Sendoso: Shipped", "Lob: In Local Area",
                     "PostGrid: processed_for_delivery, entered_mail_stream"):  # fmt: skip
            assert told in page

    async def test_whether_it_came_when_it_was_expected(self, ann: Browser, context: Context, acme: Scope) -> None:
        at = noon(3)
        later = at.date() + timedelta(2)
        (send,) = await made(context, acme, letter(imb=IMB, send_date=at.date() - timedelta(4)))
        address = f"/sends/{send['id']}"
        sorted_ = Scan(IMB, noon(4), "919", "Phase 3c - Destination", "A", MORGAN, expected=TODAY - timedelta(4))
        await scanned(context, acme, sorted_)
        assert "days overdue" in words((await ann.look(address)).text)
        await scanned(context, acme, Scan(IMB, at, "517", "Phase 4c - Delivery", "L", MORGAN, expected=later))
        page = words((await ann.look(address)).text)
        assert "came 2 days early" in page
        assert "worked out by USPS's rule" in page

    async def test_another_organizations_send_is_not_there(self, ann: Browser, context: Context) -> None:
        other = await accounts.add_user(context, "bob@example.com", "admin", "Bolt", "long enough")
        scope = Scope(other.memberships[0].organization_id, True, "test")
        (send,) = await made(context, scope, letter("Secret Recipient"))
        page = await ann.look(f"/sends/{send['id']}")
        assert page.status_code == 404
        assert "Secret" not in page.text

    async def test_a_test_send_is_marked_and_a_live_one_is_not(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (live,) = await made(context, acme, letter())
        assert "Test" not in words((await ann.look(f"/sends/{live['id']}")).text)
        (rehearsed,) = await made(context, Scope(acme.organization_id, False, "test"), letter())
        await ann.post("/mode", mode="test")
        assert '<span class="pill warn">Test</span>' in (await ann.look(f"/sends/{rehearsed['id']}")).text


class TestGifts:
    async def test_a_gift_is_followed_by_its_number_and_never_reads_not_scanned(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, gift(tracking_number=TRACKING, send_date=TODAY - timedelta(9)))
        await happened(context, acme, send["id"], noon(4), ("delivered", Source.CARRIER))
        text = (await ann.look(f"/sends/{send['id']}")).text
        page = words(text)
        assert "Gift: Olive oil" in page
        assert f"tLabels={TRACKING}" in text
        assert "Handed over not reported In transit not reported Local delivery not reported Delivered" in page
        assert "not scanned" not in page
        assert "does not scan every piece" not in page

    async def test_an_egift_has_steps_of_its_own(self, ann: Browser, context: Context, acme: Scope) -> None:
        (send,) = await made(context, acme, gift(kind="egift", send_date=TODAY - timedelta(5)))
        happenings = (("offer_sent", Source.SYSTEM), ("clicked", Source.RECIPIENT), ("redeemed", Source.RECIPIENT))
        await happened(context, acme, send["id"], noon(4), *happenings)
        page = words((await ann.look(f"/sends/{send['id']}")).text)
        way = page[page.index("Its way") : page.index("Recent updates")]
        assert re.search(r"Received .* Sent .* Opened not reported Clicked .* Redeemed .* Cancelled no", way)
        assert "In transit" not in way
        assert "Returned" not in way


class TestHelp:
    async def test_a_status_that_asks_for_help_says_whom_to_ask(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, letter(send_date=TODAY))
        await sends.record_events(context, acme, send["id"], [NewEvent("failed", source="printer")])
        page = (await ann.look(f"/sends/{send['id']}")).text
        assert '<a href="/settings">Say in the settings' in page
        await organizations.change(
            context,
            acme,
            name="Acme",
            time_zone="America/New_York",
            currency="USD",
            support_contact="help@acme.example",
        )
        page = (await ann.look(f"/sends/{send['id']}")).text
        assert f'<a href="mailto:help@acme.example?subject={send["id"]}">help@acme.example</a>' in page
        assert '<a href="/settings">Say' not in page

    async def test_waiting_counts_from_the_sends_day(self, ann: Browser, context: Context, acme: Scope) -> None:
        here = datetime.now(ZoneInfo("America/New_York"))
        long_ago = (here - timedelta(30)).replace(hour=12)  # the same day here and there, whatever clocks were changed
        waiting, ahead = await sends.create(
            context, acme, [letter("Late"), letter("Early", send_date=date.today() + timedelta(20))], long_ago
        )
        assert isinstance(waiting, dict)
        assert isinstance(ahead, dict)
        await noticed(context)
        assert "and not moving on: 30 days. " in words((await ann.look(f"/sends/{waiting['id']}")).text)
        assert "Needs attention" not in words((await ann.look(f"/sends/{ahead['id']}")).text).partition("Where it")[2]

    async def test_a_gift_without_a_tracking_number_is_missed_after_some_days(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        (send,) = await made(context, acme, gift(send_date=TODAY - timedelta(9)))
        await happened(context, acme, send["id"], noon(8), ("shipped", Source.VENDOR))
        await noticed(context)
        page = words((await ann.look(f"/sends/{send['id']}")).text)
        assert "and has no tracking number yet: " in page
        assert "ask for help with its id" in page


class TestScansToHopeFor:
    async def test_mail_that_nothing_can_be_heard_of_says_so(self, ann: Browser, context: Context, acme: Scope) -> None:
        canadian = NewSend(kind="letter", to=Address(name="Luc", country="CA", postal_code="H2X 1Y4"))
        (send,) = await made(context, acme, canadian)
        assert "Canada Post does not scan letter mail" in words((await ann.look(f"/sends/{send['id']}")).text)
        (bare,) = await made(context, acme, letter())
        assert "no scan of it can find its way here" in words((await ann.look(f"/sends/{bare['id']}")).text)
