"""What the worker is to look at, in all organizations."""

from datetime import datetime

from sendtrail.store.database import Connection, statements
from sendtrail.store.system.cells import DueCell


async def due_cells(connection: Connection, now: datetime, limit: int) -> list[DueCell]:
    """Cells that changed, or in which something has waited for too long, by organization and mode."""
    cursor = await connection.execute(statements("noticing.sql")["due"], {"now": now, "limit": limit})
    return [DueCell(*row) async for row in cursor]


async def watched(connection: Connection) -> list[tuple[int, bool]]:
    """Numbers and modes of the organizations in which something may need attention."""
    cursor = await connection.execute(statements("noticing.sql")["watched"])
    return [(organization_id, live) async for organization_id, live in cursor]
