"""Lists of the sends of one kind, in the order in which they were made, and searches among those that were ordered."""

from collections.abc import Sequence
from typing import LiteralString, NamedTuple

from sendtrail.domain.events import Kind
from sendtrail.domain.roles import Permission, Reach
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


class Sought(NamedTuple):
    """What is searched for: `texts`, all of which an order must hold, and `marks` of what it must name, such as
    `contact:7` or `send:12` for itself."""

    texts: Sequence[str]
    marks: Sequence[str]


async def found(connection: Connection, scope: Scope, kind: Kind, sought: Sought, skip: int, limit: int) -> list[int]:
    """The numbers of at most `limit` orders of a kind that hold what is sought, the newest first, after `skip` others.
    Only sends with a piece: of the others the tracker knows."""
    values = _sought(scope, kind, sought) | {"skip": skip, "limit": limit}
    cursor = await connection.execute(_searching("found", scope), values, prepare=False)
    return [row[0] async for row in cursor]


async def found_count(connection: Connection, scope: Scope, kind: Kind, sought: Sought, most: int) -> int:
    """How many there are that `found` finds, or `most`."""
    values = _sought(scope, kind, sought) | {"most": most}
    cursor = await connection.execute(_searching("found_count", scope), values, prepare=False)
    ((n,),) = await cursor.fetchall()
    return int(n)


async def ordered(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> set[int]:
    """Those of these sends that were ordered with their content. Whether the scope reaches them, who found them
    knows."""
    cursor = await connection.execute(_SQL["ordered"], {**within(scope), "send_ids": list(send_ids)})
    return {row[0] async for row in cursor}


def _searching(name: str, scope: Scope) -> LiteralString:
    return reaching(_SQL[name].replace("/* query */", _SQL["query"]), scope, Permission.SENDS_READ)


def _sought(scope: Scope, kind: Kind, sought: Sought) -> dict[str, object]:
    whose = f"in:{scope.organization_id}:{int(scope.live)}:{int(kind)}"
    return {
        **within(scope),
        "all": scope.may(Permission.SENDS_READ, Reach.ORGANIZATION),
        "texts": list(sought.texts),
        "marks": [whose, *sought.marks],
    }
