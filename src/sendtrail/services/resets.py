"""A new password for who has forgotten theirs: a link by e-mail, or printed by the command line."""

import asyncio
import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta

from sendtrail.domain.problems import NotFound
from sendtrail.services import accounts, mail
from sendtrail.services.accounts import checked_password
from sendtrail.services.context import Context
from sendtrail.services.sessions import TooManyTries, counted
from sendtrail.store import system
from sendtrail.store.database import Connection
from sendtrail.store.system import notes, sessions, tokens

LIFETIME = timedelta(hours=1)
"""As long as somebody needs who is waiting for it."""
_MOST = 5
"""Links for one address in a quarter of an hour."""
_ANSWER = 0.1
"""Seconds: longer than it takes to write an e-mail down."""


async def ask(context: Context, email: str, address: str) -> None:
    """Send a link to `address` to whoever has this account; nobody is told whether there is one, not even by the time
    that it takes.

    Asked for too often, it sends no more: a mailbox is not to be flooded.
    """
    await asyncio.gather(_ask(context, email, address), asyncio.sleep(_ANSWER))


async def _ask(context: Context, email: str, address: str) -> None:
    email = email.strip().lower()
    if "\0" in email:
        return
    with suppress(TooManyTries):
        async with (
            counted(context, f"reset {email}", _MOST, forget=False),
            context.database.transaction() as connection,
        ):
            found = await system.member_by_email(connection, email)
            if found is None:
                return
            await notes.put(connection, found.id, "somebody", "account.reset_asked")
            await mail.write(
                connection,
                email,
                "A new password for Sendtrail",
                f"To choose a new password, open this link within {LIFETIME // timedelta(minutes=1)} minutes:",
                await _link(connection, found.id, address),
                "If you did not ask for it, leave it be: your password stays as it is.",
            )


async def link(context: Context, email: str, address: str) -> str:
    """A link for an account, to hand over; NotFound where there is none."""
    async with context.database.transaction() as connection:
        found = None if "\0" in email else await system.member_by_email(connection, email.strip().lower())
        if found is None:
            raise NotFound(f"nobody signs in as {email[:60]!a}", "email")
        await notes.put(connection, found.id, "cli", "account.reset_asked")
        return await _link(connection, found.id, address)


async def look(context: Context, token: str) -> str:
    """Whose password a link may change; NotFound for one that is none, was used or is over."""
    async with context.database.snapshot() as connection:
        found = await tokens.reset(connection, _digest(token))
    if found is None:
        raise NotFound(_OVER)
    return found[1]


async def change(context: Context, token: str, password: str) -> str:
    """Take a new password: whose it is. The link is used up and every session of the member ends. Invalid, NotFound as
    `look`."""
    email = await look(context, token)
    password_hash = await accounts.hashed(checked_password(password, email))
    async with context.database.transaction() as connection:
        found = await tokens.reset(connection, _digest(token))
        if found is None or not await tokens.use_reset(connection, _digest(token)):
            raise NotFound(_OVER)
        await system.replace_password(connection, found[0], password_hash)
        await sessions.remove_all(connection, found[0])
        await notes.put(connection, found[0], f"member:{found[0]}", "account.password_reset")
    return email


_OVER = "this link was used before or is over: ask for another one"


async def _link(connection: Connection, member_id: int, address: str) -> str:
    token = secrets.token_urlsafe(32)
    await tokens.put_reset(connection, member_id, _digest(token), LIFETIME)
    return f"{address}/reset/{token}"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()
