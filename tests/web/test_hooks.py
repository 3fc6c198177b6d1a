"""The pages of hooks: how they fare, what they were told, forms, and what can be done."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from sendtrail.domain.scope import Scope
from sendtrail.services import hook_deliveries, hooks
from sendtrail.services.context import Context
from sendtrail.services.hook_plans import HookPlan
from sendtrail.services.hooks import Hook
from sendtrail.services.telling_of import tell_of
from tests.web.conftest import Browser

URL = "https://8.8.8.8/hook"
"""An address that needs no look-up, and to which nobody sends here."""


class Made(NamedTuple):
    """Hooks in each state; `failing` was told something in vain."""

    working: Hook
    failing: Hook
    disabled: Hook
    ended: Hook
    by_mail: Hook


@pytest.fixture
async def made(context: Context, acme: Scope) -> Made:
    plan = HookPlan(events=["postalytics.*", "send.delivered"], url=URL)
    found = [await hooks.make(context, acme, plan) for _ in range(4)]
    working, failing, disabled, ended = found
    mail = HookPlan(events=["send.returned"], name="Returns", settings={"to": ["ops@example.com"]}, wait_days=2)
    by_mail = await hooks.make(context, acme, mail, "email")
    for each in (working, failing):
        for _ in range(2):
            await hook_deliveries.try_out(context, acme, each.id)
    await hooks.change(context, acme, disabled.id, HookPlan(), enabled=False)
    async with context.database.transaction() as connection:
        await connection.execute(
            "update hook set last_success_at = now() - interval '3 minutes' where id = 1;"
            "update hook set failures = 12, failing_since = now() - interval '5 hours', last_failure_at = now()"
            " where id = 2;"
            "update hook set ended_at = now(), ended_why = 'gone' where id = 4;"
            "update delivery set state = 2, tries = 1, status = 200, took_ms = 31, ended_at = now(),"
            "       answer = '{\"ok\":true}' where hook_id = 1;"
            "update delivery set tries = 3, status = 503, took_ms = 9, error = 'it answered 503',"
            "       due_at = now() + interval '2 hours', answer = '<b>busy</b>',"
            '       attempts = \'[{"at":"2026-11-20T10:00:00Z","status":null,"took_ms":null,"error":"no answer"}]\''
            " where id = 3"
        )
    return Made(working, failing, disabled, ended, by_mail)


def words(text: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", text.replace("<wbr>", "")).split())


async def test_all_hooks_are_shown_with_how_they_fare(ann: Browser, made: Made) -> None:
    page = words((await ann.look("/hooks")).text)
    assert "Working 2 of 4 hooks, 2 to look at" in page
    assert "Delivered, last 24 hours 66.7 % 2 of 3 tried" in page
    for said in ("Failing for 5 hours, 12 failures in a row", "Disabled by hand", "Ended its receiver answered 410",
                 "Not tried yet", "3 min ago", "waits 2 business days", "E-mail · ops@example.com",
                 "Everything, as Postalytics says it, Delivered"):  # fmt: skip
        assert said in page, said
    failing = (await ann.look("/hooks?state=failing")).text
    assert made.failing.id in failing
    assert made.working.id not in failing
    assert (await ann.look("/hooks?state=x")).status_code == 400
    assert ">8.8.8.8/<wbr>hook</a>" in failing  # it has no name
    await ann.post("/mode", mode="test")
    assert "what they tell is really sent" in (await ann.look("/hooks")).text


async def test_a_hook_tells_what_is_wrong_with_it_and_what_it_was_told(ann: Browser, made: Made) -> None:
    working = words((await ann.look(f"/hooks/{made.working.id}")).text)
    assert "100 % 2 of 2 tried" in working
    assert "Test event Delivered 1 200 31 ms" in working
    failing = words((await ann.look(f"/hooks/{made.failing.id}")).text)
    assert "It has failed for 5 hours , 12 times in a row: it answered 503." in failing
    assert "Try it now" in failing
    assert "Will be tried again it answered 503 next" in failing
    disabled = words((await ann.look(f"/hooks/{made.disabled.id}")).text)
    assert "Nothing is sent to it since" in disabled
    assert "It was told nothing yet" in disabled
    ended = words((await ann.look(f"/hooks/{made.ended.id}")).text)
    assert "answered 410 Gone" in ended
    assert "Send a test event" not in ended
    for query, n in (
        ("", 2),
        ("?state=pending", 2),
        ("?state=delivered", 0),
        ("?type=postalytics.*", 2),
        ("?end=2020-01-01", 0),
    ):
        assert (await ann.look(f"/hooks/{made.failing.id}{query}")).text.count("Test event</span>") == n, query
    wrong = await ann.look(f"/hooks/{made.failing.id}?send=x")
    assert (wrong.status_code, "Send must be the id of a send" in wrong.text) == (400, True)
    assert (await ann.look("/hooks/webhook_0000000000000")).status_code == 404


async def test_a_delivery_shows_what_was_said_and_is_told_once_more(
    ann: Browser, context: Context, acme: Scope, made: Made
) -> None:
    (_, told), _ = await hook_deliveries.list_deliveries(
        context, acme, made.failing.id, hook_deliveries.Chosen(), limit=9
    )
    address = f"/hooks/{made.failing.id}/deliveries/{told.id}"
    page = (await ann.look(address)).text
    assert "&lt;b&gt;busy&lt;/b&gt;" in page  # what it answered is text
    for said in ("It answered 503.", "HTTP status 503", "Took 9 ms", "Tries that failed", ": no answer", told.event,
                 "&#34;sample&#34;: true"):  # fmt: skip
        assert said in words(page), said
    answer = await ann.post(f"{address}/replay")
    again = await ann.look(answer.headers["Location"])
    assert again.headers["Content-Type"].startswith("text/html")
    assert "It was still to be told: it is tried at once, in its turn." in again.text
    assert told.event in again.text

    since = {"since": (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")}
    async with context.database.transaction() as connection:  # what is made up is not told again
        await connection.execute(
            "update notification set send_id = 1; update delivery set send_id = 1 where hook_id = 1"
        )
    done = await ann.post(f"/hooks/{made.working.id}/replay", what="all", **since)
    assert "Told once more: 2 events, in order." in (await ann.look(done.headers["Location"])).text
    done = await ann.post(f"/hooks/{made.working.id}/replay", what="failed", **since)
    assert "Nothing of that time is to be told again." in (await ann.look(done.headers["Location"])).text
    wrong = await ann.post(f"/hooks/{made.working.id}/replay", what="all", since="soon")
    assert (wrong.status_code, "From must be a day and a time" in wrong.text) == (400, True)
    wrong = await ann.post(f"/hooks/{made.working.id}/replay", what="all", **since, until="2020-01-01T10:00")
    assert (wrong.status_code, "To must be later than from" in wrong.text) == (400, True)


async def test_a_hook_is_made_changed_and_deleted_by_forms(ann: Browser, context: Context, acme: Scope) -> None:
    assert "Nobody is told yet" in (await ann.look("/hooks")).text
    for target, field in (("webhook", "url"), ("email", "settings.to"), ("slack", "url")):
        assert f'name="{field}"' in (await ann.look(f"/hooks/new?target={target}")).text
    assert (await ann.look("/hooks/new?target=pigeon")).status_code == 400
    whole = {"target": "webhook", "url": URL, "format": "flat", "events": "send.*", "wait_days": "1", "nonce": "x"}
    for field, value, said in (
        ("url", "http://8.8.8.8/", "Address must begin with https://."),
        ("events", "send.eaten", "Events: &#39;send.eaten&#39; is no type of event"),
        ("wait_days", "many", "Days must be a number from 0 to 60."),
        ("secret", "short", "Secret must be whsec_"),
        ("kinds", "parcel", "Kinds must be of letter"),
        ("format", "xml", "Format must be one of"),
        ("target", "pigeon", "target must be one of"),
    ):
        refused = await ann.post("/hooks", **{**whole, field: value})
        assert (refused.status_code, said.lower() in refused.text.lower()) == (400, True), field
    first, second = [await ann.post("/hooks", **whole) for _ in range(2)]
    (hook,), _ = await hooks.list_hooks(context, acme)
    assert first.headers["Location"] == f"/hooks/{hook.id}/receiver?done=made"
    assert second.headers["Location"] == f"/hooks/{hook.id}?done=made"
    assert (hook.format, hook.events, hook.wait_days, hook.made_by) == ("flat", ["send.*"], 1, "ann@example.com")

    receiver = (await ann.look(f"/hooks/{hook.id}/receiver")).text
    secret = (await hooks.secret_of(context, acme, hook.id)).secret
    assert secret in receiver
    assert "pip install standardwebhooks" in receiver
    await ann.post(f"/hooks/{hook.id}/rotate", secret="")
    assert (await hooks.secret_of(context, acme, hook.id)).secret != secret
    assert "the secret before signs too" in (await ann.look(f"/hooks/{hook.id}/receiver")).text
    assert (await ann.post(f"/hooks/{hook.id}/rotate", secret="short")).status_code == 400

    form = (await ann.look(f"/hooks/{hook.id}/edit")).text
    assert re.search(r'value="send\.\*" checked', form)
    assert "What waits already keeps its day." in form
    changed = {"url": URL, "format": "flat", "events": "send.failed", "name": "Shop", "tags": "a, b", "bots": "yes"}
    await ann.post(f"/hooks/{hook.id}/edit", **changed)
    (hook,), _ = await hooks.list_hooks(context, acme)
    assert (hook.name, hook.events, hook.tags, hook.bots, hook.wait_days) == (
        "Shop",
        ["send.failed"],
        ["a", "b"],
        True,
        0,
    )
    await ann.post(f"/hooks/{hook.id}/disable")
    assert (await hooks.get(context, acme, hook.id)).state == "disabled"
    await ann.post(f"/hooks/{hook.id}/enable")
    assert (await hooks.get(context, acme, hook.id)).state == "active"
    trial = await ann.post(f"/hooks/{hook.id}/test")
    assert "A test event: it never happened" in (await ann.look(trial.headers["Location"])).text
    assert "not even what waits for it now: 1" in words((await ann.look(f"/hooks/{hook.id}/delete")).text)
    await ann.post(f"/hooks/{hook.id}/delete")
    assert (await hooks.list_hooks(context, acme))[0] == []
    audit = words((await ann.look("/settings/audit")).text)
    for said in ("made the hook", "changed the hook", "changed the secret of the hook", "deleted the hook"):
        assert said in audit, said
    assert secret not in audit


async def test_what_is_told_of_a_campaign_leads_to_it_and_what_never_happens_stays_asked_for(
    ann: Browser, context: Context, acme: Scope
) -> None:
    events = ["campaign.created", "return_envelope_order.created", "box.created"]
    hook = await hooks.make(context, acme, HookPlan(events=events, url=URL, kinds=["gift"], description="For the shop"))
    for n, word in enumerate(("campaign", "campaign", "return_envelope_order")):
        data = {"id": context.ids.encode(word, 7), "object": word, "status": "draft"}
        async with context.database.transaction() as connection:
            await tell_of(connection, context, acme, f"{word}.created", (word, 7), data, {} if n == 1 else None)
    campaign, stock = context.ids.encode("campaign", 7), context.ids.encode("return_envelope_order", 7)

    page = (await ann.look(f"/hooks/{hook.id}")).text
    assert page.count(f'<a href="/campaigns/{campaign}">Campaign</a>') == 2
    assert '<td class="of">Return envelopes</td>' in page
    assert "Waits for what came before" in page
    assert "Test event" not in page
    assert "For the shop" in page
    told = (await hook_deliveries.list_deliveries(context, acme, hook.id, hook_deliveries.Chosen(), limit=9))[0]
    assert [(each.send, each.subject) for each in told] == [(None, stock), (None, campaign), (None, campaign)]
    one = words((await ann.look(f"/hooks/{hook.id}/deliveries/{told[1].id}")).text)
    assert f"Campaign {campaign}" in one
    assert "Sequence 2 of what was told of it" in one

    form = (await ann.look(f"/hooks/{hook.id}/edit")).text
    assert '<input type="hidden" name="events" value="box.created">' in form
