"""A list of sends that looks again by itself: rows, menus and counts together, and a word to who is signed out."""

import re
from html import unescape

import httpx
import pytest

from sendtrail.domain.scope import Scope
from sendtrail.services import clients, sends
from sendtrail.services.context import Context
from sendtrail.services.sends import NewEvent
from sendtrail.web import tracker
from tests.web.conftest import Browser
from tests.web.test_pages import letter, made
from tests.web.test_standings import counted


async def again(browser: Browser, page: str, **headers: str) -> httpx.Response:
    """What the page is given when it looks again."""
    found = re.search(r'hx-get="(/sends/rows[^"]+)"', page)
    assert found
    return await browser.client.get(unescape(found[1]), headers={"HX-Request": "true", **headers})


@pytest.fixture
def long_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker, "_COUNTED_EVERY", 1e12)


@pytest.mark.usefixtures("long_minutes")
async def test_rows_menus_and_counts_come_together(ann: Browser, context: Context, acme: Scope) -> None:
    one, two = await made(context, acme, letter("Ann Bow"), letter("Ben Bow"))
    page = (await ann.look("/sends?q=bow&words=sendoso")).text
    before = await again(ann, page)
    assert f'id="menu-{one["id"]}"' in before.text
    assert before.text.count("/cancel") == 2
    assert counted(before.text)["Order Received"][0] == 2
    assert 'hx-swap-oob="outerMorph">All 2 that match<' in before.text
    await sends.record_events(context, acme, two["id"], [NewEvent("cancelled")])
    now = await again(ann, page)
    assert now.text.count("/cancel") == 1
    assert {label: n for label, (n, _) in counted(now.text).items()} == {"All": 2, "Order Received": 1, "Canceled": 1}
    assert counted(now.text)["Canceled"][1] == "/sends?q=bow&words=sendoso&mode=live&status=sendoso%3ACanceled"


@pytest.mark.usefixtures("long_minutes")
async def test_who_asks_again_and_again_costs_no_counting(
    ann: Browser, context: Context, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(context, acme, letter("Ann Bow"))
    page = (await ann.look("/sends")).text
    tag = (await again(ann, page)).headers["ETag"]
    await made(context, acme, letter("Not On The Page"))
    assert (await again(ann, page, **{"If-None-Match": tag})).status_code == 304
    monkeypatch.setattr(tracker, "_COUNTED_EVERY", 1e9)  # the next minute, as it were
    assert counted((await again(ann, page, **{"If-None-Match": tag})).text)["All"][0] == 2


async def test_another_tabs_organization_or_mode_does_not_show_here(
    ann: Browser, context: Context, acme: Scope
) -> None:
    await made(context, acme, letter("Ann Bow"))
    page = (await ann.look("/sends")).text
    await ann.post("/mode", mode="test")
    assert counted((await again(ann, page)).text)["All"][0] == 1
    other = await clients.add_client(context, acme, "Client")
    await ann.post("/organization", organization=other.id)
    assert (await again(ann, page)).status_code == 204


async def test_a_page_of_who_is_signed_out_is_told_so(ann: Browser, context: Context, acme: Scope) -> None:
    await made(context, acme, letter("Ann Bow"))
    page = (await ann.look("/sends")).text
    ann.client.cookies.delete("sendtrail_session")
    assert (await again(ann, page)).status_code == 401
    assert (await ann.look("/sends")).headers["Location"] == "/login?next=/sends"
