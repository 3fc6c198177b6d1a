"""What is forgotten of visitors: addresses after the time that their organization sets, all else by the next day."""

from datetime import UTC, datetime

from sendtrail.services.context import Context
from sendtrail.store.system import visits

_MOST = 20_000
"""Rows of one transaction, so that nobody who visits a link waits for it."""


async def forget(context: Context, now: datetime | None = None) -> int:
    """Delete salts and marks of visitors from days before (UTC), and addresses that are not kept any longer; how
    many."""
    now = now or datetime.now(UTC)
    day = now.astimezone(UTC).date()
    async with context.database.transaction() as connection:
        gone = await visits.forget_salts(connection, day)
    while some := await context.database.run(lambda connection: visits.forget_visitors(connection, day, _MOST)):
        gone += some
    while some := await context.database.run(lambda connection: visits.forget_addresses(connection, now, _MOST)):
        gone += some
    return gone
