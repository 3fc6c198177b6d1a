"""Read a large file in a process of its own: this one goes on to answer."""

import asyncio
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from ctypes import Array, c_longlong

from sendtrail.services.reading import Outcome, read_file
from sendtrail.services.writing import Job
from sendtrail.store.database import Database

_OPTIONS = "-c temp_buffers=64MB"
"""A batch's temporary tables stay in memory."""
_PATIENCE = 0.2
_TAKE_TURNS = 0.0005
"""Seconds after which the thread that reads lets those go on that write: the server shall not wait for them."""
_READ, _STOP = 0, 1
"""Of the shared numbers: bytes read so far; not 0 once nobody wants the rest."""

_turn = asyncio.Lock()
"""Files that come at once take turns: more writers than cores only make all of them slow."""
_shared: "Array[c_longlong]"
_parent: int


async def read_aside(job: Job, writers: int, read_bytes: Callable[[int], None]) -> Outcome:
    """As `reading.read_file`, one file at a time.

    Where the caller is cancelled the process stops by itself when it next reads from the file; nobody waits for that.
    """
    async with _turn:
        processes = multiprocessing.get_context("spawn")
        shared: Array[c_longlong] = processes.RawArray("q", 2)
        pool = ProcessPoolExecutor(1, processes, _begin, (shared, os.getpid()))
        reading = asyncio.wrap_future(pool.submit(_work, job, writers))
        try:
            while not reading.done():
                await asyncio.wait([reading], timeout=_PATIENCE)
                read_bytes(shared[_READ])
            return reading.result()
        finally:
            shared[_STOP] = 1
            if not reading.cancel():
                reading.exception()  # asyncio would complain of one that nobody looked at
            # Aside, so that nobody waits. It keeps `shared` until its reader has ended: the place would be reused.
            threading.Thread(target=pool.shutdown, kwargs={"cancel_futures": True}).start()


def _begin(shared: "Array[c_longlong]", parent: int) -> None:
    global _shared, _parent
    _shared, _parent = shared, parent
    sys.setswitchinterval(_TAKE_TURNS)


def _work(job: Job, writers: int) -> Outcome:
    def progress(read: int) -> None:
        if _shared[_STOP] or os.getppid() != _parent:
            os._exit(1)  # nobody waits for the result any more; what is committed stays
        _shared[_READ] = read

    async def work() -> Outcome:
        async with Database.open(job.dsn, connections=writers + 1, options=_OPTIONS) as database:
            return await read_file(job, database, writers, progress)

    return asyncio.run(work())
