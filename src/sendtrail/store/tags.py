"""Tags of many sends at once."""

from collections.abc import Sequence

from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("tags.sql")


async def spelled(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> list[str]:
    """All tags that these sends have."""
    query = reaching(_SQL["spelled"], scope, Permission.SENDS_WRITE)
    cursor = await connection.execute(query, {**within(scope), "send_ids": list(send_ids)})
    return [row[0] async for row in cursor]


async def add(
    connection: Connection, scope: Scope, send_ids: Sequence[int], tag: str, mark: str, alike: Sequence[str], most: int
) -> int:
    """Give sends a tag, unless they have one that is spelled `alike`, or `most`; how many got it.

    `mark`: the term by which it is found.
    """
    given = {"send_ids": list(send_ids), "tag": tag, "mark": mark, "spelled": [tag, *alike], "most": most}
    return await _changed(connection, scope, "add", given)


async def remove(connection: Connection, scope: Scope, send_ids: Sequence[int], mark: str, alike: Sequence[str]) -> int:
    """Take the tags `alike`, which are found by `mark`, from sends; from how many."""
    given: dict[str, object] = {"send_ids": list(send_ids), "mark": mark, "spelled": list(alike)}
    return await _changed(connection, scope, "remove", given)


async def _changed(connection: Connection, scope: Scope, statement: str, given: dict[str, object]) -> int:
    query = reaching(_SQL[statement], scope, Permission.SENDS_WRITE)
    cursor = await connection.execute(query, {**within(scope), **given})
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
