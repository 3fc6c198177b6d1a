"""Cells of all organizations in which something may have to be presumed now."""

from datetime import datetime

from sendtrail.store.database import Connection, statements
from sendtrail.store.system.cells import DueCell


async def due(connection: Connection, now: datetime, limit: int) -> list[DueCell]:
    """Those that have waited longest first."""
    cursor = await connection.execute(statements("presumption.sql")["due"], {"now": now, "limit": limit})
    return [DueCell(*row) async for row in cursor]
