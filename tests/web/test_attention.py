"""Needs attention, as people see it and what they press."""

import re
from datetime import timedelta
from html import unescape

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import attention, histories, sends
from sendtrail.services.context import Context
from sendtrail.services.sends import NewEvent
from tests.web.conftest import Browser
from tests.web.test_pages import words


async def failed(context: Context, scope: Scope, *names: str) -> list[str]:
    """Letters that failed; their ids. What needs attention is known."""
    made = await sends.create(
        context, scope, [NewSend(kind="letter", to=Address(name=name, postal_code="60601")) for name in names]
    )
    ids = [view["id"] for view in made if isinstance(view, dict)]
    for each in ids:
        await sends.record_events(context, scope, each, [NewEvent("failed")])
    await look(context)
    return ids


async def look(context: Context) -> None:
    await histories.refresh(context, rest=timedelta())
    await attention.refresh(context)


def entries(page: str) -> list[str]:
    return re.findall(r'name="entry" value="(\w+)"', page)


def badge(page: str) -> str:
    found = re.search(r'class="badge">([^<]*)', page)
    return found[1] if found else ""


async def test_an_organization_without_trouble_is_told_so(ann: Browser, context: Context, acme: Scope) -> None:
    await look(context)
    page = (await ann.look("/attention")).text
    assert "Nothing needs you" in page
    assert "as of now" in page
    assert badge(page) == ""
    for state, said in (("snoozed", "Nothing is snoozed"), ("done", "Nothing is done yet")):
        assert said in (await ann.look(f"/attention?state={state}")).text


async def test_entries_stand_by_rule_with_reason_step_and_count(ann: Browser, context: Context, acme: Scope) -> None:
    names = [f"Recipient {n}" for n in range(7)]
    ids = await failed(context, acme, *names)
    page = (await ann.look("/attention")).text
    assert badge(page) == "7"
    assert "Failed 7" in words(page)
    assert "correct what was wrong and send it again, or ask for help" in words(page)
    assert len(entries(page)) == 5
    assert f'href="/sends/{ids[0]}"' in page
    assert 'href="/attention?rule=failed">Show all 7' in page
    everything = (await ann.look("/attention?rule=failed")).text
    assert len(entries(everything)) == 7
    assert badge((await ann.look("/sends")).text) == "7"
    assert (await ann.look("/attention?rule=lost")).status_code == 400
    assert (await ann.look("/attention?sideways=1")).status_code == 400


async def test_some_or_all_of_a_rule_are_snoozed_given_to_somebody_done_with_and_opened_again(
    ann: Browser, context: Context, acme: Scope
) -> None:
    await failed(context, acme, "Ada", "Ben", "Cy")
    one, two, _ = entries((await ann.look("/attention")).text)

    async def act(**fields: str) -> tuple[str, int]:
        answer = await ann.post("/attention", back="/attention", rule="failed", **fields)
        page = await ann.look(answer.headers["Location"])
        said = re.search(r'class="note good" role="status">(.*?)</p>', page.text)
        assert said
        return unescape(said[1]), len(entries(page.text))

    assert await act(action="snooze", until="a week", entry=one) == ("1 entry will come back in a week.", 2)
    assert await act(one=f"done||{two}", entry=one) == (
        "1 entry done with. They come back only if something new happens.",
        1,
    )
    me = re.findall(r'<option value="(member_\w+)">', (await ann.look("/attention")).text)[0]
    assert (await act(action="assign", to=me, all="yes"))[0] == "1 entry given to ann@example.com."
    assert len(entries((await ann.look("/attention?assignee=mine")).text)) == 1
    assert entries((await ann.look("/attention?assignee=nobody&state=snoozed")).text) == [one]
    assert await act(action="reopen", all="yes", state="snoozed") == ("1 entry open again.", 2)
    for wrong in ({"action": "done"}, {"action": "shred", "entry": one}, {"action": "snooze", "entry": one}):
        assert (await ann.post("/attention", **wrong)).status_code == 400


async def test_one_entry_has_a_page_with_a_note_and_its_send_says_the_same(
    ann: Browser, context: Context, acme: Scope
) -> None:
    (send_id,) = await failed(context, acme, "Ada")
    (entry,) = entries((await ann.look("/attention")).text)
    answer = await ann.post(f"/attention/{entry}/note", note="Wrong <stock>")
    page = (await ann.look(answer.headers["Location"])).text
    assert "The note is kept." in page
    assert "“Wrong &lt;stock&gt;”" in page
    assert (await ann.post(f"/attention/{entry}/note", note="x" * 501)).status_code == 400

    shown = (await ann.look(f"/sends/{send_id}")).text
    assert "See why in its trail, correct what was wrong and send it again" in shown
    answer = await ann.post("/attention", action="done", entry=entry, back=f"/sends/{send_id}")
    assert answer.headers["Location"] == f"/sends/{send_id}?done=attended"
    assert (await ann.look("/attention/attention_0")).status_code == 404
    assert (await ann.post("/attention", action="done", entry=entry, back="//evil.example")).headers["Location"][
        0:2
    ] == "/?"


async def test_the_form_to_send_once_more_has_the_recipient_says_what_is_wrong_and_works_once(
    ann: Browser, context: Context, acme: Scope
) -> None:
    (send_id,) = await failed(context, acme, "Ada")
    form = f"/sends/{send_id}/resend"
    page = (await ann.look(form)).text
    assert 'name="name" type="text" value="Ada"' in page
    wrong = await ann.post(form, name="Ada", country="Chile", nonce="n")
    assert wrong.status_code == 400
    assert 'id="country-wrong"' in wrong.text

    fields = {"name": "Ada Abbott", "postal_code": "60614", "country": "US", "nonce": "n"}
    answers = [await ann.post(form, **fields) for _ in range(2)]

    where = {answer.headers["Location"] for answer in answers}
    assert len(where) == 1
    new = (await ann.look(where.pop())).text
    assert "It goes out once more" in new
    assert f'<dt>In place of</dt><dd><a href="/sends/{send_id}">' in new
    assert "It was sent once more already" in (await ann.look(form)).text
    assert (await ann.post(form, **{**fields, "nonce": "m"})).status_code == 409
    assert "Nothing needs you" in (await ann.look("/attention")).text
