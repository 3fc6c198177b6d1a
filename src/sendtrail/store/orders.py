"""Lists of the sends of one kind, in the order in which they were made."""

from sendtrail.domain.events import Kind
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("orders.sql")


async def page(connection: Connection, scope: Scope, kind: Kind, skip: int, limit: int) -> list[int]:
    """The numbers of at most `limit` sends of a kind, the newest first, after `skip` others."""
    await connection.execute(_SQL["pin"])
    query = reaching(_SQL["page"], scope, Permission.SENDS_READ)
    cursor = await connection.execute(query, {**within(scope), "kind": kind, "skip": skip, "limit": limit})
    return [row[0] async for row in cursor]
