"""Read one archived file, and write it batch by batch while the reading goes on."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sendtrail.feeds import reader
from sendtrail.services import archive
from sendtrail.services.writing import Job, Pending, write
from sendtrail.store import feed_files
from sendtrail.store.database import Database
from sendtrail.store.ingest import Tally


@dataclass(slots=True)
class Outcome:
    """What one reading brought."""

    tally: Tally = field(default_factory=Tally)
    format: str = ""
    incomplete: bool = False


async def read_file(job: Job, database: Database, writers: int, read_bytes: Callable[[int], None]) -> Outcome:
    """Commit the file in batches, up to `writers` of them at once; `read_bytes` is told how far the reading has come.

    `database` lends one connection more than there are writers. The first exception ends all of it; what is committed
    stays.
    """
    try:
        async with asyncio.TaskGroup() as group:
            return await _read(job, database, [_Lane(job, database, group) for _ in range(writers)], read_bytes)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _read(job: Job, database: Database, lanes: Sequence["_Lane"], read_bytes: Callable[[int], None]) -> Outcome:
    outcome = Outcome()
    come = 0

    def read_on(read: int) -> None:
        nonlocal come
        come = read
        read_bytes(read)

    with archive.reading(job.archive, job.digest) as stream:
        batches = reader.read(stream, now_ms=job.now_ms, zone=ZoneInfo(job.time_zone), progress=read_on)
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            outcome.format = outcome.format or batch.format
            outcome.incomplete = batch.incomplete
            if batch.facilities:
                async with database.transaction() as connection:
                    await feed_files.learn_facilities(connection, job.scope, batch.facilities.values())
            lanes[0].pending.problems += batch.problems
            for n, lane in enumerate(lanes):
                lane.pending.observations += (each for each in batch.observations if each[0] % len(lanes) == n)
                if len(lane.pending) >= job.batch:
                    await lane.write(come)
    for lane in lanes:
        await lane.write(come)
    for lane in lanes:
        outcome.tally += await lane.finish()
    return outcome


class _Lane:
    """Writes the scans of its part of the barcodes, so that no two lanes wait for the same sends."""

    def __init__(self, job: Job, database: Database, group: asyncio.TaskGroup) -> None:
        self.pending = Pending()
        self._job = job
        self._database = database
        self._group = group
        self._tally = Tally()
        self._writing: asyncio.Task[Tally] | None = None

    async def write(self, bytes_read: int) -> None:
        """Begin to write what is pending, once what was pending before is written."""
        await self.finish()
        pending, self.pending = self.pending, Pending()
        pending.bytes_read = bytes_read
        self._writing = self._group.create_task(write(self._job, self._database, pending))

    async def finish(self) -> Tally:
        """Wait until nothing is being written; how all of it went."""
        if self._writing:
            self._tally += await self._writing
            self._writing = None
        return self._tally
