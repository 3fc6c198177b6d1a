"""Destinations: the hosts to which an organization's links may lead; and how long its visitors' addresses are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements

_SQL = statements("destinations.sql")


class DestinationRow(NamedTuple):
    """A host, with its port where it is not the usual one."""

    host: str
    created_at: datetime


class Led(NamedTuple):
    """What leads to a host: campaigns by name, and which of them are deleted; how many links by themselves that still
    lead, and the newest of these; how many trackers."""

    campaigns: list[str]
    deleted: list[str]
    links: int
    newest: list[int]
    trackers: int


async def listed(connection: Connection, scope: Scope) -> list[DestinationRow]:
    """The organization's destinations, by host."""
    cursor = await connection.execute(_SQL["listed"], {"organization_id": scope.organization_id})
    return [DestinationRow(*row) async for row in cursor]


async def add(connection: Connection, scope: Scope, host: str) -> DestinationRow | None:
    """Allow a host; None where it is allowed already."""
    cursor = await connection.execute(_SQL["add"], {"organization_id": scope.organization_id, "host": host})
    row = await cursor.fetchone()
    return DestinationRow(*row) if row else None


async def held(connection: Connection, scope: Scope) -> list[str]:
    """The hosts, none of which goes before the transaction ends."""
    cursor = await connection.execute(_SQL["held"], {"organization_id": scope.organization_id})
    return [host async for (host,) in cursor]


async def hold(connection: Connection, scope: Scope, host: str) -> bool:
    """Whether there is this host; until the transaction ends nobody begins to lead there."""
    cursor = await connection.execute(_SQL["hold"], {"organization_id": scope.organization_id, "host": host})
    return await cursor.fetchone() is not None


async def led(connection: Connection, scope: Scope, host: str, most: int) -> Led:
    """What leads to a host, in either mode; of links by themselves at most `most` by number."""
    values = {"organization_id": scope.organization_id, "host": host, "most": most}
    cursor = await connection.execute(_SQL["led"], values)
    found: Sequence[tuple[str | None, bool, int, list[int] | None, int]] = await cursor.fetchall()
    return Led(
        [name for name, *_ in found if name is not None],
        [name for name, deleted, *_ in found if name is not None and deleted],
        sum(n for _, _, n, _, _ in found),
        [number for _, _, _, numbers, _ in found for number in numbers or ()],
        sum(trackers for *_, trackers in found),
    )


async def remove(connection: Connection, scope: Scope, host: str) -> None:
    """Allow a host no longer."""
    await connection.execute(_SQL["remove"], {"organization_id": scope.organization_id, "host": host})


async def address_days(connection: Connection, scope: Scope) -> int:
    """For how many days visitors' addresses are kept; 0: never."""
    cursor = await connection.execute(_SQL["address_days"], {"organization_id": scope.organization_id})
    ((days,),) = await cursor.fetchall()
    return int(days)


async def keep_addresses(connection: Connection, scope: Scope, days: int) -> bool:
    """Keep visitors' addresses for so many days from now on and erase what is older; False where that is so already."""
    values = {"organization_id": scope.organization_id, "days": days}
    cursor = await connection.execute(_SQL["keep_addresses"], values)
    changed = cursor.rowcount > 0
    if changed:
        await connection.execute(_SQL["forget_addresses"], values)
    return changed
