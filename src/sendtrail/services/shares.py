"""Read a large file with several processes: each reads all of it and keeps its share of the barcodes."""

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from ctypes import Array, c_longlong

from sendtrail.services.reading import Job, Outcome, read_share
from sendtrail.store.database import Database

_OPTIONS = "-c temp_buffers=64MB"
"""A batch's temporary tables stay in memory."""
_PATIENCE = 0.2
_STOP = -1
"""The last place of the shared numbers: not 0 once nobody wants the rest."""

_turn = asyncio.Lock()
"""Files that come at once take turns: more processes than cores only make all of them slow."""
_read: "Array[c_longlong]"
_parent: int


async def read_in_processes(job: Job, workers: int, read_bytes: Callable[[int], None]) -> Outcome:
    """All shares of the file, one file at a time.

    An exception of one of the processes is raised here at once. Then, and where the caller is cancelled, the others
    stop by themselves when they next read from the file; nobody waits for that.
    """
    async with _turn:
        processes = multiprocessing.get_context("spawn")
        read: Array[c_longlong] = processes.RawArray("q", workers + 1)
        pool = ProcessPoolExecutor(workers, processes, _begin, (read, os.getpid()))
        shares = [asyncio.wrap_future(pool.submit(_work, job, (w, workers))) for w in range(workers)]
        try:
            outcome, pending = Outcome(), set(shares)
            while pending:
                done, pending = await asyncio.wait(pending, timeout=_PATIENCE)
                read_bytes(min(read[:workers]))
                outcome = sum((share.result() for share in done), outcome)
            return outcome
        finally:
            read[_STOP] = 1
            for share in shares:
                if not share.cancel():
                    share.exception()  # asyncio would complain of one that nobody looked at
            # Aside, so that nobody waits. It keeps `read` until its last reader has ended: the place would be reused.
            threading.Thread(target=pool.shutdown, kwargs={"cancel_futures": True}).start()


def _begin(read: "Array[c_longlong]", parent: int) -> None:
    global _read, _parent
    _read, _parent = read, parent


def _work(job: Job, share: tuple[int, int]) -> Outcome:
    def progress(read: int) -> None:
        if _read[_STOP] or os.getppid() != _parent:
            os._exit(1)  # nobody waits for the result any more; what is committed stays
        _read[share[0]] = read

    async def work() -> Outcome:
        async with Database.open(job.dsn, connections=1, options=_OPTIONS) as database:
            return await read_share(job, share, database, progress)

    return asyncio.run(work())
