"""Who is signed in to the pages. The cookie holds a random token, the database only its digest."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import msgspec

from sendtrail.domain.problems import Forbidden, SendtrailError
from sendtrail.services import accounts
from sendtrail.services.context import Context
from sendtrail.store.system import sessions

LIFETIME = timedelta(days=14)
"""From sign-in: long enough not to annoy, short enough for a borrowed laptop."""
MOST_TRIES = 20
WINDOW = timedelta(minutes=15)
"""So many tries for one address in so long a time; whoever knows the password seldom needs three."""


class TooManyTries(SendtrailError):
    """Somebody guesses, or has forgotten."""

    type = "too_many_requests"


class Session(msgspec.Struct, frozen=True):
    """Somebody signed in, looking at one organization in one mode."""

    member_id: int
    email: str
    organization_id: int
    live: bool = True


async def sign_in(context: Context, email: str, password: str) -> Session:
    """Who has this address and password. Unauthorized, TooManyTries; Forbidden for a member of no organization."""
    who = hashlib.sha256(email.strip().lower().encode()).digest()
    async with context.database.transaction() as connection:
        tries = await sessions.attempted(connection, who, WINDOW)
    if tries > MOST_TRIES:
        raise TooManyTries(f"too many tries for this address: wait {WINDOW // timedelta(minutes=1)} minutes")
    member = await accounts.sign_in(context, email, password)
    if not member.memberships:
        raise Forbidden("this account belongs to no organization any more")
    async with context.database.transaction() as connection:
        await sessions.succeeded(connection, who)
    return Session(member.id, member.email, member.memberships[0].organization_id)


async def begin(context: Context, session: Session, replaces: str = "") -> str:
    """Keep a session under a new token, which is returned; the one that it replaces ends at the same moment."""
    token = secrets.token_urlsafe(32)
    async with context.database.transaction() as connection:
        if replaces:
            await sessions.remove(connection, _digest(replaces))
        await sessions.put(connection, _digest(token), msgspec.json.encode(session), datetime.now(UTC) + LIFETIME)
    return token


async def find(context: Context, token: str) -> Session | None:
    """The session of a token; None for one that we did not give out or that is over."""
    async with context.database.snapshot() as connection:
        data = await sessions.get(connection, _digest(token))
    return msgspec.json.decode(data, type=Session) if data else None


async def end(context: Context, token: str) -> None:
    """From now on the token opens nothing."""
    async with context.database.transaction() as connection:
        await sessions.remove(connection, _digest(token))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
