"""Whether this program can do its work."""

import asyncio

from sendtrail.domain.problems import SendtrailError
from sendtrail.services.context import Context
from sendtrail.store import system
from sendtrail.store.errors import in_one_line

PATIENCE = 5
"""Seconds: whoever asks (a load balancer) asks often."""


async def complaint(context: Context) -> str:
    """Why no request could be answered now, in one line; empty while all is well."""
    try:
        with in_one_line():
            async with asyncio.timeout(PATIENCE), context.database.snapshot() as connection:
                return "" if await system.answers(connection) else "the database has not been migrated"
    except TimeoutError:
        return f"the database did not answer within {PATIENCE} seconds"
    except SendtrailError as error:
        return error.message
