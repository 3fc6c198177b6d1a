"""Who is signed in to the pages. The cookie holds a random token, the database only its digest."""

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec

from sendtrail.domain.problems import Forbidden, SendtrailError
from sendtrail.services import accounts
from sendtrail.services.context import Context
from sendtrail.store.system import notes, sessions

LIFETIME = timedelta(days=14)
"""From sign-in: long enough not to annoy, short enough for a borrowed laptop."""
PATIENCE = timedelta(minutes=10)
"""How long a sign-in waits for its code."""
KNOWN = timedelta(days=365)
"""How long a browser is remembered in which somebody signed in."""
MOST_TRIES = 20
WINDOW = timedelta(minutes=15)
"""So many tries for one address (in one browser, where its owner signed in before) in so long a time; whoever knows the
password seldom needs three."""


class TooManyTries(SendtrailError):
    """Somebody guesses, or has forgotten. `wait`: how long until they may try again."""

    type = "too_many_requests"

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        minutes = -(-wait // timedelta(minutes=1))
        super().__init__(f"too many tries: wait {minutes} {'minute' if minutes == 1 else 'minutes'} and try again")

    @property
    def seconds(self) -> str:
        """The same for the header Retry-After."""
        return str(-(-self.wait // timedelta(seconds=1)))


class Session(msgspec.Struct, frozen=True):
    """Somebody signed in, looking at one organization in one mode. `awaits_code`: they are not, until they give one."""

    member_id: int
    email: str
    organization_id: int
    live: bool = True
    awaits_code: bool = False


async def sign_in(context: Context, email: str, password: str, mark: str = "") -> Session:
    """Who has this address and password, in the first of their organizations. `mark`: what the browser shows of
    `mark_for`.

    Unauthorized, TooManyTries; Forbidden for a member of none.
    """
    known = mark.partition(".")[0] if is_marked(context, email, mark) else ""
    async with counted(context, f"{known} {email.strip()}"):
        member = await accounts.sign_in(context, email, password)
    if not member.memberships:
        raise Forbidden("this account belongs to no organization any more")
    session = await waiting(context, Session(member.id, member.email, member.memberships[0].organization_id))
    if not session.awaits_code:
        async with context.database.transaction() as connection:
            await notes.put(connection, member.id, f"member:{member.id}", "account.signed_in")
    return session


def mark_for(context: Context, email: str) -> str:
    """For a browser in which somebody signed in, or opened a link from their mailbox. There their tries are counted
    apart: strangers who guess at the address do not shut its owner out."""
    nonce = secrets.token_urlsafe(12)
    return f"{nonce}.{_seal(context, email, nonce)}"


def is_marked(context: Context, email: str, mark: str) -> bool:
    """Whether a mark is one of ours, and for this address."""
    nonce, _, seal = mark.partition(".")
    return hmac.compare_digest(seal.encode(errors="replace"), _seal(context, email, nonce).encode())


async def waiting(context: Context, session: Session) -> Session:
    """The session, waiting for a code where its member is asked for one."""
    person = await accounts.person(context, session.member_id)
    return msgspec.structs.replace(session, awaits_code=person.totp)


async def renew(context: Context, session: Session, token: str) -> str | None:
    """`go_on`, and end every other session of the member."""
    renewed = await go_on(context, session, token)
    async with context.database.transaction() as connection:
        await sessions.remove_others(connection, session.member_id, _digest(renewed or token))
    return renewed


async def go_on(context: Context, session: Session, token: str) -> str | None:
    """Go on under a new token, which is returned, for as long as the one that it replaces would have lasted.

    None where that one is over: who was signed out everywhere a moment ago stays so.
    """
    renewed = secrets.token_urlsafe(32)
    async with context.database.transaction() as connection:
        done = await sessions.replace(connection, _digest(token), _digest(renewed), msgspec.json.encode(session))
    return renewed if done else None


async def begin(context: Context, session: Session, replaces: str = "") -> str:
    """Keep a session under a new token, which is returned; the one that it replaces ends at the same moment."""
    token = secrets.token_urlsafe(32)
    async with context.database.transaction() as connection:
        if replaces:
            await sessions.remove(connection, _digest(replaces))
        expires_at = datetime.now(UTC) + (PATIENCE if session.awaits_code else LIFETIME)
        await sessions.put(connection, _digest(token), session.member_id, msgspec.json.encode(session), expires_at)
    return token


async def find(context: Context, token: str) -> Session | None:
    """The session of a token; None for one that we did not give out or that is over."""
    async with context.database.snapshot() as connection:
        data = await sessions.get(connection, _digest(token))
    return msgspec.json.decode(data, type=Session) if data else None


async def end_all(context: Context, session: Session) -> None:
    """Sign somebody out everywhere, here too."""
    async with context.database.transaction() as connection:
        await sessions.remove_all(connection, session.member_id)
        await notes.put(connection, session.member_id, f"member:{session.member_id}", "account.signed_out")


async def end(context: Context, token: str) -> None:
    """From now on the token opens nothing."""
    async with context.database.transaction() as connection:
        await sessions.remove(connection, _digest(token))


async def change_password(context: Context, session: Session, token: str, old: str, new: str) -> str | None:
    """A new password; every session of the member ends but this one, which goes on under the token that is returned.

    Invalid names `old_password` or `password`; TooManyTries, since somebody at a borrowed screen may guess. None as
    `go_on`.
    """
    async with counted(context, f"password {session.member_id}"):
        await accounts.change_password(context, session.email, old, new)
    return await renew(context, session, token)


@asynccontextmanager
async def counted(context: Context, what: str, most: int | None = None, *, forget: bool = True) -> AsyncIterator[None]:
    """A try at what may be tried `most` times, by default 20: TooManyTries. A success makes the others forgotten."""
    who = hashlib.sha256(what.lower().encode(errors="surrogateescape")).digest()
    async with context.database.transaction() as connection:
        tries, wait = await sessions.attempted(connection, who, WINDOW)
    if tries > (most or MOST_TRIES):
        raise TooManyTries(wait)
    yield
    if forget:
        async with context.database.transaction() as connection:
            await sessions.succeeded(connection, who)


def _seal(context: Context, email: str, nonce: str) -> str:
    text = f"mark {nonce} {email.strip().lower()}"
    return hmac.new(context.ids.key, text.encode(errors="surrogateescape"), hashlib.sha256).hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
