"""A file of a few lines, taken within the caller's transaction: all of what it brings is committed with it, or nothing.

It goes the way of every file: kept in the archive, noted among the feeds, read by its format, given to the pipeline.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from io import BytesIO
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sendtrail.domain.packing import to_ms
from sendtrail.domain.scope import Scope
from sendtrail.feeds import reader
from sendtrail.services import archive
from sendtrail.services.claims import LEASE
from sendtrail.services.context import Context
from sendtrail.services.writing import Job, Pending, take
from sendtrail.store import feed_files, organizations
from sendtrail.store.database import Connection
from sendtrail.store.ingest import Tally


class Taken(NamedTuple):
    """How it went, and the events that the file tells of, as `domain.packing` packs items."""

    tally: Tally
    items: list[int]


async def take_file(
    connection: Connection,
    context: Context,
    scope: Scope,
    content: bytes,
    name: str,
    now: datetime,
    *,
    sample: bool = False,
) -> Taken:
    """Take a file whose observations fit into one batch, as of `now` (aware). At most one in a transaction."""
    kept = await archive.keep_stream(context.config.archive, _whole(content))
    number, _ = await feed_files.register(
        connection, scope, name=name, digest=kept.digest, size=kept.size, feed_id=None, lease=LEASE, sample=sample
    )
    job = Job(
        dsn=context.dsn,
        archive=context.config.archive,
        digest=kept.digest,
        scope=scope,
        feed_file_id=number,
        id_key=context.ids.key,
        batch=context.config.batch,
        now_ms=to_ms(now),
        time_zone=(await organizations.get(connection, scope)).time_zone,
    )
    pending, format_ = Pending(bytes_read=kept.size), ""
    for batch in reader.read(BytesIO(content), now_ms=job.now_ms, zone=ZoneInfo(job.time_zone)):
        format_ = format_ or batch.format
        pending.observations += batch.observations
        pending.problems += batch.problems
        await feed_files.learn_facilities(connection, scope, batch.facilities.values())
    tally = await take(connection, job, pending)
    await feed_files.finish(connection, scope, number, tally, format_)
    return Taken(tally, [each.item for each in pending.observations])


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
