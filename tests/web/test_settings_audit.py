"""The page that tells who changed what."""

from dataclasses import replace

from sendtrail.domain.scope import Scope
from sendtrail.services import campaigns
from sendtrail.services.context import Context
from sendtrail.store import audit
from tests.web.conftest import Browser
from tests.web.test_pages import words


async def test_what_was_done_is_told_in_words_and_test_entries_are_marked(
    ann: Browser, context: Context, acme: Scope
) -> None:
    test = replace(acme, live=False)
    await campaigns.add_campaign(context, test, "Spring", "bulk")
    async with context.database.transaction() as connection:
        events = ["letter.created", "letter.updated"]
        await audit.note(connection, acme, "hook.added", "Shop", target="webhook", events=events)
        await audit.note(connection, acme, "price.set", "letter", mailing_class="", cents=100)
        await audit.note(connection, acme, "destination.added", "shop.example.com")
        await audit.note(connection, test, "thresholds.changed", "")

    page = words((await ann.look("/settings/audit")).text)
    assert "Spring Test type: bulk" in page
    assert "made the hook Shop events: letter.created and letter.updated, target: webhook" in page
    assert "set the price of letter cents: 100" in page
    assert "let links lead to shop.example.com" in page
    assert page.count(" Test ") == 1
