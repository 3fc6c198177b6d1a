"""What the pages tell of feeds, and files given to them."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest

from sendtrail.config import Config
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, feeds, ingest, mailer_ids
from sendtrail.services.context import Context
from sendtrail.services.ingest import ingest_stream
from sendtrail.simulator.formats import Scan
from tests.services.test_ingest import event, push
from tests.web.conftest import Browser
from tests.web.test_pages import IMB, MORGAN, TODAY, content, letter, made, scanned, words

REPORT = f"imb,code,occurred_at\n{IMB},printed,2026-03-02\n{IMB},eaten <b>,2026-03-02\n".encode()


async def given(context: Context, scope: Scope, whole: bytes, name: str) -> str:
    """The address of a file's page."""
    summary = await ingest_stream(context, scope, content(whole), name)
    return f"/feeds/{context.ids.encode('file', summary.feed_file_id)}"


async def token(browser: Browser) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', (await browser.look("/feeds")).text)
    assert found
    return found[1]


async def upload(browser: Browser, *files: tuple[str, bytes]) -> httpx.Response:
    """Fill in the form of the page and press its button."""
    parts = [("file", file) for file in files]
    return await browser.client.post("/feeds", data={"csrf": await token(browser)}, files=parts)


class TestList:
    async def test_files_and_their_rejected_lines(self, ann: Browser, context: Context, acme: Scope) -> None:
        address = await given(context, acme, REPORT, "report.csv")
        page = (await ann.look("/feeds")).text
        assert "report.csv Printer reports · uploaded on this page · 103 bytes Read" in words(page)
        assert f'href="{address}#rejects" aria-label="1 rejected line of report.csv"' in page
        file = words((await ann.look(address)).text)
        assert 'code "eaten <b>" is none of' in file
        assert f"{IMB},eaten <b>,2026-03-02" in file

    async def test_totals_of_a_day_and_a_week(self, ann: Browser, context: Context, acme: Scope) -> None:
        await given(context, acme, REPORT, "report.csv")
        page = words((await ann.look("/feeds")).text)
        assert "Unmatched, 24 hours 1 1 in 7 days Rejected, 24 hours 1 1 in 7 days" in page

    async def test_it_says_how_old_scans_were_and_who_has_gone_quiet(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        at = datetime.now(UTC) - timedelta(hours=5, minutes=1)
        for name in ("Mail house", "Never heard", "Revoked"):
            feed = await accounts.add_feed(context, acme, name)
        await accounts.revoke_feed(context, acme, feed.id)
        async with context.database.transaction() as connection:
            await connection.execute(
                "update feed set last_heard_at = now() - interval '75 hours' where name = 'Mail house'"
            )
        await scanned(context, acme, Scan(IMB, at, "919", "Phase 3c - Destination", "A", MORGAN))
        page = words((await ann.look("/feeds")).text)
        assert "newest entry 5 hours old" in page
        assert "Mail house quiet for 3 days" in page
        assert "Never heard nothing yet" in page
        assert "Revoked" not in page

    async def test_page_by_page(self, ann: Browser, context: Context, acme: Scope) -> None:
        for n in range(55):
            await given(context, acme, REPORT + b"%d" % n, f"report-{n:02}.csv")
        seen: list[str] = []
        address = "/feeds"
        while address:
            page = (await ann.look(address)).text
            seen += re.findall(r">(report-\d\d)\.csv", page)
            link = re.search(r'href="([^"]+)" rel="next"', page)
            address = unescape(link[1]) if link else ""
        assert seen == [f"report-{n:02}" for n in reversed(range(55))]

    async def test_no_feed_yet_leads_to_connecting_one(self, ann: Browser) -> None:
        page = (await ann.look("/feeds")).text
        assert "No feed has come yet" in page
        assert 'href="/welcome#connect"' in page

    async def test_it_looks_again_by_itself_only_while_something_is_being_read(
        self, ann: Browser, context: Context, acme: Scope, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as large:
            large.setattr(ingest, "ASIDE_BYTES", 1)
            waiting = await upload(ann, ("large.json", push([event(1, 0)])))
        address = waiting.headers["Location"]
        for page in ("/feeds", address):
            text = (await ann.look(page)).text
            assert 'hx-trigger="every' in text
            assert "Waiting to be read" in words(text)
        assert await ingest.resume(context)
        for page in ("/feeds", address):
            assert "hx-trigger" not in (await ann.look(page)).text
        watched = await ann.client.get(address, headers={"HX-Request": "true"})
        assert watched.headers["HX-Refresh"] == "true"


class TestFile:
    async def test_what_it_tells_and_how_late(self, ann: Browser, context: Context, acme: Scope) -> None:
        address = await given(context, acme, push([event(1, 0), event(2, 30)]), "scans.json")
        page = words((await ann.look(address)).text)
        assert re.search(r"Tells of 2 Mar 2026, \d\d:00 E[SD]T to 2 Mar 2026, \d\d:30 E[SD]T", page)
        assert re.search(r"Lag The newest of it was [\d,]+ days old when it came", page)
        assert "Every line of it could be read." in page

    async def test_what_nothing_can_be_read_of_says_why(self, ann: Browser, context: Context, acme: Scope) -> None:
        address = await given(context, acme, b"\x89PNG\r\n\x1a\n", "picture.png")
        page = words((await ann.look(address)).text)
        assert "Nothing of it could be taken: the file is binary, such as a picture" in page
        assert "It is kept as it came." in page

    async def test_rejects_can_be_taken_away_and_are_safe_in_a_spreadsheet(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        address = await given(context, acme, REPORT + b"=1+1,printed,2026-03-02\n", 're"port\r\nSet-Cookie: é.csv')
        answer = await ann.look(f"{address}/rejects.csv")
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith('attachment; filename="re_port__Set-Cookie_ _.csv.rejects.csv"')
        assert disposition.endswith("%C3%A9.csv.rejects.csv")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        header, eaten, formula = csv.reader(io.StringIO(answer.text))
        assert header == ["line", "reason", "raw"]
        assert eaten[0] == "3"
        assert formula[2].startswith("'=1+1")

    async def test_the_original_comes_back_byte_for_byte(self, ann: Browser, context: Context, acme: Scope) -> None:
        address = await given(context, acme, b"<script>alert(1)</script>", "page.html")
        answer = await ann.look(f"{address}/original")
        assert answer.content == b"<script>alert(1)</script>"
        assert answer.headers["Content-Type"].startswith("application/octet-stream")
        assert 'attachment; filename="page.html"' in answer.headers["Content-Disposition"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]

    @pytest.mark.parametrize("part", ["", "/rejects.csv", "/original"])
    async def test_another_organizations_file_is_not_there(self, ann: Browser, context: Context, part: str) -> None:
        other = await accounts.add_user(context, "bob@example.com", "admin", "Bolt", "long enough")
        scope = Scope(other.memberships[0].organization_id, True, "test")
        address = await given(context, scope, REPORT, "secret.csv")
        page = await ann.look(address + part)
        assert page.status_code == 404
        assert "secret" not in page.text
        assert (await ann.look(f"/feeds/file_0{part}")).status_code == 404

    async def test_the_test_modes_files_are_not_there_in_live(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        address = await given(context, Scope(acme.organization_id, False, "test"), REPORT, "rehearsal.csv")
        assert (await ann.look(address)).status_code == 404
        assert "rehearsal" not in (await ann.look("/feeds")).text


class TestUpload:
    async def test_one_file_ends_on_its_page(self, ann: Browser, context: Context, acme: Scope) -> None:
        answer = await upload(ann, ("Büro scans.csv", REPORT))
        assert answer.status_code == 303
        page = words((await ann.look(answer.headers["Location"])).text)
        assert page.startswith('id="main"> Feeds Büro scans.csv Printer reports · uploaded on this page')
        assert "Unmatched 1" in page
        (file,), _ = await feeds.list_files(context, acme, 10)
        assert file.name == "Büro scans.csv"

    async def test_several_at_once_are_told_one_by_one(self, ann: Browser) -> None:
        answer = await upload(ann, ("a.csv", REPORT), ("b.json", push([event(1, 0)])))
        assert answer.status_code == 200
        page = words(answer.text)
        assert "a.csv : 0 new, 0 duplicate, 1 unmatched, 1 rejected" in page
        assert "b.json : 0 new, 0 duplicate, 1 unmatched, 0 rejected" in page

    async def test_a_file_that_was_known_is_said_to_be_so(self, ann: Browser) -> None:
        await upload(ann, ("a.csv", REPORT))
        page = words((await upload(ann, ("again.csv", REPORT))).text)
        assert re.search(r"a\.csv : known since \d+ \w+ \d{4}, \d\d:\d\d \w+, nothing new", page)

    async def test_a_file_without_its_end_is_not_called_read(self, ann: Browser) -> None:
        answer = await upload(ann, ("half.json", push([event(1, 0), event(2, 0)])[:-3]))
        page = words((await ann.look(answer.headers["Location"])).text)
        assert "State Incomplete" in page
        assert "Some of it could not be read at all" in page
        assert re.search(r"half\.json Informed .* Incomplete", words((await ann.look("/feeds")).text))

    async def test_a_list_of_sends_is_told_apart_and_holds_up_no_other(self, ann: Browser) -> None:
        answer = await upload(ann, ("sends.csv", b"kind,name\nletter,Ann\n"), ("a.csv", REPORT))
        assert answer.status_code == 400
        page = words(answer.text)
        assert "sends.csv : This is a list of sends, not of scans" in page
        assert "a.csv : 0 new" in page

    async def test_nothing_chosen_is_said(self, ann: Browser) -> None:
        answer = await upload(ann, ("", b""))
        assert answer.status_code == 400
        assert "Choose a file first." in answer.text

    async def test_an_empty_file_is_said(self, ann: Browser) -> None:
        answer = await upload(ann, ("empty.csv", b""))
        assert "empty.csv : The file is empty." in words(answer.text)

    @pytest.mark.parametrize("given_token", ["", "x" * 43])
    async def test_without_the_browsers_token_nothing_is_taken(
        self, ann: Browser, context: Context, acme: Scope, given_token: str
    ) -> None:
        await ann.look("/feeds")
        answer = await ann.client.post("/feeds", data={"csrf": given_token}, files={"file": ("a.csv", REPORT)})
        assert answer.status_code == 403
        assert await feeds.list_files(context, acme, 10) == ([], None)

    async def test_the_token_must_come_before_the_files(self, ann: Browser, context: Context, acme: Scope) -> None:
        parts = [("file", ("a.csv", REPORT)), ("csrf", (None, (await token(ann)).encode()))]
        assert (await ann.client.post("/feeds", files=parts)).status_code == 403
        assert await feeds.list_files(context, acme, 10) == ([], None)

    async def test_a_stranger_is_sent_to_sign_in(self, stranger: Browser) -> None:
        answer = await stranger.client.post("/feeds", data={"csrf": "x"}, files={"file": ("a.csv", REPORT)})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login")

    async def test_a_form_that_breaks_off_is_said_and_leaves_nothing(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        body = (
            f'--cut\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{await token(ann)}\r\n'
            '--cut\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nimb,code,occ'
        )
        headers = {"Content-Type": "multipart/form-data; boundary=cut"}
        answer = await ann.client.post("/feeds", content=body.encode(), headers=headers)
        assert answer.status_code == 400
        assert "did not arrive whole" in answer.text
        assert await feeds.list_files(context, acme, 10) == ([], None)

    async def test_a_form_of_another_kind_is_refused(self, ann: Browser) -> None:
        assert (await ann.post("/feeds", file="a.csv")).status_code == 400

    async def test_an_upload_over_the_limit_is_refused_as_it_comes(
        self, ann: Browser, context: Context, acme: Scope, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Config, "max_upload", 0)
        answer = await upload(ann, ("a.csv", REPORT))
        assert answer.status_code == 400
        assert "An upload may have 0 bytes at most." in answer.text
        assert await feeds.list_files(context, acme, 10) == ([], None)


class TestUnmatched:
    async def test_scans_without_a_send_are_listed_until_it_appears(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        day = TODAY - timedelta(days=3)
        at = datetime(day.year, day.month, day.day, 15, 5, tzinfo=UTC)
        await scanned(context, acme, Scan(IMB, at, "919", "Phase 3c - Destination", "A", MORGAN))
        page = words((await ann.look("/feeds/unmatched")).text)
        told = "Sorted into the order of the carrier's walk scanned by USPS"
        assert re.search(rf"{IMB} {day.day} {day:%b %Y}, .*? 10199 {told}", page)
        await made(context, acme, letter(imb=IMB, send_date=day - timedelta(days=1)))
        assert "Everything is matched" in (await ann.look("/feeds/unmatched")).text

    async def test_they_are_counted_and_those_of_no_mailer_id_of_ones_own_are_told_apart(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        report = f"imb,code,occurred_at\n{IMB},printed,2026-03-02\n00310123456000000077,printed,2026-03-02\n"
        await ingest_stream(context, acme, content(report.encode()), "report.csv")
        page = words((await ann.look("/feeds/unmatched")).text)
        assert "2 that are of no send of yours so far" in page
        assert "misread" not in page
        await mailer_ids.add_mailer_id(context, acme, "123456", 0, 99)
        page = words((await ann.look("/feeds/unmatched")).text)
        assert page.count("misread, or not yours") == 1
        assert re.search(rf"{IMB} misread, or not yours", page)

    async def test_a_report_without_a_send_says_what_it_tells(
        self, ann: Browser, context: Context, acme: Scope
    ) -> None:
        report = f"imb,code,occurred_at\n{IMB},handed_over,2026-03-02T10:00:00Z\n"
        await ingest_stream(context, acme, content(report.encode()), "report.csv")
        page = words((await ann.look("/feeds/unmatched")).text)
        assert f"{IMB} 2 Mar 2026, 05:00 EST – Handed over reported by the printer" in page
