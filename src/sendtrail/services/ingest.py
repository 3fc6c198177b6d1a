"""Feeds in: keep the bytes, read them, give every observation to the pipeline, keep what cannot be taken.

A file is archived and noted before anything is read from it. It may then be read as often as one likes: a crash at any
point costs only the time to read it again.
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sendtrail.domain.packing import to_ms
from sendtrail.domain.scope import INVENTOR, Scope
from sendtrail.feeds.vendors.reader import is_vendors
from sendtrail.services import archive
from sendtrail.services.aside import read_aside
from sendtrail.services.claims import LEASE, held
from sendtrail.services.context import Context
from sendtrail.services.reading import read_file
from sendtrail.services.recalling import recall
from sendtrail.services.vendor_reading import read_vendor
from sendtrail.services.writing import Job
from sendtrail.store import feed_files, ingest, organizations, system
from sendtrail.store.database import Connection

ASIDE_BYTES = 8 << 20
"""Below this a file is read faster than a process starts."""
SWEEP = 20_000

Progress = Callable[[int, int], None]
"""Told the bytes read so far and all bytes."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How one reading of a file went."""

    feed_file_id: int
    name: str
    format: str
    new: int
    duplicate: int
    unmatched: int
    rejected: int
    bytes: int
    seconds: float


async def ingest_path(
    context: Context,
    scope: Scope,
    path: Path,
    progress: Progress | None = None,
    feed_id: int | None = None,
    *,
    sample: bool = False,
    format_: str = "",
) -> Summary:
    """Take a file that lies on this machine. OSError where it cannot be opened. `sample`: made up to look around.

    `format_`: of what a vendor sends (`feeds.vendors.reader`); other files are known by their bytes.
    """
    kept = await archive.keep_file(context.config.archive, path)
    feed_file_id, _ = await _register(context, scope, path.name, kept, feed_id, sample=sample, format_=format_)
    return await _read(context, scope, feed_file_id, kept, path.name, progress, format_)


async def ingest_stream(
    context: Context,
    scope: Scope,
    chunks: AsyncIterator[bytes],
    name: str,
    feed_id: int | None = None,
    *,
    sample: bool = False,
    format_: str = "",
) -> Summary:
    """Take what is being sent to us. Once the bytes are kept nothing that happens later loses them."""
    kept = await archive.keep_stream(context.config.archive, chunks)
    feed_file_id, _ = await _register(context, scope, name, kept, feed_id, sample=sample, format_=format_)
    return await _read(context, scope, feed_file_id, kept, name, None, format_)


class Taken(NamedTuple):
    """`known`: it came before. `new`: the events that came of it this time; None where it is read later."""

    feed_file_id: int
    known: bool
    new: int | None


async def take_stream(
    context: Context, scope: Scope, chunks: AsyncIterator[bytes], name: str, format_: str = ""
) -> Taken:
    """Keep what is being sent to us. A small file is read at once, a large one by the next free worker."""
    kept = await archive.keep_stream(context.config.archive, chunks)
    small = kept.size < ASIDE_BYTES
    lease = LEASE if small else timedelta(0)
    feed_file_id, known = await _register(context, scope, name, kept, None, lease, format_=format_)
    summary = await _read(context, scope, feed_file_id, kept, name, None, format_) if small else None
    return Taken(feed_file_id, known, summary.new if summary else None)


async def resume(context: Context) -> Summary | None:
    """Read again one file that nobody finished; None where there is none."""
    async with context.database.transaction() as connection:
        claimed = await system.claim_feed_file(connection, LEASE)
    if claimed is None:
        return None
    feed_file_id, organization_id, live = claimed
    scope = Scope(organization_id, live, f"file:{feed_file_id}")
    async with context.database.snapshot() as connection:
        row = await feed_files.read(connection, scope, feed_file_id)
    if row is None:
        return None
    if row.brought_by == INVENTOR:
        scope = replace(scope, actor=INVENTOR)
    kept = archive.Kept(row.digest, row.bytes)
    return await _read(context, scope, feed_file_id, kept, row.name, None, row.format)


async def sweep(context: Context) -> int:
    """Give unmatched scans and reports to sends that were created while these came in; how many events came of it."""
    async with context.database.snapshot() as connection:
        waiting = await system.matchable(connection, SWEEP)
        reported = await system.reported(connection, SWEEP)
    scopes: dict[tuple[int, bool], list[int]] = {}
    for organization_id, live, mid_serial in waiting:
        scopes.setdefault((organization_id, live), []).append(mid_serial)
    new = 0
    for (organization_id, live), mid_serials in scopes.items():
        new += await context.database.run(partial(_recall, Scope(organization_id, live, "sweep"), mid_serials))
    named: dict[tuple[int, bool], list[int]] = {}
    for organization_id, live, send_id in reported:
        named.setdefault((organization_id, live), []).append(send_id)
    for (organization_id, live), send_ids in named.items():
        scope = Scope(organization_id, live, "sweep")
        new += await context.database.run(partial(recall, scope=scope, send_ids=send_ids))
    return new


async def _recall(scope: Scope, mid_serials: Sequence[int], connection: Connection) -> int:
    return (await ingest.record(connection, scope, b"", recall=mid_serials)).new


async def _register(
    context: Context,
    scope: Scope,
    name: str,
    kept: archive.Kept,
    feed_id: int | None,
    lease: timedelta = LEASE,
    *,
    sample: bool = False,
    format_: str = "",
) -> tuple[int, bool]:
    async with context.database.transaction() as connection:
        return await feed_files.register(
            connection,
            scope,
            name=name,
            digest=kept.digest,
            size=kept.size,
            feed_id=feed_id,
            lease=lease,
            sample=sample,
            format_=format_,
        )


async def _read(
    context: Context,
    scope: Scope,
    feed_file_id: int,
    kept: archive.Kept,
    name: str,
    progress: Progress | None,
    format_: str = "",
) -> Summary:
    started = time.monotonic()
    now = datetime.now(UTC)
    async with context.database.snapshot() as connection:
        scope = replace(scope, clients=await organizations.clients(connection, scope))
        time_zone = (await organizations.get(connection, scope)).time_zone
    job = Job(
        dsn=context.dsn,
        archive=context.config.archive,
        digest=kept.digest,
        scope=scope,
        feed_file_id=feed_file_id,
        id_key=context.ids.key,
        batch=context.config.batch,
        now_ms=to_ms(now),
        time_zone=time_zone,
    )

    def read_bytes(read: int) -> None:
        if progress:
            progress(read, kept.size)

    async with held(context.database, scope, feed_file_id):
        if is_vendors(format_):
            outcome = await read_vendor(context, job, format_, read_bytes)
        elif kept.size < ASIDE_BYTES:
            outcome = await read_file(job, context.database, 1, read_bytes)
        else:
            outcome = await read_aside(job, context.config.ingest_workers, read_bytes)
    async with context.database.transaction() as connection:
        await feed_files.finish(
            connection, scope, feed_file_id, outcome.tally, outcome.format, incomplete=outcome.incomplete
        )
        row = await feed_files.read(connection, scope, feed_file_id)
    return Summary(
        feed_file_id=feed_file_id,
        name=name,
        format=outcome.format,
        new=outcome.tally.new,
        duplicate=outcome.tally.duplicate,
        unmatched=outcome.tally.unmatched,
        rejected=row.rejected if row else 0,
        bytes=kept.size,
        seconds=time.monotonic() - started,
    )
