"""What postal scans mean where their phase is missing."""

from collections.abc import Sequence

from sendtrail.domain.operations import Operation
from sendtrail.services.context import Context
from sendtrail.store import meaning


async def load_operations(context: Context, rows: Sequence[Operation]) -> int:
    """Replace the table of operation codes for the whole installation; how many sends changed their status."""
    async with context.database.transaction() as connection:
        return await meaning.load_operations(connection, rows)
