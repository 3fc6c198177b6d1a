"""What is done to several sends at once is done once, and what came of it can be looked at again."""

import re
from html import unescape

from sendtrail.domain.scope import Scope
from sendtrail.services import selection_results, sends
from sendtrail.services.context import Context
from sendtrail.services.sends import NewEvent
from tests.web.conftest import Browser
from tests.web.test_kept_forms import hidden
from tests.web.test_pages import letter, made, words


async def asked(ann: Browser, **fields: str) -> dict[str, str]:
    """The form that asks whether to do it."""
    page = (await ann.post("/sends/selected", all="yes", **fields)).text
    return hidden(page.replace("</form>", "", 1).rpartition('<form class="form card"')[2].join(("<form", "")))


async def test_a_result_can_be_loaded_again_and_nothing_is_done_twice(
    ann: Browser, context: Context, acme: Scope
) -> None:
    one, _, _ = await made(context, acme, letter("Ann Bow"), letter("Ben Bow"), letter("Cy Bow"))
    await sends.record_events(context, acme, one["id"], [NewEvent("printed")])
    form = await asked(ann, action="cancel", list="q=bow")
    done = await ann.client.post("/sends/selected", data=form)
    assert done.status_code == 303
    for _ in range(2):
        page = words((await ann.look(done.headers["Location"])).text)
        assert "2 cancelled. 1 not: the status is Producing: printed, which is too late." in page
    await made(context, acme, letter("Dee Bow"))
    again = await ann.client.post("/sends/selected", data=form)
    assert again.headers["Location"] == done.headers["Location"]
    assert 'href="/sends?q=bow"' in (await ann.look(done.headers["Location"])).text
    page = (await ann.look("/sends?q=bow&status=created")).text
    assert "Dee Bow" in page


async def test_what_was_refused_can_be_put_right(ann: Browser, context: Context, acme: Scope) -> None:
    await made(context, acme, letter("Ann Bow"))
    form = await asked(ann, action="tag", list="q=bow")
    refused = await ann.client.post("/sends/selected", data={**form, "tag": " ", "how": "add"})
    assert refused.status_code == 400
    done = await ann.client.post("/sends/selected", data={**form, "tag": "VIP", "how": "add"})
    assert "1 tagged." in words((await ann.look(done.headers["Location"])).text)


async def test_what_is_under_way_says_so_and_is_not_begun_again(ann: Browser, context: Context, acme: Scope) -> None:
    (send,) = await made(context, acme, letter("Ann Bow"))
    form = await asked(ann, action="cancel", list="q=bow")
    assert await selection_results.begin(context, acme, form["nonce"])
    under_way = await ann.client.post("/sends/selected", data=form)
    assert "Still at work" in words((await ann.look(under_way.headers["Location"])).text)
    assert (await sends.get(context, acme, send["id"]))["status"]["code"] == "created"


async def test_a_result_is_for_whoever_did_it(ann: Browser, context: Context, acme: Scope) -> None:
    assert await selection_results.begin(context, Scope(acme.organization_id, True, "member:9"), "theirs")
    for key in ("theirs", "nobody's", "x" * 500):
        assert (await ann.client.get("/sends/selected", params={"result": key})).status_code == 404
    assert (await ann.look("/sends/selected")).headers["Location"] == "/sends"


async def test_a_lost_cookie_does_not_lose_the_form(ann: Browser, context: Context, acme: Scope) -> None:
    (send,) = await made(context, acme, letter("Ann Bow"))
    address = f"/sends/{send['id']}/cancel"
    form = {**hidden((await ann.look(address)).text), "reason": "Wrong person"}
    ann.client.cookies.delete("sendtrail_csrf")
    for origin in ("", "https://evil.example", "null"):
        refused = await ann.client.post(address, data=form, headers={"Origin": origin})
        assert refused.status_code == 403
        assert "Wrong person" not in refused.text
    shown = await ann.client.post(address, data=form, headers={"Origin": "http://sendtrail.test"})
    assert "Send it once more" in words(shown.text)
    assert "Reason Wrong person" in words(shown.text)
    assert (await sends.get(context, acme, send["id"]))["status"]["code"] == "created"
    gone = await ann.client.post(address, data=hidden(shown.text))
    assert gone.headers["Location"] == f"/sends/{send['id']}?done=cancelled"


async def test_a_kept_form_is_told_in_words_that_people_know(ann: Browser, context: Context, acme: Scope) -> None:
    one, two = await made(context, acme, letter("Ann Bow"), letter("Ben Bow"))
    token = hidden((await ann.look(f"/sends/{one['id']}/cancel")).text)["csrf"]
    ann.client.cookies.delete("sendtrail_csrf")
    fields = {
        "csrf": token,
        "send": [one["id"], two["id"]],
        "action": "tag",
        "sure": "yes",
        "as_asked": "2",
        "tag": "VIP",
    }
    page = (await ann.client.post("/sends/selected", data=fields, headers={"Origin": "http://sendtrail.test"})).text
    told = re.findall(r"<dt>(.*?)</dt><dd class=\"message\">(.*?)</dd>", page)
    assert [(unescape(name), unescape(text)) for name, text in told] == [
        ("What to do", "Tag sends"),
        ("Sends", "2"),
        ("Tag", "VIP"),
    ]
    fields = {"csrf": token, "code": "delivery_attempted", "occurred_at": "2026-03-02T10:00", "address_line1": "1 Elm"}
    address = f"/sends/{one['id']}/events"
    page = (await ann.client.post(address, data=fields, headers={"Origin": "http://sendtrail.test"})).text
    assert "What happened Delivery attempted When 2026-03-02T10:00 Address line 1 1 Elm" in words(page)
