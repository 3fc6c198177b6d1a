"""The second step of signing in: a code from an authenticator (RFC 6238), or a recovery code that opens once."""

import hashlib
import secrets
import time

import pyotp

from sendtrail.domain.problems import Conflict, Invalid, NotFound, Unauthorized
from sendtrail.services import accounts
from sendtrail.services.context import Context
from sendtrail.services.sessions import Session, counted
from sendtrail.store import system
from sendtrail.store.database import Connection
from sendtrail.store.system import codes, notes

ISSUER = "Sendtrail"
RECOVERY_CODES = 10
_STEP = 30
_SLACK = (0, -1, 1)
"""Steps of time beside the present one that count: clocks differ, and people type slowly."""
_TRIES = 10


def new_secret() -> str:
    """A secret for an authenticator, 160 bits in Base32."""
    return pyotp.random_base32()


def address(secret: str, email: str) -> str:
    """What an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


async def begin(context: Context, session: Session, password: str, secret: str, code: str) -> list[str]:
    """Ask for codes from now on; the recovery codes, which are shown once. TooManyTries.

    Invalid names `password` or `code` for a wrong one; Conflict where codes are asked for already. `secret`: as
    `new_secret` made it and the authenticator has it now.
    """
    if len(secret) != len(new_secret()) or not secret.isalnum():
        raise Invalid("secret is none of ours: begin again", "code")
    async with counted(context, f"code {session.member_id}", _TRIES):
        step = _step_of(secret, code)
        if step is None:
            raise Invalid("code is not the one that the authenticator shows now", "code")
    await _prove(context, session, password)
    recovery = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    async with context.database.transaction() as connection:
        if not await codes.begin(connection, session.member_id, secret, step, [_digest(each) for each in recovery]):
            raise Conflict("you are asked for a code already: end that first")
        await _note(connection, session, "account.codes_begun")
    return recovery


async def end(context: Context, session: Session, password: str) -> None:
    """Ask for no codes any more; Invalid names `password`, TooManyTries."""
    await _prove(context, session, password)
    async with context.database.transaction() as connection:
        await codes.end(connection, session.member_id)
        await _note(connection, session, "account.codes_ended")


async def check(context: Context, session: Session, code: str) -> None:
    """Let a code open, once; Unauthorized, TooManyTries."""
    text = code.replace(" ", "").replace("-", "").lower()
    async with counted(context, f"code {session.member_id}", _TRIES):
        async with context.database.transaction() as connection:
            right = await _use(connection, session.member_id, text)
            await _note(connection, session, "account.signed_in" if right else "account.code_refused")
        if not right:
            raise Unauthorized("this code is wrong, over or was used before")


async def forget(context: Context, email: str) -> None:
    """Ask somebody who lost their authenticator for no codes any more; NotFound where nobody has this address."""
    async with context.database.transaction() as connection:
        found = None if "\0" in email else await system.member_by_email(connection, email.strip().lower())
        if found is None:
            raise NotFound(f"nobody signs in as {email[:60]!a}", "email")
        await codes.end(connection, found.id)
        await notes.put(connection, found.id, "cli", "account.codes_ended")


async def _prove(context: Context, session: Session, password: str) -> None:
    """Whoever sits at somebody's open page is not them yet: Invalid names `password`, TooManyTries."""
    async with counted(context, f"password {session.member_id}"):
        try:
            await accounts.sign_in(context, session.email, password)
        except Unauthorized:
            raise Invalid("password is not the password of this account", "password") from None


async def _use(connection: Connection, member_id: int, text: str) -> bool:
    secret = await codes.secret(connection, member_id)
    step = _step_of(secret, text) if secret else None
    if step is not None and await codes.use_step(connection, member_id, step):
        return True
    return await codes.use_recovery(connection, member_id, _digest(text))


async def _note(connection: Connection, session: Session, action: str) -> None:
    await notes.put(connection, session.member_id, f"member:{session.member_id}", action)


def _step_of(secret: str, code: str) -> int | None:
    """The step of time whose code this is; None for a wrong one."""
    text = code.replace(" ", "")
    if not (text.isascii() and text.isdigit()):
        return None
    now, totp = int(time.time()) // _STEP, pyotp.TOTP(secret)
    steps = [now + slack for slack in _SLACK]
    return next((step for step in steps if secrets.compare_digest(totp.generate_otp(step), text)), None)


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode(errors="surrogateescape")).digest()
