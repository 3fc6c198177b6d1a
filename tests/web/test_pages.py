"""What the pages say."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import unescape

from sendtrail.domain.observation import Facility
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import sends
from sendtrail.services.context import Context
from sendtrail.services.ingest import ingest_stream
from sendtrail.services.views import View
from sendtrail.simulator import formats
from sendtrail.simulator.formats import Scan
from tests.web.conftest import Browser

IMB = "00310901000077000001"
TODAY = datetime.now(UTC).date()
MORGAN = Facility(10199, "MORGAN P&DC", "New York", "NY")


def words(page: str) -> str:
    """The page as it reads: no tooltips, no tags, single spaces."""
    shown = re.sub(r'<span class="tip".*?</span>', "", page.partition("<main")[2], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", shown)).split())


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
