"""Roles of an organization's own, beside those that come with Sendtrail."""

from psycopg.types.json import Jsonb

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


async def listed(connection: Connection, scope: Scope) -> dict[str, dict[str, str]]:
    """Names and rights, by name."""
    cursor = await connection.execute(
        "select name, rights from role where organization_id = %(organization_id)s order by lower(name)",
        {"organization_id": scope.organization_id},
    )
    return {name: rights async for name, rights in cursor}


async def put(connection: Connection, scope: Scope, name: str, rights: dict[str, str]) -> None:
    """Keep a role, or change what it may do."""
    await connection.execute(
        "insert into role (organization_id, name, rights) values (%(organization_id)s, %(name)s, %(rights)s)"
        " on conflict (organization_id, name) do update set rights = excluded.rights",
        {"organization_id": scope.organization_id, "name": name, "rights": Jsonb(rights)},
    )


async def remove(connection: Connection, scope: Scope, name: str) -> bool:
    """Whether there was such a role, which nobody has and nobody is invited to; else it stays."""
    cursor = await connection.execute(
        "delete from role where organization_id = %(organization_id)s and name = %(name)s"
        " and not exists (select from membership where organization_id = %(organization_id)s and role = %(name)s)"
        " and not exists (select from invitation where organization_id = %(organization_id)s and role = %(name)s)",
        {"organization_id": scope.organization_id, "name": name},
    )
    return cursor.rowcount == 1
