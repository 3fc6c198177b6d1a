"""Hooks that write into a CRM, made and changed by forms."""

import re
from html import unescape

from sendtrail.domain.deliveries import NOBODY
from sendtrail.domain.scope import Scope
from sendtrail.services import hook_deliveries, hooks
from sendtrail.services.context import Context
from sendtrail.services.hook_deliveries import Chosen
from tests.services.hooks import listen
from tests.web.conftest import Browser
from tests.web.test_pages import words

URL = "https://8.8.8.8"
"""An address that needs no look-up, and to which nobody sends here."""
TOKEN = "pat-na1-0123456789"


def typed(page: str) -> dict[str, str]:
    """What the fields of a form hold, those of several lines and the boxes that are ticked too."""
    form = next(each for each in page.split("<form") if 'name="settings.rows"' in each)
    boxes = re.findall(r'<input type="checkbox" name="([\w.]+)" value="([^"]+)" checked', form)
    fields = re.findall(r'<input(?![^>]*checkbox|[^>]*radio)[^>]* name="([\w.]+)"[^>]* value="([^"]*)"', form)
    return {name: unescape(value) for name, value in [*fields, *boxes] if name != "csrf"}


async def test_a_form_maps_fields_and_keeps_the_token_to_itself(ann: Browser, context: Context, acme: Scope) -> None:
    blank = typed((await ann.look("/hooks/new?target=hubspot")).text)
    assert (blank["url"], blank["settings.activity"], blank["events"]) == (
        "https://api.hubapi.com", "yes", "postalytics.*",
    )  # fmt: skip
    given = {"url": URL, "settings.token": TOKEN, "settings.theirs.0": "last_status", "settings.ours.0": "event",
             "settings.theirs.4": "region", "settings.ours.4": "metadata_region"}  # fmt: skip
    made = await ann.post("/hooks", **blank | {"target": "hubspot"} | given)
    assert made.status_code == 303
    (hook,) = (await hooks.list_hooks(context, acme))[0]
    assert hook.settings == {"fields": {"last_status": "event", "region": "metadata_region"}}
    page = (await ann.look(f"/hooks/{hook.id}")).text
    assert "Writes: last_status = event, region = metadata_region, an activity for each event" in words(page)

    form = (await ann.look(f"/hooks/{hook.id}/edit")).text
    assert TOKEN not in form + page
    kept = typed(form)
    assert (kept["settings.theirs.1"], kept["settings.ours.1"]) == ("region", "metadata_region")
    kept.pop("settings.activity")
    assert (await ann.post(f"/hooks/{hook.id}/edit", **kept)).status_code == 303
    changed = await hooks.get(context, acme, hook.id)
    assert changed.settings == hook.settings | {"activity": False}

    moved = await ann.post(f"/hooks/{hook.id}/edit", **kept | {"url": "https://9.9.9.9"})
    assert moved.status_code == 400
    assert "Token must be the token of a private app" in moved.text


async def test_what_a_crm_cannot_take_is_said_beside_its_field(ann: Browser) -> None:
    good = {"target": "salesforce", "url": URL, "events": "postalytics.*", "settings.client_id": "3MVG9VwZxx",
            "settings.client_secret": "8A4BE698BC", "settings.person": "Lead", "settings.activity": "yes"}  # fmt: skip
    for wrong, said in (
        ({"settings.client_secret": ""}, "Consumer secret must be the consumer secret of a connected app"),
        ({"settings.theirs.0": "Status__c"}, "Fields: &#39;&#39; is nothing that is told"),
        ({"settings.ours.0": "status"}, "Fields: &#39;&#39; is no name of a field of Salesforce"),
        ({"settings.external_id_field": "a b"}, "Field may be letters, digits and underscores only"),
    ):
        page = await ann.post("/hooks", **good | wrong)
        assert page.status_code == 400
        assert said in page.text
        assert "8A4BE698BC" not in page.text
    assert (await ann.post("/hooks", **good)).status_code == 303


async def test_whom_a_crm_does_not_know_is_shown_and_counted(ann: Browser, context: Context, acme: Scope) -> None:
    number = await listen(context, acme, "send.*", target="hubspot", url=URL)
    nobody = "HubSpot: nobody there is bo@example.com"
    async with context.database.transaction() as connection:
        for status, answer in ((200, "HubSpot: 512: added an activity"), (NOBODY, nobody)):
            await connection.execute(
                "with told as ("
                " insert into notification (organization_id, live, send_id, sequence, type, occurred_at, body)"
                " values (%(organization)s, %(live)s, 1, 1, 'send.printed', now(), '{}') returning id)"
                " insert into delivery (hook_id, organization_id, live, notification_id, send_id, state, due_at, tries,"
                " ended_at, status, took_ms, answer)"
                " select %(hook)s, %(organization)s, %(live)s, id, 1, 2, now(), 1, now(), %(status)s, 3, %(answer)s"
                " from told",
                {"organization": acme.organization_id, "live": acme.live, "hook": number, "status": status,
                 "answer": answer},
            )  # fmt: skip
    address = f"/hooks/{context.ids.encode('webhook', number)}"
    page = words((await ann.look(address)).text)
    assert f"Nobody found {nobody}" in page
    assert "Nobody found 1 of 2 delivered" in page
    narrowed = words((await ann.look(f"{address}?state=nobody")).text)
    assert nobody in narrowed
    assert narrowed.count("send.printed") == page.count("send.printed") - 1
    (found,), _ = await hook_deliveries.list_deliveries(
        context, acme, context.ids.encode("webhook", number), Chosen("nobody"), limit=9
    )
    assert (found.state, found.status, found.note) == ("delivered", NOBODY, nobody)


async def test_a_token_that_was_typed_is_to_be_typed_again_after_a_mistake_elsewhere(ann: Browser) -> None:
    given = {"target": "hubspot", "url": URL, "events": "postalytics.*", "settings.token": TOKEN,
             "settings.theirs.0": "a b", "settings.ours.0": "status"}  # fmt: skip
    page = (await ann.post("/hooks", **given)).text
    assert "Type it again: it is not shown here." in page
    assert TOKEN not in page
    untyped = (await ann.post("/hooks", **given | {"settings.token": ""})).text
    assert "Type it again" not in untyped
