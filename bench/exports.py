"""How many sends a second a CSV takes in, and how much memory, over SENDTRAIL_BENCH_SENDS sends of a year."""

import asyncio
import os
import re
import tempfile
import time
from pathlib import Path

import psycopg

from bench import year
from sendtrail.config import Config
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context, open_context
from sendtrail.services.exports import export
from sendtrail.services.tracker import Wanted
from sendtrail.store.cluster import running
from sendtrail.store.migrate import migrate

SENDS = int(os.environ.get("SENDTRAIL_BENCH_SENDS", "10000000"))
LISTS = {
    "all sends": Wanted(),
    "status: delivered": Wanted(status="delivered"),
    "a campaign": Wanted(campaign="Campaign 3"),
    "name begins with three letters": Wanted(q="mar"),
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sendtrail-bench-") as folder:
        Path(folder).chmod(0o711)
        asyncio.run(_measure(Config.load(data=Path(folder) / "data")))


async def _measure(config: Config) -> None:
    async with running(config.data) as dsn:
        await migrate(dsn)
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            await year.write(connection, SENDS)
        async with open_context(dsn, config) as context:
            for name, wanted in LISTS.items():
                await _print(context, name, wanted)


async def _print(context: Context, name: str, wanted: Wanted) -> None:
    """`alone`: what this process would do if it never waited for the database. `memory`: of this process at the most,
    when a tenth was written and at the end."""
    started, busy = time.perf_counter(), time.process_time()
    sends = size = early = 0
    async for part in await export(context, Scope(1, True, "bench"), wanted):
        sends += part.sends
        size += len(part.content)
        if not early and sends > SENDS / 10:
            early = _peak()
    took, busy = time.perf_counter() - started, time.process_time() - busy
    print(
        f"  {name:<32}{sends:>12,} sends{sends / took:>10,.0f} sends/s, alone{sends / busy:>9,.0f}"
        f"{size / 1e6 / took:>6.0f} MB/s   memory {early or _peak()} and {_peak()} MB"
    )


def _peak() -> int:
    """The most memory that this process ever had, in MB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0
