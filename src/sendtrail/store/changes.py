"""What people change of sends that were made: each send is held while they do, and who they are is told."""

from collections.abc import Sequence
from typing import NamedTuple

from sendtrail.domain.events import Kind
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.trail import Status, status_of_best
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("changes.sql")


class Held(NamedTuple):
    """A send that nothing changes until the transaction ends."""

    kind: Kind
    status: Status


async def hold(
    connection: Connection, scope: Scope, send_ids: Sequence[int], permission: Permission
) -> dict[int, Held]:
    """Those of the sends with which the scope may do what `permission` says, in the order of their numbers.

    `ingest.take_part` comes first, or two transactions could wait for each other in a ring.
    """
    query = reaching(_SQL["hold"], scope, permission)
    cursor = await connection.execute(query, {**within(scope), "send_ids": list(send_ids)})
    return {send_id: Held(Kind(kind), status_of_best(best)) async for send_id, kind, best in cursor}


async def actor_name(connection: Connection, scope: Scope) -> str:
    """A member's e-mail address, or `API key` with its name; empty for parts of the program."""
    cursor = await connection.execute(_SQL["actor"], {"actor": scope.actor})
    row = await cursor.fetchone()
    return str(row[0]) if row else ""
