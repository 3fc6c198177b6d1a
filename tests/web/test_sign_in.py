"""Signing in and out: what a browser holds, and what it is worth."""

import asyncio
import re
from contextlib import suppress

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.services import resets, sessions
from sendtrail.services.context import Context
from sendtrail.services.sessions import Session, TooManyTries
from tests.web.conftest import EMAIL, PASSWORD, Browser

SESSION = "sendtrail_session"


@pytest.mark.parametrize("page", ["/reports", "/sends", "/sends/letter_0000000000000", "/feeds", "/feeds/file_0"])
async def test_a_stranger_is_sent_to_sign_in_and_back_afterwards(stranger: Browser, acme: Scope, page: str) -> None:
    sent = await stranger.look(f"{page}?done=saved")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/login?next={page}%3Fdone%3Dsaved")
    form = await stranger.look(sent.headers["Location"])
    assert f'name="next" value="{page}?done=saved"' in form.text
    back = await stranger.sign_in(next=f"{page}?done=saved")
    assert (back.status_code, back.headers["Location"]) == (303, f"{page}?done=saved")


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_the_way_back_never_leads_elsewhere(stranger: Browser, acme: Scope, elsewhere: str) -> None:
    assert (await stranger.sign_in(next=elsewhere)).headers["Location"] == "/"


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "wrong"), ("nobody@example.com", PASSWORD), ("", "")])
async def test_a_wrong_password_and_a_wrong_address_read_the_same(
    stranger: Browser, acme: Scope, email: str, password: str
) -> None:
    refused = await stranger.sign_in(email, password)
    assert refused.status_code == 401
    assert "The e-mail address or the password is wrong." in refused.text
    assert SESSION not in stranger.client.cookies


