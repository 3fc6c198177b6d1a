"""Tidying that no request waits for."""

from datetime import timedelta

from sendtrail.services import archive
from sendtrail.services.context import Context
from sendtrail.store import system
from sendtrail.store.system import deliveries, duties, emails, sessions, tokens

REPEATS = timedelta(days=3)
"""How long an Idempotency-Key is remembered: clients that retry give up within hours."""

LETTERS = timedelta(days=30)
"""How long it is known that an e-mail was sent, or why not."""

UNDONE = timedelta(days=1)
"""How long a duty is known that no worker sees to any more."""

ABANDONED = timedelta(days=1)
"""No upload pauses for so long."""

AT_ONCE = 20_000
"""Deliveries that one transaction forgets."""


async def purge(context: Context) -> int:
    """Forget what is old or over, remove half-written files of the archive; how many."""
    removed = await archive.remove_abandoned(context.config.archive, ABANDONED)
    async with context.database.transaction() as connection:
        removed += await sessions.purge(connection) + await tokens.purge(connection)
        removed += await emails.purge(connection, LETTERS) + await duties.forget(connection, UNDONE)
        removed += await system.forget_requests(connection, REPEATS)
    return removed + await _forget_told(context)


async def _forget_told(context: Context) -> int:
    """What hooks were told some time ago; what they are still to be told stays."""
    age, removed, some = timedelta(days=context.config.hook_days), 0, -1
    while some:
        async with context.database.transaction() as connection:
            some = await deliveries.forget(connection, age, AT_ONCE)
        removed += some
    return removed
