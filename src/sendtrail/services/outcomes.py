"""How the reading of a file went, for people."""

from sendtrail.domain.scope import Scope
from sendtrail.feeds.vendors.reader import is_vendors
from sendtrail.services.context import Context
from sendtrail.services.ingest import Summary
from sendtrail.store import feed_files


async def why_unread(context: Context, scope: Scope, summary: Summary) -> str:
    """Why nothing at all could be read of a file, in one line; empty where its format was recognised, or, of a vendor's
    export whose format was told, where it brought anything."""
    brought = summary.new + summary.duplicate + summary.unmatched
    if summary.format and (brought or not summary.rejected or not is_vendors(summary.format)):
        return ""
    async with context.database.snapshot() as connection:
        problems = await feed_files.rejects(connection, scope, summary.feed_file_id, 0, 1)
    return problems[0].reason if problems else "the file is empty"
