"""Who belongs to an organization. Members themselves belong to none: `store.system` finds them at sign-in."""

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


async def join(connection: Connection, scope: Scope, member_id: int, role: str) -> None:
    """Make a member part of the organization."""
    await connection.execute(
        "insert into membership (organization_id, member_id, role)"
        " values (%(organization_id)s, %(member_id)s, %(role)s)",
        {"organization_id": scope.organization_id, "member_id": member_id, "role": role},
    )


async def role(connection: Connection, scope: Scope, member_id: int) -> str | None:
    """The member's role in the organization, None for a stranger."""
    cursor = await connection.execute(
        "select role from membership where organization_id = %(organization_id)s and member_id = %(member_id)s",
        {"organization_id": scope.organization_id, "member_id": member_id},
    )
    row = await cursor.fetchone()
    return row[0] if row else None
