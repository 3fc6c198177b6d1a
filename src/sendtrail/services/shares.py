"""Read a large file with several processes: each reads all of it and keeps its share of the barcodes."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.sharedctypes import SynchronizedArray

from sendtrail.services.reading import Job, Outcome, read_share
from sendtrail.store.database import Database

_OPTIONS = "-c temp_buffers=64MB"
"""A batch's temporary tables stay in memory."""
_PATIENCE = 0.2

_read: "SynchronizedArray[int]"
_parent: int


async def read_in_processes(job: Job, workers: int, read_bytes: Callable[[int], None]) -> Outcome:
    """All shares of the file. An exception of one of the processes is raised here after the others have ended."""
    processes = multiprocessing.get_context("spawn")
    read: SynchronizedArray[int] = processes.Array("q", workers)
    with ProcessPoolExecutor(workers, processes, _begin, (read, os.getpid())) as pool:
        shares = {asyncio.wrap_future(pool.submit(_work, job, (w, workers))) for w in range(workers)}
        pending = shares
        while pending:
            _, pending = await asyncio.wait(pending, timeout=_PATIENCE)
            read_bytes(min(read[:]))
    outcomes = [share.result() for share in shares]
    return sum(outcomes, Outcome())


def _begin(read: "SynchronizedArray[int]", parent: int) -> None:
    global _read, _parent
    _read, _parent = read, parent


def _work(job: Job, share: tuple[int, int]) -> Outcome:
    def progress(read: int) -> None:
        if os.getppid() != _parent:
            os._exit(1)  # nobody waits for the result any more; what is committed stays
        _read[share[0]] = read

    async def work() -> Outcome:
        async with Database.open(job.dsn, connections=1, options=_OPTIONS) as database:
            return await read_share(job, share, database, progress)

    return asyncio.run(work())
