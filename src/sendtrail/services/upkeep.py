"""Tidying that no request waits for."""

from datetime import timedelta

from sendtrail.services import archive
from sendtrail.services.context import Context
from sendtrail.store import system
from sendtrail.store.system import duties, emails, sessions, tokens

REPEATS = timedelta(days=3)
"""How long an Idempotency-Key is remembered: clients that retry give up within hours."""

LETTERS = timedelta(days=30)
"""How long it is known that an e-mail was sent, or why not."""

UNDONE = timedelta(days=1)
"""How long a duty is known that no worker sees to any more."""

ABANDONED = timedelta(days=1)
"""No upload pauses for so long."""


async def purge(context: Context) -> int:
    """Forget what is old or over, remove half-written files of the archive; how many."""
    removed = await archive.remove_abandoned(context.config.archive, ABANDONED)
    async with context.database.transaction() as connection:
        removed += await sessions.purge(connection) + await tokens.purge(connection)
        removed += await emails.purge(connection, LETTERS) + await duties.forget(connection, UNDONE)
        return removed + await system.forget_requests(connection, REPEATS)
