"""Tidying that no request waits for."""

from datetime import timedelta

from sendtrail.services import archive
from sendtrail.services.context import Context
from sendtrail.store import system
from sendtrail.store.system import sessions

REPEATS = timedelta(days=3)
"""How long an Idempotency-Key is remembered: clients that retry give up within hours."""

ABANDONED = timedelta(days=1)
"""No upload pauses for so long."""


async def purge(context: Context) -> int:
    """Forget old Idempotency-Keys and sessions that are over, remove half-written files of the archive; how many."""
    removed = await archive.remove_abandoned(context.config.archive, ABANDONED)
    async with context.database.transaction() as connection:
        return removed + await sessions.purge(connection) + await system.forget_requests(connection, REPEATS)
