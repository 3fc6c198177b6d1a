"""Organizations, their members, and what programs sign in with: API keys and feeds' credentials.

Secrets that we make are at least 160 random bits, shown once and kept as SHA-256: guessing is hopeless, so a slow hash
would only slow down every request. Passwords, which people choose, are kept as Argon2.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TypeVar, TypeVarTuple

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from sendtrail.domain.contacts import contact_link
from sendtrail.domain.problems import Conflict, Invalid, NotFound, Unauthorized
from sendtrail.domain.roles import ROLES, rights_of, widened
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.vendor_secrets import checked_vendor, checked_webhook_secret
from sendtrail.store import audit, credentials, members, organizations, roles, system
from sendtrail.store.database import Connection
from sendtrail.store.system import Person as Person
from sendtrail.store.system import notes, tokens

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
MIN_PASSWORD = 8
"""NIST SP 800-63B's floor for a password that a person chooses; longer ones are theirs to choose."""
MAX_PASSWORD = 1024
"""Characters: hashing costs time, which a huge password could waste."""
MAX_NAME = 200
_MAX_EMAIL = 254
_PART = r"""[^\s@\x00-\x1f\x7f()<>\[\],;:\\"]+"""
"""Without what RFC 5322 lets mean something else than a letter: the mailbox is to be the one that is read."""
_EMAIL = re.compile(f"{_PART}@{_PART}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
SECRET_BYTES = 24
HASHES_AT_ONCE = 4
"""Each takes 64 MiB and a tenth of a second; whoever floods the sign-in waits in line and leaves the rest alone."""
_hasher = PasswordHasher()
_hashing = ThreadPoolExecutor(HASHES_AT_ONCE, "passwords")


class Organization(msgspec.Struct, frozen=True):
    """The organization as its own people and keys see it. `time_zone`: an IANA name; `currency`: three letters;
    `support_contact`: an e-mail address, a telephone number or a page, empty where not given."""

    name: str
    time_zone: str
    currency: str
    support_contact: str

    @property
    def support_link(self) -> str:
        """Where a link to the support contact leads."""
        return contact_link(self.support_contact)


@dataclass(frozen=True, slots=True)
class Membership:
    """An organization that a member belongs to."""

    organization_id: int
    organization: str
    role: str


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who signed in."""

    id: int
    email: str
    name: str
    memberships: tuple[Membership, ...]


class Feed(msgspec.Struct, frozen=True):
    """Credentials with which something is pushed, without their password. `vendor`: whose webhooks they take, '' for
    scans and reports; `signed`: whether these are verified by the vendor's secret."""

    id: str
    name: str
    live: bool
    username: str
    created_at: datetime
    revoked_at: datetime | None
    last_heard_at: datetime | None
    vendor: str
    signed: bool


class NewFeed(msgspec.Struct, frozen=True):
    """Credentials with which something is pushed; `password` is told once, a repeated request gets None."""

    id: str
    name: str
    live: bool
    username: str
    password: str | None
    created_at: datetime
    vendor: str


async def add_user(context: Context, email: str, role: str, organization: str, password: str) -> Member:
    """A new member of an organization, which is made if there is none of that name; in one of its own roles or of those
    that come with Sendtrail.

    Invalid names the field; Conflict where they belong to it already. Whoever has an account keeps it and its password,
    which must then be given.
    """
    email = checked_email(email)
    name = checked_name(organization, "organization")
    async with context.database.snapshot() as connection:
        known = await system.member_by_email(connection, email)
    if known and not await _aside(_matches, known.password_hash, _normal(password)[:MAX_PASSWORD]):
        raise Conflict(f"email {email} has an account already, with another password: give that one", "email")
    password_hash = known.password_hash if known else await hashed(checked_password(password, email))
    async with context.database.transaction() as connection:
        organization_id = await system.organization_named(connection, name)
        if organization_id is None:
            organization_id = await system.add_organization(connection, name)
        if organization_id is None:  # made by somebody else between the two
            organization_id = await system.organization_named(connection, name)
        assert organization_id is not None  # noqa: S101 — organizations are never deleted
        scope = Scope(organization_id, True, "cli")
        own = await roles.listed(connection, scope)
        if role not in ROLES and role not in own:
            raise Invalid(f"role must be one of {', '.join([*ROLES, *own])}", "role")
        member_id = known.id if known else await system.add_member(connection, email, password_hash)
        if member_id is None or not await members.join(connection, scope, member_id, role):
            raise Conflict(f"email {email} is a member's already", "email")
        await audit.note(connection, scope, "member.joined", email, role=role)
    return Member(member_id, email, "", (Membership(organization_id, name, role),))


async def sign_in(context: Context, email: str, password: str) -> Member:
    """Who has this address and password; Unauthorized does not say which of the two is wrong, nor how long it took."""
    async with context.database.snapshot() as connection:
        found = None if "\0" in email else await system.member_by_email(connection, email.strip().lower())
    known_hash = found.password_hash if found else await _aside(_nobodys_hash)
    right = await _aside(_matches, known_hash, _normal(password)[:MAX_PASSWORD])
    if found is None or not right:
        async with context.database.transaction() as connection:
            await notes.put_soon(connection, found.id if found else 0, "somebody", "account.refused")
        raise Unauthorized("the e-mail address or the password is wrong")
    if _hasher.check_needs_rehash(known_hash):
        new_hash = await _aside(_hasher.hash, _normal(password))
        async with context.database.transaction() as connection:
            await system.replace_password(connection, found.id, new_hash)
    return Member(found.id, found.email, found.name, tuple(Membership(*row) for row in found.memberships))


async def scope_of_member(context: Context, member_id: int, organization_id: int, live: bool) -> Scope | None:
    """The reach of somebody who signed in before; None where they no longer belong to the organization.

    A role that nobody knows any more may do nothing.
    """
    scope = Scope(organization_id, live, f"member:{member_id}", rights={}, member_id=member_id)
    async with context.database.snapshot() as connection:
        found = await members.standing(connection, scope, member_id)
    if found is None:
        return None
    rights = rights_of(found.rights) if found.rights is not None else ROLES.get(found.role, {})
    return replace(scope, rights=widened(rights) if found.whole else rights, teams=found.teams)


async def hashed(password: str) -> str:
    """A checked password as it is kept."""
    return await _aside(_hasher.hash, password)


async def change_password(context: Context, email: str, old: str, new: str) -> None:
    """A new password for who knows the old one. Invalid names `old_password` or `password`."""
    new_hash = await hashed(checked_password(new, email))
    async with context.database.snapshot() as connection:
        found = await system.member_by_email(connection, email)
    if found is None or not await _aside(_matches, found.password_hash, _normal(old)[:MAX_PASSWORD]):
        raise Invalid("old_password is not the password of this account", "old_password")
    async with context.database.transaction() as connection:
        await system.replace_password(connection, found.id, new_hash)
        await tokens.void_resets(connection, found.id)
        await notes.put(connection, found.id, f"member:{found.id}", "account.password_changed")


async def person(context: Context, member_id: int) -> Person:
    """Somebody signed in, with the organizations that they can look at; LookupError for a number that is nobody's."""
    async with context.database.snapshot() as connection:
        found = await system.person(connection, member_id)
    if found is None:
        raise LookupError(f"no member {member_id}")
    return found


async def organization(context: Context, scope: Scope) -> Organization:
    """The organization of the scope."""
    async with context.database.snapshot() as connection:
        return Organization(*await organizations.get(connection, scope))


async def scope_of_organization(context: Context, name: str, live: bool) -> Scope:
    """The reach of the command line into an organization given by name; NotFound."""
    async with context.database.snapshot() as connection:
        organization_id = None if "\0" in name else await system.organization_named(connection, name.strip())
    if organization_id is None:
        raise NotFound(f"there is no organization {name[:60]!a}", "organization")
    return Scope(organization_id, live, "cli")


async def add_feed(
    context: Context, scope: Scope, name: str, *, vendor: str = "", secret: str = "", request: Request | None = None
) -> NewFeed:
    """New credentials with which scans are pushed for the organization, in the scope's mode, or the webhooks of a
    `vendor`, verified by its `secret` where one is given."""
    name, vendor = checked_name(name, "name"), checked_vendor(vendor)
    secret = checked_webhook_secret(vendor, secret)
    username = f"feed_{secrets.token_hex(6)}"
    password = secrets.token_hex(SECRET_BYTES)

    async def act(connection: Connection) -> bytes:
        number, created_at = await credentials.add(
            connection, scope, name, username, digest_of(password), vendor, secret
        )
        await audit.note(connection, scope, "feed.added", name)
        feed = NewFeed(context.ids.encode("feed", number), name, scope.live, username, None, created_at, vendor)
        return msgspec.json.encode(feed)  # what is kept for a repeat must not hold the password

    feed = msgspec.json.decode(await once(context, scope, request, act), type=NewFeed)
    return msgspec.structs.replace(feed, password=password) if feed.username == username else feed


async def list_feeds(context: Context, scope: Scope) -> list[Feed]:
    """The organization's credentials of the scope's mode, revoked ones too, newest first."""
    async with context.database.snapshot() as connection:
        rows = await credentials.listed(connection, scope)
    return [
        Feed(
            context.ids.encode("feed", row.id),
            row.name,
            scope.live,
            row.username,
            row.created_at,
            row.revoked_at,
            row.last_heard_at,
            row.vendor,
            row.signed,
        )
        for row in rows
    ]


async def change_secret(context: Context, scope: Scope, feed_id: str, secret: str) -> Feed:
    """Verify a vendor's webhooks by this secret from now on, by none if it is ''; the credentials as they are then.

    NotFound where the scope has none of that id, or revoked ones; Invalid names `secret`.
    """
    number = number_of(context, "feed", feed_id)
    async with context.database.transaction() as connection:
        vendor = await credentials.vendor_of(connection, scope, number)
        if vendor is None:
            raise NotFound(f"no feed {feed_id[:60]!a}", "id")
        await credentials.change_secret(connection, scope, number, checked_webhook_secret(vendor, secret))
        await audit.note(connection, scope, "feed.secret_changed", feed_id)
    return next(feed for feed in await list_feeds(context, scope) if feed.id == context.ids.encode("feed", number))


async def revoke_feed(context: Context, scope: Scope, feed_id: str) -> None:
    """From now on nothing can be pushed with these credentials; NotFound where the scope has none of that id."""
    number = number_of(context, "feed", feed_id)
    async with context.database.transaction() as connection:
        if not await credentials.revoke(connection, scope, number):
            raise NotFound(f"no feed {feed_id[:60]!a}", "id")
        await audit.note(connection, scope, "feed.revoked", feed_id)


async def scope_of_feed(context: Context, username: str, password: str) -> tuple[Scope, int] | None:
    """What a push of scans with these credentials reaches, an agency's clients included, and the feed's number; None
    for others, a vendor's too."""
    async with context.database.snapshot() as connection:
        row = None if "\0" in username else await system.credential_by_username(connection, username)
        if row is None or row.vendor or not hmac.compare_digest(row.password_digest, digest_of(password)):
            return None
        scope = Scope(row.organization_id, row.live, f"feed:{row.id}")
        clients = await organizations.clients(connection, scope)
    return Scope(row.organization_id, row.live, f"feed:{row.id}", clients), row.id


def checked_email(text: str) -> str:
    email = text.strip().lower()
    if len(email) > _MAX_EMAIL or not _EMAIL.fullmatch(email):
        raise Invalid(f"email {text[:60]!a} must look like name@example.com", "email")
    return email


def checked_name(text: str, param: str) -> str:
    name = text.strip()
    if not 0 < len(name) <= MAX_NAME or _CONTROLS.search(name):
        raise Invalid(f"{param} must be 1 to {MAX_NAME} characters on one line", param)
    return name


def checked_password(password: str, email: str) -> str:
    password = _normal(password)
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(f"password must be {MIN_PASSWORD} to {MAX_PASSWORD} characters", "password")
    if password.lower() == email:
        raise Invalid("password must not be the e-mail address", "password")
    return password


def _normal(password: str) -> str:
    """The same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


async def _aside(work: Callable[[*Ts], T], *given: *Ts) -> T:
    """What takes long and much memory, apart from all else that waits for a thread."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, work, *given)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """Checked in place of an unknown address's, so that both take the same time."""
    return _hasher.hash(secrets.token_hex(16))


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def number_of(context: Context, kind: str, public_id: str) -> int:
    try:
        prefix, number = context.ids.decode(public_id)
    except ValueError:
        prefix, number = "", 0
    if prefix != kind:
        raise NotFound(f"no {kind} {public_id[:60]!a}", "id")
    return number
