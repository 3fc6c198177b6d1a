"""A code at sign-in: begun, asked for, used once, recovered, ended."""

import re

import pyotp
import pytest

from sendtrail.domain.problems import NotFound, Unauthorized
from sendtrail.domain.scope import Scope
from sendtrail.services import codes, sessions
from sendtrail.services.context import Context
from sendtrail.services.sessions import Session
from tests.web.conftest import EMAIL, PASSWORD, Browser


def me(acme: Scope) -> Session:
    return Session(int(acme.actor.removeprefix("member:")), EMAIL, acme.organization_id)


async def begun(context: Context, acme: Scope) -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator, and recovery codes."""
    totp = pyotp.TOTP(codes.new_secret())
    recovery = await codes.begin(context, me(acme), PASSWORD, totp.secret, totp.now())
    async with context.database.transaction() as connection:
        await connection.execute("update member set totp_step = 0")  # as if time had passed
    return totp, recovery


async def test_codes_are_begun_with_an_authenticator_and_end_the_other_sessions(
    ann: Browser, context: Context, acme: Scope
) -> None:
    other = await sessions.begin(context, me(acme))
    page = (await ann.look("/settings/codes")).text
    assert "<svg" in page
    found = re.search(r'name="secret" value="(\w+)"', page)
    assert found
    wrong = await ann.post("/settings/codes", secret=found[1], code="000", password=PASSWORD)
    assert wrong.status_code == 400
    assert "Code is not the one that the authenticator shows now" in wrong.text
    assert f'value="{found[1]}"' in wrong.text
    now = pyotp.TOTP(found[1]).now()
    other_hands = await ann.post("/settings/codes", secret=found[1], code=now, password="guess")
    assert other_hands.status_code == 400
    assert "Password is not the password of this account" in other_hands.text
    right = await ann.post("/settings/codes", secret=found[1], code=now, password=PASSWORD)
    recovery = re.findall(r"\b[0-9a-f]{10}\b", right.text)
    assert len(recovery) == codes.RECOVERY_CODES
    assert await sessions.find(context, other) is None
    again = (await ann.look("/settings/codes")).text
    assert "10 recovery codes are left" in again
    assert recovery[0] not in again


async def test_the_password_alone_opens_nothing_any_more(stranger: Browser, context: Context, acme: Scope) -> None:
    totp, _ = await begun(context, acme)
    asked = await stranger.sign_in(next="/feeds")
    assert asked.headers["Location"] == "/login/code?next=/feeds"
    waiting = stranger.client.cookies["sendtrail_session"]
    assert (await stranger.look("/feeds")).headers["Location"] == "/login?next=/feeds"
    assert "Your code" in (await stranger.look("/login/code?next=/feeds")).text
    assert (await stranger.post("/login/code", code="123", next="/feeds")).status_code == 401
    assert (await stranger.look("/feeds")).status_code == 303
    opened = await stranger.post("/login/code", code=f" {totp.now()} ", next="/feeds")
    assert opened.headers["Location"] == "/feeds"
    assert stranger.client.cookies["sendtrail_session"] != waiting
    assert await sessions.find(context, waiting) is None
    assert (await stranger.look("/feeds")).status_code == 200
    assert (await stranger.look("/login/code")).status_code == 303


async def test_no_code_opens_twice(context: Context, acme: Scope) -> None:
    totp, recovery = await begun(context, acme)
    for code in (totp.now(), recovery[0], f"{recovery[1][:5]}-{recovery[1][5:].upper()}"):
        await codes.check(context, me(acme), code)
        with pytest.raises(Unauthorized):
            await codes.check(context, me(acme), code)
    with pytest.raises(Unauthorized):
        await codes.check(context, me(acme), "")


async def test_an_authenticator_is_not_replaced_while_it_is_asked_for(
    ann: Browser, context: Context, acme: Scope
) -> None:
    totp, recovery = await begun(context, acme)
    another = pyotp.TOTP(codes.new_secret())
    refused = await ann.post("/settings/codes", secret=another.secret, code=another.now(), password=PASSWORD)
    assert refused.status_code == 400
    assert "end that first" in refused.text
    await codes.check(context, me(acme), totp.now())
    await codes.check(context, me(acme), recovery[0])


async def test_guessing_codes_is_slowed_down(stranger: Browser, context: Context, acme: Scope) -> None:
    totp, _ = await begun(context, acme)
    await stranger.sign_in()
    answers = [(await stranger.post("/login/code", code=f"{n:03}")).status_code for n in range(11)]
    assert answers == [401] * 10 + [429]
    assert (await stranger.post("/login/code", code=totp.now())).status_code == 429


async def test_codes_are_ended_with_the_password(
    ann: Browser, stranger: Browser, context: Context, acme: Scope
) -> None:
    await begun(context, acme)
    assert (await ann.post("/settings/codes/end", password="wrong")).status_code == 400
    assert (await ann.post("/settings/codes/end", password=PASSWORD)).status_code == 303
    assert (await stranger.sign_in()).headers["Location"] == "/"


async def test_whoever_runs_the_installation_helps_who_lost_their_authenticator(
    stranger: Browser, context: Context, acme: Scope
) -> None:
    await begun(context, acme)
    with pytest.raises(NotFound):
        await codes.forget(context, "nobody@example.com")
    await codes.forget(context, EMAIL)
    assert (await stranger.sign_in()).headers["Location"] == "/"


async def test_a_new_password_does_not_do_without_the_code(stranger: Browser, context: Context, acme: Scope) -> None:
    await begun(context, acme)
    await stranger.post("/reset", email=EMAIL)
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select body from email")
        ((body,),) = await cursor.fetchall()
    found = re.search(r"(/reset/[\w-]+)", body)
    assert found
    await stranger.post(found[1], password="quite another one")
    assert (await stranger.sign_in(password="quite another one")).headers["Location"] == "/login/code?next=/"
