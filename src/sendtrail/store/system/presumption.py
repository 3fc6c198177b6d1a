"""Cells of all organizations in which something may have to be presumed now."""

from datetime import date, datetime
from typing import NamedTuple

from sendtrail.store.database import Connection, statements


class DueCell(NamedTuple):
    """One day's sends of a campaign (0: those without one). `times`: tells whether they change meanwhile."""

    organization_id: int
    live: bool
    created_on: date
    campaign_id: int
    times: int
    sends: int


async def due(connection: Connection, now: datetime, limit: int) -> list[DueCell]:
    """Those that have waited longest first."""
    cursor = await connection.execute(statements("presumption.sql")["due"], {"now": now, "limit": limit})
    return [DueCell(*row) async for row in cursor]
