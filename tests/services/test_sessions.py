"""Passwords that people change, and what becomes of their sign-ins."""

from datetime import timedelta

import pytest

from sendtrail.domain.problems import Invalid, Unauthorized
from sendtrail.services import accounts, sessions
from sendtrail.services.context import Context
from sendtrail.services.sessions import Session, TooManyTries

EMAIL, OLD, NEW = "ann@example.com", "correct horse", "battery staple"


async def signed_in(context: Context) -> Session:
    await accounts.add_user(context, EMAIL, "admin", "Acme", OLD)
    return await sessions.sign_in(context, EMAIL, OLD)


async def test_a_new_password_ends_every_other_sign_in(context: Context) -> None:
    session = await signed_in(context)
    here, elsewhere = await sessions.begin(context, session), await sessions.begin(context, session)
    bob = await accounts.add_user(context, "bob@example.com", "admin", "Acme", OLD)
    bobs = await sessions.begin(context, Session(bob.id, bob.email, session.organization_id))
    renewed = await sessions.change_password(context, session, here, OLD, NEW)
    assert renewed is not None
    assert await sessions.find(context, renewed) == session
    assert await sessions.find(context, here) is None
    assert await sessions.find(context, elsewhere) is None
    assert await sessions.find(context, bobs)
    assert await sessions.sign_in(context, EMAIL, NEW) == session
    with pytest.raises(Unauthorized):
        await sessions.sign_in(context, EMAIL, OLD)


@pytest.mark.parametrize(
    ("old", "new", "param"), [("wrong", NEW, "old_password"), (OLD, "short", "password"), (OLD, EMAIL, "password")]
)
async def test_what_cannot_be_taken_changes_nothing(context: Context, old: str, new: str, param: str) -> None:
    session = await signed_in(context)
    token = await sessions.begin(context, session)
    with pytest.raises(Invalid) as refusal:
        await sessions.change_password(context, session, token, old, new)
    assert refusal.value.param == param
    assert await sessions.find(context, token)
    assert await sessions.sign_in(context, EMAIL, OLD)


async def test_guessing_the_old_password_is_slowed_down(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_TRIES", 2)
    session = await signed_in(context)
    token = await sessions.begin(context, session)
    for _ in range(2):
        with pytest.raises(Invalid):
            await sessions.change_password(context, session, token, "guess", NEW)
    with pytest.raises(TooManyTries) as refusal:
        await sessions.change_password(context, session, token, OLD, NEW)
    assert timedelta(0) < refusal.value.wait <= sessions.WINDOW
    assert "15 minutes" in refusal.value.message
