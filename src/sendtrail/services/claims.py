"""Whoever reads a file holds it: nobody else begins to read it meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.store import feed_files
from sendtrail.store.database import Database
from sendtrail.store.errors import in_one_line

LEASE = timedelta(minutes=1)
"""How long a file stays claimed after its reader's last sign of life."""
_RENEWALS = 3
"""Signs of life within a lease, so that one that comes late loses nothing."""


@asynccontextmanager
async def held(database: Database, scope: Scope, feed_file_id: int, lease: timedelta = LEASE) -> AsyncIterator[None]:
    """Keep the claim on a file while the block runs, also while it only waits; where it is cancelled, give it back.

    After a failure the claim lapses by itself: a file that cannot be read shall not come before all others at once.
    """
    renewing = asyncio.create_task(_renew(database, scope, feed_file_id, lease))
    try:
        yield
    except asyncio.CancelledError:
        with suppress(SendtrailError), in_one_line():  # without a database the claim lapses by itself
            async with database.transaction() as connection:
                await feed_files.give_back(connection, scope, feed_file_id)
        raise
    finally:
        renewing.cancel()


async def _renew(database: Database, scope: Scope, feed_file_id: int, lease: timedelta) -> None:
    while True:
        await asyncio.sleep((lease / _RENEWALS).total_seconds())
        with suppress(SendtrailError), in_one_line():  # the reading itself tells of a database that went away
            async with database.transaction() as connection:
                await feed_files.hold(connection, scope, feed_file_id, lease)
