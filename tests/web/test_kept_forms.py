"""A form that is sent after its session ended: nothing that was typed is lost, and nobody else's form gets in."""

import base64
import re
from html import unescape

import httpx
import pytest

from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, sends, sessions
from sendtrail.services.context import Context
from sendtrail.services.sessions import Session
from sendtrail.store import members
from tests.web.conftest import EMAIL, PASSWORD, Browser
from tests.web.test_codes import begun
from tests.web.test_pages import letter, made, words

SESSION = "sendtrail_session"


def packed(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode()


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page's last form."""
    form = page.rpartition("<form")[2]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)}


async def sent_late(ann: Browser, context: Context, address: str, **fields: str) -> httpx.Response:
    """Post the form that stands on `address`, after its session has ended."""
    page = (await ann.look(address)).text
    await sessions.end(context, ann.client.cookies[SESSION])
    return await ann.client.post(address, data={**hidden(page), **fields})


async def test_it_waits_until_somebody_has_signed_in_and_is_sent_then(
    ann: Browser, context: Context, acme: Scope
) -> None:
    (send,) = await made(context, acme, letter())
    address = f"/sends/{send['id']}/cancel"
    asked = await sent_late(ann, context, address, reason='The "show" <is> off')
    assert asked.status_code == 401
    assert "what you filled in goes on" in asked.text

    wrong = await ann.client.post("/login", data={**hidden(asked.text), "email": EMAIL, "password": "wrong"})
    assert wrong.status_code == 401
    back = await ann.client.post("/login", data={**hidden(wrong.text), "email": EMAIL, "password": PASSWORD})
    assert back.status_code == 200
    assert 'Reason The "show" <is> off' in words(back.text)
    assert (await sends.get(context, acme, send["id"]))["status"]["code"] == "created"
    assert f'action="{address}"' in back.text

    gone = await ann.client.post(address, data=hidden(back.text))
    assert gone.headers["Location"] == f"/sends/{send['id']}?done=cancelled"
    shown = await sends.get(context, acme, send["id"])
    assert shown["trail"][-1]["detail"]["reason"] == 'The "show" <is> off'


async def test_it_goes_on_in_the_organization_and_mode_for_which_it_was_shown(
    ann: Browser, context: Context, acme: Scope
) -> None:
    bob = await accounts.add_user(context, "bob@example.com", "admin", "Bolt", PASSWORD)
    bolt = Scope(bob.memberships[0].organization_id, True, "test")
    number = int(acme.actor.removeprefix("member:"))
    async with context.database.transaction() as connection:
        await members.join(connection, bolt, number, "admin")
    token = await sessions.begin(context, Session(number, EMAIL, bolt.organization_id, live=False))
    ann.client.cookies.set(SESSION, token, domain="sendtrail.test")
    asked = await sent_late(ann, context, "/settings/teams", name="Night shift")
    back = await ann.client.post("/login", data={**hidden(asked.text), "email": EMAIL, "password": PASSWORD})
    session = await sessions.find(context, ann.client.cookies[SESSION])
    assert session
    assert (session.organization_id, session.live) == (bolt.organization_id, False)
    done = await ann.client.post("/settings/teams", data=hidden(back.text))
    assert done.headers["Location"] == "/settings/teams?done=added"


async def test_a_form_without_the_browsers_token_is_not_kept(stranger: Browser, acme: Scope) -> None:
    for token in ("", "x" * 43):
        asked = await stranger.client.post("/settings/teams", data={"csrf": token, "name": "Evil"})
        assert asked.status_code == 303
        assert asked.headers["Location"].startswith("/login")


async def test_a_password_is_not_kept_and_the_way_back_is(ann: Browser, context: Context) -> None:
    page = (await ann.look("/settings/password")).text
    await sessions.end(context, ann.client.cookies[SESSION])
    asked = await ann.client.post(
        "/settings/password",
        data={**hidden(page), "old_password": PASSWORD, "password": "longer still"},
        headers={"Referer": "http://sendtrail.test/settings/password"},
    )
    assert (asked.status_code, asked.headers["Location"]) == (303, "/login?next=/settings/password")


async def test_a_page_elsewhere_is_no_way_back(stranger: Browser) -> None:
    asked = await stranger.client.post("/settings/teams", headers={"Referer": "https://evil.example/settings/teams"})
    assert asked.headers["Location"] == "/login"


@pytest.mark.parametrize(
    "made_up", ["x", "!!!", packed(b'{"path":"//evil.example","fields":[],"mode":"","organization":""}'), packed(b"5")]
)
async def test_what_is_no_kept_form_is_left_out(stranger: Browser, acme: Scope, made_up: str) -> None:
    answer = await stranger.sign_in(form=made_up)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


async def test_it_waits_for_the_code_too(ann: Browser, context: Context, acme: Scope) -> None:
    (send,) = await made(context, acme, letter())
    address = f"/sends/{send['id']}/cancel"
    _, recovery = await begun(context, acme)
    asked = await sent_late(ann, context, address, reason="off")
    code = await ann.client.post("/login", data={**hidden(asked.text), "email": EMAIL, "password": PASSWORD})
    assert "Your code" in code.text
    wrong = await ann.client.post("/login/code", data={**hidden(code.text), "code": "nothing"})
    back = await ann.client.post("/login/code", data={**hidden(wrong.text), "code": recovery[0]})
    assert "You are signed in again" in back.text
    gone = await ann.client.post(address, data=hidden(back.text))
    assert gone.headers["Location"] == f"/sends/{send['id']}?done=cancelled"
