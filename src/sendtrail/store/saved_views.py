"""Lists that members keep under a name; each sees their own."""

from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


class SavedViewRow(NamedTuple):
    id: int
    name: str
    query: str


async def listed(connection: Connection, scope: Scope) -> list[SavedViewRow]:
    """By name."""
    cursor = await connection.execute(
        "select id, name, query from saved_view"
        " where organization_id = %(organization_id)s and member_id = %(member_id)s order by lower(name)",
        _of(scope),
    )
    return [SavedViewRow(*row) async for row in cursor]


async def put(connection: Connection, scope: Scope, name: str, query: str) -> None:
    """Keep a list; one of the same name is replaced."""
    await connection.execute(
        "insert into saved_view (organization_id, member_id, name, query)"
        " values (%(organization_id)s, %(member_id)s, %(name)s, %(query)s)"
        " on conflict (organization_id, member_id, name) do update set query = excluded.query",
        {**_of(scope), "name": name, "query": query},
    )


async def remove(connection: Connection, scope: Scope, number: int) -> bool:
    """Whether there was one."""
    cursor = await connection.execute(
        "delete from saved_view"
        " where organization_id = %(organization_id)s and member_id = %(member_id)s and id = %(id)s",
        {**_of(scope), "id": number},
    )
    return cursor.rowcount > 0


def _of(scope: Scope) -> dict[str, int]:
    return {"organization_id": scope.organization_id, "member_id": scope.member_id}
