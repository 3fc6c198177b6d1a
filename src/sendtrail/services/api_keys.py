"""API keys: what programs sign in with. Each belongs to one organization and mode, may do all or some of what members
may, and is shown once."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from sendtrail.domain.problems import Forbidden, Invalid, NotFound
from sendtrail.domain.roles import EVERYTHING, READING, Reach, covers, rights_of, words_of
from sendtrail.domain.scope import Scope
from sendtrail.services.accounts import SECRET_BYTES, checked_name, digest_of, number_of, scope_of_organization
from sendtrail.services.context import Context
from sendtrail.services.gathering import gathered
from sendtrail.services.idempotency import Request, once
from sendtrail.store import audit, keys, organizations, system
from sendtrail.store.database import Connection

_HINT = 12


class Key(msgspec.Struct, frozen=True):
    """An API key without its secret. `hint`: its first letters; `last_used_on`: a day in UTC.

    `rights`: permissions and how far they reach, null for everything; `agency`: it may speak for the organization's
    clients too. `made_by`: the member's e-mail address, empty where a command or another key made it; `orphaned`: they
    are no member any more, but the key goes on.
    """

    id: str
    name: str
    live: bool
    hint: str
    created_at: datetime
    last_used_on: date | None
    revoked_at: datetime | None
    rights: dict[str, str] | None
    agency: bool
    made_by: str
    orphaned: bool


class NewKey(msgspec.Struct, frozen=True):
    """A key that was made; `key` is told once, a repeated request gets null."""

    id: str
    name: str
    live: bool
    hint: str
    key: str | None
    created_at: datetime
    rights: dict[str, str] | None
    agency: bool


async def make(
    context: Context,
    scope: Scope,
    name: str,
    words: Mapping[str, str] | None = None,
    agency: bool = False,
    *,
    request: Request | None = None,
) -> NewKey:
    """A new key of the scope's organization and mode. `words`: permissions and how far they reach; None: everything.

    Invalid names `name`, `rights` or `agency`; Forbidden for more than one has oneself.
    """
    name = checked_name(name, "name")
    rights = None if words is None else rights_of(words)
    if rights is not None and not rights:
        raise Invalid("rights: choose at least one", "rights")
    if narrow := [permission for permission, reach in (rights or {}).items() if reach is not Reach.ORGANIZATION]:
        raise Invalid(f"rights: a key is no member and has no team: {narrow[0]} must reach organization", "rights")
    if not covers(scope.rights, EVERYTHING if rights is None else rights):
        raise Forbidden("you cannot make a key that may do more than you may")
    key = f"st_{'live' if scope.live else 'test'}_{secrets.token_hex(SECRET_BYTES)}"
    told = None if rights is None else words_of(rights)
    fresh = False

    async def act(connection: Connection) -> bytes:
        nonlocal fresh
        fresh = True
        if agency and await organizations.is_client(connection, scope):
            raise Invalid("agency: this organization is a client itself", "agency")
        if agency and not await reaches_clients(connection, scope):
            raise Forbidden("only an admin, or a key that speaks for clients itself, can make one that does")
        number, created_at = await keys.add(connection, scope, name, key[:_HINT], digest_of(key), told, agency)
        await audit.note(connection, scope, "key.added", name, begins_with=key[:_HINT], rights=told or "everything")
        made = NewKey(context.ids.encode("key", number), name, scope.live, key[:_HINT], None, created_at, told, agency)
        return msgspec.json.encode(made)  # what is kept for a repeat must not hold the key

    made = msgspec.json.decode(await once(context, scope, request, act), type=NewKey)
    return msgspec.structs.replace(made, key=key) if fresh else made


async def add_key(context: Context, organization: str, live: bool, name: str = "") -> str:
    """A new API key of an organization given by name: `st_live_…` or `st_test_…`. Nobody can show it again."""
    scope = await scope_of_organization(context, organization, live)
    made = await make(context, scope, name or "command line")
    assert made.key is not None  # noqa: S101 — only a repeat has none
    return made.key


async def list_keys(context: Context, scope: Scope) -> list[Key]:
    """The organization's keys of the scope's mode, revoked ones too, newest first."""
    async with context.database.snapshot() as connection:
        rows = await keys.listed(connection, scope)
    return [
        Key(
            context.ids.encode("key", row.id),
            row.name,
            scope.live,
            row.hint,
            row.created_at,
            row.last_used_on,
            row.revoked_at,
            row.rights,
            row.agency,
            row.made_by,
            row.orphaned,
        )
        for row in rows
    ]


async def revoke_key(context: Context, scope: Scope, key_id: str) -> None:
    """From now on the key opens nothing. NotFound where the scope has none of that id; Forbidden for one that may do
    more than one may oneself."""
    number = number_of(context, "key", key_id)
    async with context.database.transaction() as connection:
        row = next((row for row in await keys.listed(connection, scope) if row.id == number), None)
        if row is None:
            raise NotFound(f"no key {key_id[:60]!a}", "id")
        if not covers(scope.rights, EVERYTHING if row.rights is None else rights_of(row.rights)):
            raise Forbidden("you cannot revoke a key that may do more than you may")
        await keys.revoke(connection, scope, number)
        await audit.note(connection, scope, "key.revoked", row.name)


async def scope_of_key(context: Context, key: str, client: str = "") -> Scope | None:
    """What an API key reaches; None for one that we did not make or that was revoked. Notes its use, once a day.

    `client`: the id of a client organization for which an agency's key speaks this time; Forbidden for a key that may
    not, NotFound for an organization that is no client.
    """
    row = await gathered(context, _keys, "", digest_of(key))
    if row is None:
        return None
    rights = EVERYTHING if row.rights is None else rights_of(row.rights)
    scope = Scope(row.organization_id, row.live, f"key:{row.id}", rights=rights)
    if row.idle:
        async with context.database.transaction() as connection:
            await keys.touch(connection, scope, row.id)
    if not client:
        return scope
    if not row.agency:
        raise Forbidden("this key speaks for its own organization only: leave Sendtrail-Organization out")
    number = number_of(context, "organization", client)
    async with context.database.snapshot() as connection:
        if number not in await organizations.clients(connection, scope):
            raise NotFound(f"no client organization {client[:60]!a}", "Sendtrail-Organization")
    return Scope(number, row.live, scope.actor, rights=rights)


async def _keys(context: Context, _: str, digests: Sequence[bytes]) -> list[system.KeyRow | None]:
    """What is known of keys, each by its digest. Asked anew each time: what was revoked opens nothing."""
    async with context.database.glance() as connection:
        rows = await system.keys_by_digest(connection, sorted(set(digests)))
    return [rows.get(digest) for digest in digests]


async def is_agency(context: Context, scope: Scope) -> bool:
    """Whether the key that asks may speak for clients of its organization, and does not do so already."""
    async with context.database.snapshot() as connection:
        return await _is_agency(connection, scope)


def read_only() -> dict[str, str]:
    """The rights of a key that changes nothing."""
    return words_of(READING)


async def _is_agency(connection: Connection, scope: Scope) -> bool:
    rows = await keys.listed(connection, scope)
    return any(row.agency and scope.actor == f"key:{row.id}" for row in rows)


async def reaches_clients(connection: Connection, scope: Scope) -> bool:
    """Of members, the admins reach the clients; of keys, those that were made to."""
    if scope.actor.startswith("key:"):
        return await _is_agency(connection, scope)
    return covers(scope.rights, EVERYTHING)
