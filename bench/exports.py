"""How many sends a second a CSV takes in, and how much memory, over SENDTRAIL_BENCH_SENDS sends of a year."""

import asyncio
import os
import time

import psycopg

from bench import year
from bench.installation import installed, peak
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.exports import export
from sendtrail.services.tracker import Wanted

SENDS = int(os.environ.get("SENDTRAIL_BENCH_SENDS", "10000000"))
LISTS = {
    "all sends": Wanted(),
    "status: delivered": Wanted(status="delivered"),
    "a campaign": Wanted(campaign="Campaign 3"),
    "name begins with three letters": Wanted(q="mar"),
}


def main() -> None:
    asyncio.run(_measure())


async def _measure() -> None:
    async with installed() as context:
        async with await psycopg.AsyncConnection.connect(context.dsn, autocommit=True) as connection:
            await year.write(connection, SENDS)
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
            early = peak()
    took, busy = time.perf_counter() - started, time.process_time() - busy
    print(
        f"  {name:<32}{sends:>12,} sends{sends / took:>10,.0f} sends/s, alone{sends / busy:>9,.0f}"
        f"{size / 1e6 / took:>6.0f} MB/s   memory {early or peak()} and {peak()} MB"
    )
