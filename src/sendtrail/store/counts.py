"""How many sends stand where, and what they cost: read from the totals that the pipeline keeps."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements

_SQL = statements("counts.sql")


class DayRow(NamedTuple):
    """The sends of one day in one status; `status` is `best & packing.STATUS_MASK`."""

    day: date
    status: int
    n: int
    cost_cents: int


async def days(
    connection: Connection, scope: Scope, start: date, end: date, sector: str, gifts: Collection[int], currency: str
) -> list[DayRow]:
    """The days of a period, inclusive, by status. `sector` as in DESIGN or `all`; `gifts`: the kinds of that sector."""
    cursor = await connection.execute(
        _SQL["days"].replace("/* sector */", _SQL[sector]),
        {
            "organization_id": scope.organization_id,
            "live": scope.live,
            "start": start,
            "end": end,
            "gifts": [int(kind) for kind in gifts],
            "currency": currency,
        },
        prepare=False,  # a plan for any period would be a poor one for this
    )
    return [DayRow(*row) async for row in cursor]


async def spent(connection: Connection, scope: Scope, currency: str) -> dict[int, int]:
    """Cents by status, of all sends ever."""
    cursor = await connection.execute(
        _SQL["spent"], {"organization_id": scope.organization_id, "live": scope.live, "currency": currency}
    )
    return {status: cents async for status, cents in cursor}


async def deposited(connection: Connection, scope: Scope, currency: str) -> int:
    """Cents paid in, ever; none in test mode."""
    cursor = await connection.execute(
        _SQL["deposited"], {"organization_id": scope.organization_id, "live": scope.live, "currency": currency}
    )
    row = await cursor.fetchone()
    return row[0] if row else 0
