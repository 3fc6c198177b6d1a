"""Organizations as their own members and keys see them."""

from typing import NamedTuple

from psycopg.errors import UniqueViolation

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


class OrganizationRow(NamedTuple):
    """`time_zone`: an IANA name; `currency`: three letters; `support_contact`: as `domain.contacts`, or empty."""

    name: str
    time_zone: str
    currency: str
    support_contact: str


async def get(connection: Connection, scope: Scope) -> OrganizationRow:
    """The organization of the scope; LookupError where there is none."""
    cursor = await connection.execute(
        "select name, time_zone, currency, support_contact from organization where id = %(id)s",
        {"id": scope.organization_id},
    )
    row = await cursor.fetchone()
    if row is None:
        raise LookupError(f"no organization {scope.organization_id}")
    return OrganizationRow(*row)


async def put(connection: Connection, scope: Scope, values: OrganizationRow) -> bool:
    """Change what the organization says of itself; False where another one has the name."""
    try:
        async with connection.transaction():
            await connection.execute(
                "update organization set name = %(name)s, time_zone = %(time_zone)s, currency = %(currency)s,"
                " support_contact = %(support_contact)s where id = %(id)s",
                {**values._asdict(), "id": scope.organization_id},
            )
    except UniqueViolation:
        return False
    return True


async def has_money(connection: Connection, scope: Scope) -> bool:
    """Whether a send was made or money was booked: each has its currency for good. In either mode."""
    cursor = await connection.execute(
        "select exists (select from counts where organization_id = %(id)s)"
        " or exists (select from balance where organization_id = %(id)s)"
        " or exists (select from budget where organization_id = %(id)s)",
        {"id": scope.organization_id},
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def clients(connection: Connection, scope: Scope) -> tuple[int, ...]:
    """The numbers of an agency's client organizations."""
    cursor = await connection.execute(
        "select id from organization where parent_id = %(id)s order by id", {"id": scope.organization_id}
    )
    return tuple([row[0] async for row in cursor])


async def clients_named(connection: Connection, scope: Scope) -> list[tuple[int, str]]:
    """Numbers and names of an agency's client organizations, by name."""
    cursor = await connection.execute(
        "select id, name from organization where parent_id = %(id)s order by lower(name)", {"id": scope.organization_id}
    )
    return [(row[0], row[1]) async for row in cursor]


async def add_client(connection: Connection, scope: Scope, name: str) -> int | None:
    """A new client, with the agency's time zone and currency; None where the name is taken."""
    cursor = await connection.execute(
        "insert into organization (parent_id, name, time_zone, currency)"
        " select id, %(name)s, time_zone, currency from organization where id = %(id)s and parent_id is null"
        " on conflict do nothing returning id",
        {"id": scope.organization_id, "name": name},
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def is_client(connection: Connection, scope: Scope) -> bool:
    """Whether the organization is an agency's client."""
    cursor = await connection.execute(
        "select parent_id is not null from organization where id = %(id)s", {"id": scope.organization_id}
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def lock(connection: Connection, scope: Scope) -> None:
    """One writer at a time on what the organization owns in small numbers, until the transaction ends."""
    await connection.execute(
        "select from organization where id = %(id)s for no key update", {"id": scope.organization_id}
    )
