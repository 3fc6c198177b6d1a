"""The worker's way to rehearsals of all organizations."""

from datetime import datetime, timedelta

from sendtrail.store.database import Connection
from sendtrail.store.rehearsals import SQL, RehearsalRow


async def claim(connection: Connection, now: datetime) -> RehearsalRow | None:
    """One rehearsal that has a step due, ours until the transaction ends; None where there is none left for us."""
    cursor = await connection.execute(SQL["claim"], {"now": now})
    row = await cursor.fetchone()
    return RehearsalRow(*row) if row else None


async def postpone(connection: Connection, rehearsal_id: int, by: timedelta) -> None:
    """Its step cannot be played now: others come first."""
    await connection.execute(SQL["postpone"], {"by": by, "id": rehearsal_id})
