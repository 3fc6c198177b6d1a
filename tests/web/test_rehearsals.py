"""Test sends moved along and rehearsed by page."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, KindWord, NewSend
from sendtrail.services import mailer_ids, rehearsals, sends
from sendtrail.services.campaigns import add_campaign
from sendtrail.services.context import Context
from sendtrail.services.tracker import Wanted, list_sends
from tests.web.conftest import Browser


async def made(context: Context, scope: Scope, *, live: bool = False, kind: KindWord = "letter", imb: str = "") -> str:
    to = Address(name="Ann", email="ann@example.com", postal_code="60614")
    (send,) = await sends.create(context, replace(scope, live=live), [NewSend(kind=kind, to=to, imb=imb)])
    assert isinstance(send, dict)
    return str(send["id"])


async def status(context: Context, scope: Scope, send: str) -> str:
    return str((await sends.get(context, replace(scope, live=False), send))["status"]["code"])


def card(page: str) -> str:
    found = re.search(r'<section class="card rehearsal".*?</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


async def test_a_button_moves_a_test_send_to_its_next_step_however_often_it_is_pressed(
    ann: Browser, context: Context, acme: Scope
) -> None:
    send = await made(context, acme)
    page = (await ann.look(f"/sends/{send}")).text
    assert "Or step by step. Next: Producing: PDF sent to print Next step" in card(page)
    assert page.count(f'action="/sends/{send}/progressions"') == 2  # its menu has it too
    for _ in range(2):
        answer = await ann.post(f"/sends/{send}/progressions", nonce="one")
        assert answer.headers["Location"] == f"/sends/{send}?done=moved"
    assert await status(context, acme, send) == "rendered"
    for code in ("addressed", "printed", "handed_over", "in_transit", "in_local_area", "out_for_delivery", "delivered"):
        await ann.post(f"/sends/{send}/progressions")
        assert await status(context, acme, send) == code
    assert card((await ann.look(f"/sends/{send}")).text).endswith("nothing is left to be rehearsed.")
    answer = await ann.post(f"/sends/{send}/progressions")
    assert answer.status_code == 409
    assert "Nothing usually follows the status Delivered" in answer.text


async def test_a_live_send_has_none_of_it(ann: Browser, context: Context, acme: Scope) -> None:
    send = await made(context, acme, live=True)
    page = (await ann.look(f"/sends/{send}")).text
    assert card(page) == ""
    assert "Next step" not in page
    answer = await ann.post(f"/sends/{send}/progressions")
    assert answer.status_code == 409
    assert "This is a live send" in answer.text


async def test_a_rehearsal_is_begun_stopped_gone_on_with_and_taken_back(
    ann: Browser, context: Context, acme: Scope
) -> None:
    send = await made(context, acme, imb="0031090123400000000160614")
    choose = card((await ann.look(f"/sends/{send}")).text)
    assert "Nothing: it arrives It arrives late The recipient has moved: it is re-routed It comes back" in choose
    await ann.post(f"/sends/{send}/rehearsal", pace="hours", problem="returned")
    page = (await ann.look(f"/sends/{send}")).text
    assert 'hx-trigger="every 30s" hx-select="#rehearsal"' in page
    assert "Its journey is rehearsed Hours · It comes back 0 of " in card(page)
    assert "waits for a worker" not in page
    async with context.database.transaction() as connection:
        await connection.execute("update rehearsal set due_at = due_at - interval '1 minute'")
    assert "It waits for a worker." in (await ann.look(f"/sends/{send}")).text
    await rehearsals.play(context, datetime.now(UTC) + timedelta(seconds=5))
    await ann.post(f"/sends/{send}/rehearsal/stop")
    page = (await ann.look(f"/sends/{send}")).text
    assert "hx-trigger" not in page
    assert card(page).startswith("The rehearsal is stopped")
    assert await rehearsals.play(context, datetime.now(UTC) + timedelta(days=9)) == 0
    for path in ("stop", "go-on", "go-on"):  # whoever is late finds it done
        assert (await ann.post(f"/sends/{send}/rehearsal/{path}")).status_code == 303
    assert await rehearsals.play(context, datetime.now(UTC) + timedelta(days=9)) == 1
    assert await status(context, acme, send) == "addressed"
    answer = await ann.post(f"/sends/{send}/rehearsal/reset")
    assert answer.headers["Location"] == f"/sends/{send}?done=reset"
    assert card((await ann.look(f"/sends/{send}")).text).startswith("Rehearse its journey")
    assert await status(context, acme, send) == "created"


async def test_who_looks_again_gets_a_page_only_where_something_came(
    ann: Browser, context: Context, acme: Scope
) -> None:
    send = await made(context, acme)
    await ann.post(f"/sends/{send}/rehearsal")
    again = re.search(r'hx-get="(/sends/[^"]+)"', (await ann.look(f"/sends/{send}")).text)
    assert again
    htmx = {"HX-Request": "true"}
    assert (await ann.client.get(again[1], headers=htmx)).status_code == 204
    await rehearsals.play(context, datetime.now(UTC) + timedelta(seconds=9))
    changed = await ann.client.get(again[1], headers=htmx)
    assert "1 of 4 steps. Next: Producing: addressed" in card(changed.text)
    assert all(f'id="{name}"' in changed.text for name in ("standing", "steps", "updates", "values", "vocabularies"))


async def test_what_cannot_go_wrong_is_not_offered_and_no_barcode_is_said(
    ann: Browser, context: Context, acme: Scope
) -> None:
    letter, card_ = await made(context, acme), await made(context, acme, kind="egift")
    assert "It has no barcode, so its rehearsal ends with the hand-over." in card(
        (await ann.look(f"/sends/{letter}")).text
    )
    page = (await ann.look(f"/sends/{card_}")).text
    assert re.findall(r'name="problem" value="(\w+)"', page) == ["none", "no_scans"]


async def test_one_press_makes_a_test_send_and_plays_it(ann: Browser, context: Context, acme: Scope) -> None:
    for page in ("/welcome", "/sends?mode=test"):
        assert ('action="/rehearsals"' in (await ann.look(page)).text) == (page == "/welcome")
    for n in range(2):
        answer = await ann.post("/rehearsals")
        found, _ = await list_sends(context, replace(acme, live=False), Wanted(), 10)
        assert len(found) == n + 1
        assert answer.headers["Location"] == f"/sends/{found[0]['id']}"
        assert len(found[0]["imb"]) == 29
        assert found[0]["tags"] == ["sample"]
        assert (await rehearsals.get(context, replace(acme, live=False), found[0]["id"])).state == "playing"
    assert (await list_sends(context, acme, Wanted(), 10))[0] == []
    (barcodes,) = await mailer_ids.list_mailer_ids(context, replace(acme, live=False))
    assert barcodes.sample
    assert await mailer_ids.list_mailer_ids(context, acme) == []
    page = (await ann.look(f"/sends/{found[0]['id']}")).text
    assert "Test mode: nothing on this page was really sent." in page


async def test_an_empty_test_mode_leads_to_trying_it(ann: Browser) -> None:
    assert "Try it" not in (await ann.look("/sends")).text
    await ann.post("/mode", mode="test")
    page = (await ann.look("/sends")).text
    assert 'action="/rehearsals"' in page
    assert "rehearse a journey" in page


async def test_all_sends_of_a_test_campaign_are_rehearsed_and_taken_back(
    ann: Browser, context: Context, acme: Scope
) -> None:
    test = replace(acme, live=False)
    campaign = await add_campaign(context, test, "Spring", "bulk")
    address = f"/campaigns/{campaign.id}"
    await ann.post("/mode", mode="test")
    assert "Rehearse its journeys" not in (await ann.look(address)).text
    later = datetime.now(UTC).date() + timedelta(days=3)
    kinds: list[tuple[KindWord, date | None]] = [("letter", None), ("egift", None), ("letter", later)]
    new = [
        NewSend(kind=kind, to=Address(name="Ann", email="ann@example.com"), campaign="Spring", send_date=day)
        for kind, day in kinds
    ]
    made = [send for send in await sends.create(context, test, new) if isinstance(send, dict)]
    answer = await ann.post(f"{address}/rehearsal", pace="seconds", problem="no_scans")
    assert answer.headers["Location"] == f"{address}?done=rehearsed"
    assert "2 sends rehearsed, 2 of them are being played" in " ".join((await ann.look(address)).text.split())
    assert (await rehearsals.get(context, test, made[0]["id"])).problem == "none"  # it has no barcode to be scanned
    assert (await rehearsals.get(context, test, made[1]["id"])).problem == "no_scans"
    for n in range(9):
        await rehearsals.play(context, datetime.now(UTC) + timedelta(seconds=20 + 2 * n))
    assert [await status(context, acme, send["id"]) for send in made] == ["handed_over", "refunded", "created"]
    answer = await ann.post(f"{address}/rehearsal")
    assert answer.headers["Location"] == f"{address}?done=nothing"
    assert (await ann.post(f"{address}/rehearsal", pace="years")).status_code == 400
    assert (await ann.post(f"{address}/rehearsal", problem="fire")).status_code == 400
    await ann.post(f"{address}/rehearsal/reset")
    assert [await status(context, acme, send["id"]) for send in made] == ["created"] * 3
    assert "Reset all of them" not in (await ann.look(address)).text
