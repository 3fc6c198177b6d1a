"""Tidying that no request waits for."""

from datetime import timedelta

from sendtrail.services.context import Context
from sendtrail.store import system
from sendtrail.store.system import sessions

REPEATS = timedelta(days=3)
"""How long an Idempotency-Key is remembered: clients that retry give up within hours."""


async def purge(context: Context) -> int:
    """Forget old Idempotency-Keys and sessions that are over; how many."""
    async with context.database.transaction() as connection:
        return await sessions.purge(connection) + await system.forget_requests(connection, REPEATS)
