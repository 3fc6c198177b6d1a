"""Funding sources: money of the organization, of a team, of a person, that sends are charged to."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

from psycopg.errors import UniqueViolation

from sendtrail.domain.money import EntryType
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("funds.sql")


class FundRow(NamedTuple):
    """`team_id`, `owner_id`: 0 where it is no team's, or no member's; without either it is the organization's.

    `main`: pays for whatever no other does. `never_below_zero`: what it cannot pay for is refused.
    """

    id: int
    name: str
    currency: str
    team_id: int
    team: str
    owner_id: int
    owner_email: str
    owner_name: str
    main: bool
    never_below_zero: bool
    created_at: datetime
    closed_at: datetime | None


async def listed(connection: Connection, scope: Scope) -> list[FundRow]:
    """Those whose money the scope may see, the closed ones last; of the others first the main one."""
    query = reaching(_telling(_SQL["listed"]), scope, Permission.MONEY_READ)
    return await _rows(connection, query, within(scope))


async def to_charge(connection: Connection, scope: Scope) -> list[FundRow]:
    """All open ones of the organization, whoever may see them, the oldest first."""
    return await _rows(connection, _telling(_SQL["open"]), within(scope))


async def hold(connection: Connection, scope: Scope, ids: Sequence[int]) -> None:
    """Let nobody else ask what is `left` in these until the transaction ends, in the order of their numbers."""
    await connection.execute(_SQL["hold"], {**within(scope), "ids": list(ids)})


async def left(connection: Connection, scope: Scope, ids: Sequence[int]) -> dict[int, int]:
    """Cents in each of these funds; none for one that nothing was ever booked in."""
    cursor = await connection.execute(_SQL["left"], {**within(scope), "ids": list(ids)})
    return {fund_id: cents async for fund_id, cents in cursor}


async def by_type(connection: Connection, scope: Scope, ids: Sequence[int]) -> dict[int, dict[EntryType, int]]:
    """`left`, divided by what brought or took it."""
    cursor = await connection.execute(_SQL["by_fund"], {**within(scope), "ids": list(ids)})
    found: dict[int, dict[EntryType, int]] = {}
    async for fund_id, type_, cents in cursor:
        found.setdefault(fund_id, {})[EntryType(type_)] = cents
    return found


async def totals(connection: Connection, scope: Scope, currency: str) -> dict[EntryType, int]:
    """Cents of the whole organization by type, in all its funds; those of another currency are left out."""
    cursor = await connection.execute(_SQL["totals"], {**within(scope), "currency": currency})
    return {EntryType(type_): cents async for type_, cents in cursor}


async def add(
    connection: Connection, scope: Scope, name: str, team_id: int, owner_id: int, *, never_below_zero: bool
) -> FundRow | None:
    """A new fund in the organization's currency; None where an open one has its name."""
    values = {"name": name, "team_id": team_id, "owner_id": owner_id, "never_below_zero": never_below_zero}
    rows = await _rows(connection, _telling(_SQL["add"]), {**within(scope), **values})
    return rows[0] if rows else None


async def change(
    connection: Connection, scope: Scope, fund_id: int, name: str, *, never_below_zero: bool
) -> FundRow | None:
    """Call a fund otherwise, or let it refuse; None where an open one has its name."""
    values = {"id": fund_id, "name": name, "never_below_zero": never_below_zero}
    try:
        async with connection.transaction():
            rows = await _rows(connection, _telling(_SQL["change"]), {**within(scope), **values})
    except UniqueViolation:
        return None
    return rows[0] if rows else None


async def close(connection: Connection, scope: Scope, fund_id: int) -> FundRow | None:
    """Let nothing be charged to a fund any more; None where it is closed already, or the main one."""
    rows = await _rows(connection, _telling(_SQL["close"]), {**within(scope), "id": fund_id})
    return rows[0] if rows else None


async def _rows(connection: Connection, query: LiteralString, values: dict[str, object]) -> list[FundRow]:
    cursor = await connection.execute(query, values)
    return [FundRow(*row) async for row in cursor]


def _telling(query: LiteralString) -> LiteralString:
    for part in ("columns", "names"):
        query = query.replace("/* " + part + " */", _SQL[part].strip())
    return query
