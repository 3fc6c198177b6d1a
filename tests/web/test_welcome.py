"""Getting started, step by step."""

import re

from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, mailer_ids
from sendtrail.services.context import Context
from sendtrail.services.ingest import ingest_stream
from tests.services.test_ingest import event, push
from tests.store.piles import letters
from tests.web.conftest import Browser
from tests.web.test_pages import content, words


def done(page: str) -> list[bool]:
    return [state == "done" for state in re.findall(r'<span class="unseen">: (done|not yet done)</span>', page)]


async def test_each_step_shows_whether_it_is_done(ann: Browser, context: Context, acme: Scope) -> None:
    page = (await ann.look("/welcome")).text
    assert done(page) == [False, False, False, False]
    assert "Look around" not in page.replace("Look around in", "")
    await mailer_ids.add_mailer_id(context, acme, "123456")
    feed = await accounts.add_feed(context, acme, "USPS")
    page = (await ann.look("/welcome")).text
    assert done(page) == [True, True, False, False]
    assert f"Address http://sendtrail.test/feeds/iv-mtr Sign-in Basic authorization User name {feed.username}" in words(
        page
    )
    assert page.count('<li class="done">') == 2


async def test_the_check_turns_green_at_the_first_real_scan_and_then_rests(
    ann: Browser, context: Context, acme: Scope
) -> None:
    page = (await ann.look("/welcome")).text
    assert 'hx-trigger="every 4s" hx-select="#check"' in page
    assert "No scan of your own mail has come yet." in page
    await letters(context, acme, [1])
    await ingest_stream(context, acme, content(push([event(7, 0)])), "stray.json")
    page = (await ann.look("/welcome")).text
    assert "1 scan came, of no send that Sendtrail knows." in page
    await ingest_stream(context, acme, content(push([event(1, 0)])), "scans.json")
    page = (await ann.look("/welcome")).text
    assert '<p class="note good" id="check">The first scan of your own mail was read on' in page
    assert "hx-trigger" not in page
    assert done(page)[3]


async def test_samples_are_shown_around_and_turn_nothing_green(ann: Browser, context: Context, acme: Scope) -> None:
    await letters(context, acme, [1])
    await ingest_stream(context, acme, content(push([event(1, 0)])), "scans.json")
    async with context.database.transaction() as connection:
        await connection.execute("update feed_file set sample = true")
    await mailer_ids.add_mailer_id(context, acme, "123456", sample=True)
    page = (await ann.look("/welcome")).text
    assert '<h2 id="look">Look around</h2>' in page
    assert 'href="/feeds/unmatched">Unmatched scans</a>' in page
    assert done(page) == [False, False, False, False]


async def test_whether_usps_can_reach_the_server_is_said(ann: Browser) -> None:
    assert "USPS reaches https addresses" in (await ann.look("/welcome")).text
    ann.client.headers["X-Forwarded-Proto"] = "https"
    page = (await ann.look("/welcome")).text
    assert "USPS reaches https addresses" not in page
    assert "https://sendtrail.test/feeds/iv-mtr" in page


async def test_who_looks_again_gets_a_page_only_where_something_changed(
    ann: Browser, context: Context, acme: Scope
) -> None:
    again = re.search(r'hx-get="(/welcome\?seen=\w+)"', (await ann.look("/welcome")).text)
    assert again
    htmx = {"HX-Request": "true"}
    assert (await ann.client.get(again[1], headers=htmx)).status_code == 204
    await accounts.add_feed(context, acme, "USPS")
    changed = await ann.client.get(again[1], headers=htmx)
    assert changed.status_code == 200
    assert done(changed.text) == [False, True, False, False]


async def test_steps_that_are_done_fold_their_detail(ann: Browser, context: Context, acme: Scope) -> None:
    assert (await ann.look("/welcome")).text.count("<details open>") == 2
    await accounts.add_feed(context, acme, "USPS")
    page = (await ann.look("/welcome")).text
    assert page.count("<details open>") == 1
    assert page.count("<details>") == 1
