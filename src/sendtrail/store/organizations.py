"""Organizations as their own members and keys see them."""

from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


class OrganizationRow(NamedTuple):
    """`time_zone`: an IANA name; `currency`: three letters."""

    name: str
    time_zone: str
    currency: str


async def get(connection: Connection, scope: Scope) -> OrganizationRow:
    """The organization of the scope; LookupError where there is none."""
    cursor = await connection.execute(
        "select name, time_zone, currency from organization where id = %(id)s", {"id": scope.organization_id}
    )
    row = await cursor.fetchone()
    if row is None:
        raise LookupError(f"no organization {scope.organization_id}")
    return OrganizationRow(*row)


async def clients(connection: Connection, scope: Scope) -> tuple[int, ...]:
    """The numbers of an agency's client organizations."""
    cursor = await connection.execute(
        "select id from organization where parent_id = %(id)s order by id", {"id": scope.organization_id}
    )
    return tuple([row[0] async for row in cursor])


async def lock(connection: Connection, scope: Scope) -> None:
    """One writer at a time on what the organization owns in small numbers, until the transaction ends."""
    await connection.execute(
        "select from organization where id = %(id)s for no key update", {"id": scope.organization_id}
    )
