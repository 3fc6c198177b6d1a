"""API keys. Only a digest of each is kept: the key itself is shown once."""

from datetime import date, datetime
from typing import NamedTuple

from psycopg.types.json import Jsonb

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


class KeyRow(NamedTuple):
    id: int
    name: str
    hint: str
    created_at: datetime
    last_used_on: date | None
    revoked_at: datetime | None
    rights: dict[str, str] | None
    agency: bool
    made_by: str
    """The e-mail address of the member who made it; '' where a command or another key did."""
    orphaned: bool
    """Whoever made it is no member any more."""


async def add(
    connection: Connection,
    scope: Scope,
    name: str,
    hint: str,
    digest: bytes,
    rights: dict[str, str] | None = None,
    agency: bool = False,
) -> tuple[int, datetime]:
    """Keep a key of the scope's mode; its number, and when it was made. `rights` None: it may do everything."""
    cursor = await connection.execute(
        "insert into api_key (organization_id, live, name, hint, digest, rights, agency, made_by)"
        " values (%(organization_id)s, %(live)s, %(name)s, %(hint)s, %(digest)s, %(rights)s, %(agency)s, %(actor)s)"
        " returning id, created_at",
        {
            **_within(scope),
            "name": name,
            "hint": hint,
            "digest": digest,
            "rights": None if rights is None else Jsonb(rights),
            "agency": agency,
            "actor": scope.actor,
        },
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 — an insert returns its row
    return int(row[0]), row[1]


async def listed(connection: Connection, scope: Scope) -> list[KeyRow]:
    """The organization's keys of the scope's mode, revoked ones too, newest first."""
    cursor = await connection.execute(
        "select api_key.id, api_key.name, hint, api_key.created_at, last_used_on, revoked_at, rights, agency,"
        "       coalesce(member.email, ''), member.id is not null and membership.member_id is null"
        "  from api_key"
        "  left join member on made_by = 'member:' || member.id"
        "  left join membership on membership.member_id = member.id"
        "       and membership.organization_id = api_key.organization_id"
        " where api_key.organization_id = %(organization_id)s and live = %(live)s order by api_key.id desc",
        _within(scope),
    )
    return [KeyRow(*row) async for row in cursor]


async def touch(connection: Connection, scope: Scope, key_id: int) -> None:
    """Note that a key is used today (UTC); writes once a day."""
    await connection.execute(
        "update api_key set last_used_on = (now() at time zone 'UTC')::date"
        " where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s"
        " and last_used_on is distinct from (now() at time zone 'UTC')::date",
        {**_within(scope), "id": key_id},
    )


async def revoke(connection: Connection, scope: Scope, key_id: int) -> bool:
    """Whether there was such a key; one revoked before keeps its date."""
    cursor = await connection.execute(
        "update api_key set revoked_at = coalesce(revoked_at, now())"
        " where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s",
        {**_within(scope), "id": key_id},
    )
    return cursor.rowcount == 1


def _within(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
