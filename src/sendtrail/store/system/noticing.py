"""What the worker is to look at, in all organizations."""

from datetime import date, datetime
from typing import NamedTuple

from sendtrail.store.database import Connection, statements


class DueCell(NamedTuple):
    """One day's sends of a campaign (0: those without one)."""

    organization_id: int
    live: bool
    created_on: date
    campaign_id: int
    sends: int


async def due_cells(connection: Connection, now: datetime, limit: int) -> list[DueCell]:
    """Cells that changed, or in which something has waited for too long, by organization and mode."""
    cursor = await connection.execute(statements("noticing.sql")["due"], {"now": now, "limit": limit})
    return [DueCell(*row) async for row in cursor]


async def watched(connection: Connection) -> list[tuple[int, bool]]:
    """Numbers and modes of the organizations in which something may need attention."""
    cursor = await connection.execute(statements("noticing.sql")["watched"])
    return [(organization_id, live) async for organization_id, live in cursor]
