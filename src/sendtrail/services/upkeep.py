"""Tidying that no request waits for."""

from datetime import timedelta

from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import idempotency, sessions, system

REPEATS = timedelta(days=3)
"""How long an Idempotency-Key is remembered: clients that retry give up within hours."""


async def purge(context: Context) -> int:
    """Forget old Idempotency-Keys and sessions that are over; how many."""
    async with context.database.transaction() as connection:
        gone = await sessions.purge(connection)
        for organization_id, _ in await system.organizations(connection):
            for live in (True, False):
                gone += await idempotency.purge(connection, Scope(organization_id, live, "worker"), REPEATS)
    return gone
