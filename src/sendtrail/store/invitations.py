"""Who is invited to an organization. `store.system.tokens` finds an invitation by the token of its link."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


class InvitationRow(NamedTuple):
    id: int
    email: str
    role: str
    whole: bool
    team_id: int | None
    created_at: datetime
    expires_at: datetime


async def put(
    connection: Connection,
    scope: Scope,
    email: str,
    role: str,
    whole: bool,
    team_id: int | None,
    digest: bytes,
    lifetime: timedelta,
) -> InvitationRow:
    """Invite an address; an earlier invitation of the same one is void."""
    cursor = await connection.execute(
        "insert into invitation (organization_id, email, role, whole, team_id, digest, expires_at)"
        " values (%(organization_id)s, %(email)s, %(role)s, %(whole)s, %(team_id)s, %(digest)s, now() + %(lifetime)s)"
        " on conflict (organization_id, email) do update"
        " set role = excluded.role, whole = excluded.whole, team_id = excluded.team_id, digest = excluded.digest,"
        "     created_at = now(), expires_at = excluded.expires_at"
        " returning id, email, role, whole, team_id, created_at, expires_at",
        {
            "organization_id": scope.organization_id,
            "email": email,
            "role": role,
            "whole": whole,
            "team_id": team_id,
            "digest": digest,
            "lifetime": lifetime,
        },
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 — it is put in any case
    return InvitationRow(*row)


async def listed(connection: Connection, scope: Scope) -> list[InvitationRow]:
    """Open invitations, newest first; those that are over too, until they are withdrawn."""
    cursor = await connection.execute(
        "select id, email, role, whole, team_id, created_at, expires_at from invitation"
        " where organization_id = %(organization_id)s order by id desc",
        {"organization_id": scope.organization_id},
    )
    return [InvitationRow(*row) async for row in cursor]


async def remove(connection: Connection, scope: Scope, invitation_id: int) -> str | None:
    """Withdraw an invitation, or use it up; the address that was invited, None where there is none."""
    cursor = await connection.execute(
        "delete from invitation where organization_id = %(organization_id)s and id = %(id)s returning email",
        {"organization_id": scope.organization_id, "id": invitation_id},
    )
    row = await cursor.fetchone()
    return row[0] if row else None
