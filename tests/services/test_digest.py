"""The daily digest: who gets it, when, once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sendtrail.config import Config
from sendtrail.services import attention, digest, histories, mail, money, sends
from sendtrail.services.context import Context, open_context
from sendtrail.services.sends import NewEvent
from tests.people import world
from tests.web.conftest import Browser, acme, ann, app, stranger

__all__ = ["acme", "ann", "app", "stranger"]

EIGHT = datetime(2026, 3, 5, 13, tzinfo=UTC)
"""In New York."""
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def addressed(dsn: str, tmp_path: Path) -> AsyncIterator[Context]:
    """Reached by people under an address of its own."""
    async with open_context(dsn, Config.load({"SENDTRAIL_ADDRESS": "https://mail.example"}, data=tmp_path)) as opened:
        yield opened


async def test_it_comes_at_eight_once_to_those_with_something_open_who_want_it(addressed: Context) -> None:
    context = addressed
    made = await world(context)
    await money.deposit(context, made.scopes["ann"], 100_000_00)
    for name in ("sam", "tom"):
        await sends.record_events(
            context, made.scopes[name], made.sends[name]["id"], [NewEvent("failed", EIGHT - timedelta(days=1))]
        )
    await histories.refresh(context, rest=timedelta())
    await attention.refresh(context, now=EIGHT)
    assert [name for name, scope in made.scopes.items() if await digest.wanted(context, scope)] == [
        "ann",
        "gus",
        "mia",
        "fay",
    ]
    await digest.choose(context, made.scopes["gus"], False)
    await digest.choose(context, made.scopes["sam"], True)

    assert await digest.write(context, now=EIGHT - MINUTE) == 0
    assert sum(await asyncio.gather(*(digest.write(context, now=EIGHT) for _ in range(4)))) == 3
    for again in (EIGHT + MINUTE, EIGHT + timedelta(hours=3), EIGHT + timedelta(hours=10)):
        assert await digest.write(context, now=again) == 0
    written = {each.recipient: each for each in await mail.outbox(context)}
    assert written.keys() == {"ann@example.com", "mia@example.com", "sam@example.com"}
    assert written["mia@example.com"].subject == "2 things need attention at Acme"
    sam = written["sam@example.com"].body
    assert sam.startswith("1 thing needs attention at Acme, the most urgent first.\n\nFailed: 1\n- To sam.: Failed on ")
    assert "https://mail.example/attention/attention_" in sam
    assert "https://mail.example/settings/account" in sam
    assert "To tom." not in sam

    assert await digest.write(context, now=EIGHT + timedelta(days=1)) == 3


async def test_the_account_page_has_its_switch(ann: Browser) -> None:
    for wants, word in (("no", "Turn on"), ("yes", "Turn off")):
        answer = await ann.post("/settings/account/digest", digest=wants)
        assert word in (await ann.look(answer.headers["Location"])).text