@pytest.fixture
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs a slow hash."""
    monkeypatch.setattr(sessions, "MOST_TRIES", 4)


@pytest.mark.usefixtures("few_tries")
async def test_guessing_is_slowed_down_for_this_address_only(stranger: Browser, acme: Scope) -> None:
    for _ in range(sessions.MOST_TRIES):
        assert (await stranger.sign_in("nobody@example.com", "guess")).status_code == 401
    slowed = await stranger.sign_in("nobody@example.com", "guess", next="/sends?q=a")
    assert slowed.status_code == 429
    assert 0 < int(slowed.headers["Retry-After"]) <= sessions.WINDOW.total_seconds()
    assert "Too many tries: wait 15 minutes and try again." in slowed.text
    assert 'value="/sends?q=a"' in slowed.text
    assert (await stranger.sign_in(" Nobody@Example.com", "guess")).status_code == 429
    assert (await stranger.sign_in()).status_code == 303


@pytest.mark.usefixtures("few_tries")
async def test_who_gets_in_has_all_tries_again(stranger: Browser, acme: Scope) -> None:
    for _ in range(2):
        await asyncio.gather(*(stranger.sign_in(EMAIL, "guess") for _ in range(sessions.MOST_TRIES // 2)))
        assert (await stranger.sign_in()).status_code == 303


@pytest.mark.usefixtures("few_tries")
async def test_strangers_who_guess_do_not_shut_the_owner_out(stranger: Browser, context: Context, acme: Scope) -> None:
    await stranger.sign_in()
    await stranger.post("/logout")
    known = stranger.client.cookies["sendtrail_known"]
    for made_up in ("", "x", f"x.{known.partition('.')[2]}", f"{known.partition('.')[0]}.é"):
        for _ in range(2):
            with suppress(SendtrailError):
                await sessions.sign_in(context, EMAIL, "guess", made_up)
    for mark in ("", sessions.mark_for(context, "bob@example.com")):
        with pytest.raises(TooManyTries):
            await sessions.sign_in(context, EMAIL, PASSWORD, mark)
    for _ in range(sessions.MOST_TRIES):
        assert (await stranger.sign_in(password="guess")).status_code == 401
    assert (await stranger.sign_in()).status_code == 429
    link = await resets.link(context, EMAIL, "")
    await stranger.post(link, password="quite another one")
    assert stranger.client.cookies["sendtrail_known"] == known
    del stranger.client.cookies["sendtrail_known"]
    await stranger.post(await resets.link(context, EMAIL, ""), password=PASSWORD)
    assert (await stranger.sign_in()).status_code == 303


async def test_a_session_that_ended_meanwhile_does_not_go_on(ann: Browser, context: Context, acme: Scope) -> None:
    session = Session(int(acme.actor.removeprefix("member:")), EMAIL, acme.organization_id)
    token = await sessions.begin(context, session)
    await sessions.end_all(context, session)
    assert await sessions.go_on(context, session, token) is None
    assert await sessions.renew(context, session, token) is None
    assert (await ann.look("/reports")).status_code == 303


async def test_going_over_to_another_mode_makes_a_session_no_longer(
    ann: Browser, context: Context, acme: Scope
) -> None:
    async with context.database.transaction() as connection:
        await connection.execute("update session set expires_at = now() + interval '1 hour'")
    await ann.post("/mode", mode="test")
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select expires_at < now() + interval '1 hour' from session")
        assert await cursor.fetchall() == [(True,)]


async def test_cookies_are_kept_from_scripts_and_other_sites(stranger: Browser, acme: Scope) -> None:
    answer = await stranger.sign_in()
    cookies = answer.headers.get_list("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == [SESSION, "sendtrail_known"]
    for cookie in cookies:
        for word in ("HttpOnly", "SameSite=lax", "Path=/"):
            assert word in cookie
        assert "Secure" not in cookie
    stranger.client.headers["X-Forwarded-Proto"] = "https"
    assert "Secure" in (await stranger.sign_in()).headers["Set-Cookie"]


async def test_signing_in_again_takes_a_new_session_and_ends_the_old(ann: Browser, context: Context) -> None:
    before = ann.client.cookies[SESSION]
    await ann.sign_in()
    assert ann.client.cookies[SESSION] != before
    assert await sessions.find(context, before) is None


async def test_a_session_that_somebody_made_up_is_worth_nothing(stranger: Browser, acme: Scope) -> None:
    stranger.client.cookies.set(SESSION, "made-up", domain="sendtrail.test")
    assert (await stranger.look("/reports")).status_code == 303
    await stranger.sign_in()
    assert stranger.client.cookies.get(SESSION, domain="sendtrail.test") != "made-up"


async def test_signing_out_ends_the_session_here_too(ann: Browser, context: Context) -> None:
    token = ann.client.cookies[SESSION]
    assert (await ann.post("/logout")).headers["Location"] == "/login"
    assert SESSION not in ann.client.cookies
    assert await sessions.find(context, token) is None


@pytest.mark.parametrize("address", ["/login", "/logout", "/mode"])
@pytest.mark.parametrize("token", ["", "x" * 43])
async def test_a_form_without_the_browsers_token_changes_nothing(ann: Browser, address: str, token: str) -> None:
    refused = await ann.client.post(address, data={"csrf": token, "email": EMAIL, "password": PASSWORD})
    assert refused.status_code == 403
    assert "load its page again" in refused.text
    assert (await ann.look("/reports")).status_code == 200


def forms_of(app: Litestar) -> set[str]:
    """Addresses that forms are sent to."""
    programs = ("/print-mail/", "/api/", "/feeds/iv-mtr", "/feeds/vendors/", "/goal/")
    return {
        re.sub(r"\{[^}]+\}", "x_0", route.path)
        for route in app.routes
        if isinstance(route, HTTPRoute) and "POST" in route.methods and not route.path.startswith(programs)
    }


async def test_every_form_of_ours_asks_for_the_token(ann: Browser, app: Litestar) -> None:
    forms = forms_of(app)
    assert {"/login", "/logout", "/mode", "/feeds", "/settings", "/settings/password"} <= forms
    await ann.look("/reports")
    for address in forms:
        for token in ("", "x" * 43):
            answer = await ann.client.post(address, data={"csrf": token}, files={"file": ("a", b"b")})
            assert answer.status_code == 403, address


OF_NO_MODE = {"/login", "/login/code", "/logout", "/logout/everywhere", "/mode", "/organization", "/reset"} | {
    f"/{word}/x_0" for word in ("invite", "reset")
}
"""Forms that mean the same in both modes."""
UPLOADS = {"/feeds", "/campaigns/x_0/recipients"}


async def test_a_form_shown_in_one_mode_does_nothing_in_the_other(ann: Browser, app: Litestar) -> None:
    shown = re.search(r'name="csrf" value="([^"]+)"', (await ann.look("/feeds")).text)
    assert shown
    await ann.post("/mode", mode="test")
    for address in forms_of(app) - OF_NO_MODE:
        upload = {"file": ("a.csv", b"b")} if address in UPLOADS else None
        refused = await ann.client.post(address, data={"csrf": shown[1]}, files=upload)
        assert refused.status_code == 409, address
        assert "This page was shown in live mode, and you are in test mode now" in refused.text


async def test_the_button_for_the_other_mode_works_in_a_stale_tab(ann: Browser) -> None:
    shown = re.search(r'name="csrf" value="([^"]+)"', (await ann.look("/reports")).text)
    assert shown
    await ann.post("/mode", mode="test")
    assert (await ann.client.post("/mode", data={"csrf": shown[1], "mode": "test"})).status_code == 303


@pytest.mark.parametrize("address", ["/feeds/iv-mtr/", "/feeds/iv-mtr/x", "/feeds/iv-mtrx", "/Feeds/iv-mtr"])
async def test_nothing_but_the_exact_address_of_pushes_takes_them(ann: Browser, address: str) -> None:
    pushed = await ann.client.post(address, json={"events": []}, headers={"Authorization": "Basic Zm9vOmJhcg=="})
    assert pushed.status_code in (401, 404, 405)


async def test_a_stale_token_is_replaced(stranger: Browser, acme: Scope) -> None:
    stranger.client.cookies.set("sendtrail_csrf", "short", domain="sendtrail.test")
    assert (await stranger.sign_in()).status_code == 303


async def test_a_form_larger_than_any_of_ours_is_refused(ann: Browser) -> None:
    refused = await ann.client.post("/login", content=b"csrf=" + b"x" * 100_000)
    assert refused.status_code == 403


async def test_who_left_the_organization_is_signed_out(ann: Browser, context: Context, acme: Scope) -> None:
    async with context.database.transaction() as connection:
        await connection.execute("delete from membership")
    assert (await ann.look("/reports")).status_code == 303


async def test_the_database_holds_no_token(ann: Browser, context: Context) -> None:
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select id || encode(data, 'escape') from session")
        (row,) = await cursor.fetchall()
    assert ann.client.cookies[SESSION] not in row[0]
