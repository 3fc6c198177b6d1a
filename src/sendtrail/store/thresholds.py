"""How long an organization waits before something is said or presumed; only what it has changed is kept."""

from collections.abc import Collection, Mapping

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


async def own(connection: Connection, scope: Scope) -> dict[str, int]:
    """What the organization has set, by name."""
    cursor = await connection.execute(
        "select name, value from threshold where organization_id = %(organization_id)s",
        {"organization_id": scope.organization_id},
    )
    return {name: value async for name, value in cursor}


async def put(connection: Connection, scope: Scope, values: Mapping[str, int]) -> None:
    """Set some of them."""
    await connection.execute(
        "insert into threshold (organization_id, name, value)"
        " select %(organization_id)s, name, value"
        "   from unnest(%(names)s::text[], %(values)s::bigint[]) given (name, value) order by name"
        " on conflict (organization_id, name) do update set value = excluded.value",
        {"organization_id": scope.organization_id, "names": list(values), "values": list(values.values())},
    )


async def remove(connection: Connection, scope: Scope, names: Collection[str]) -> None:
    """Go back to the defaults of some of them."""
    await connection.execute(
        "delete from threshold where organization_id = %(organization_id)s and name = any (%(names)s)",
        {"organization_id": scope.organization_id, "names": list(names)},
    )
