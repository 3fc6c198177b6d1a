"""What each of the worker's duties takes over SENDTRAIL_BENCH_SENDS sends of a year: the first time, when all of it is
new to the duty, and again; and what a look of the monitoring takes."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg

from bench import year
from bench.installation import installed, peak
from sendtrail.domain.packing import ITEM, to_ms
from sendtrail.services import attention, digest, duties, histories, ingest, listing, metrics, presumption, upkeep
from sendtrail.services.context import Context

SENDS = int(os.environ.get("SENDTRAIL_BENCH_SENDS", "10000000"))
_STALE = """
    insert into stale (organization_id, live, created_on, campaign_id, slot)
    select distinct organization_id, live, created_on, campaign_id, 0 from counts
     where created_on > current_date - %(days)s
    on conflict do nothing
"""
_BARCODES = """
    insert into barcode (mid_serial, organization_id, live, valid_from, label, send_id)
    select 900000000000000 + 2 * send_id, 1, true, 0, 0, send_id from send order by send_id
"""
_UNMATCHED = """
    insert into unmatched (mid_serial, organization_id, live, item, meta, expected, label)
    select 900000000000000 + 2 * n + (n %% 1000 > 0)::int, 1, true, %(item)s, 0, 0, 0
      from generate_series(1, %(scans)s) n
"""
"""One in a thousand has its send after all."""
_UNLISTED = "update send set terms = null where send_id % 100 = 0"
_SCAN = to_ms(datetime.now(UTC)) << ITEM.shift("ms") | year.ORIGIN[1]


def main() -> None:
    asyncio.run(_measure())


async def _measure() -> None:
    async with (
        installed() as context,
        await psycopg.AsyncConnection.connect(context.dsn, autocommit=True) as connection,
    ):
        await year.write(connection, SENDS)
        await connection.execute(_STALE, {"days": year.DAYS + 1})
        await _print("history, all of it", _all(_histories, context), "cells")
        await _print("presumption, all of it", partial(_presume, context), "events")
        await _print("attention, all of it", partial(attention.refresh, context), "cells")
        await connection.execute("analyze")
        await connection.execute(_STALE, {"days": 21})
        print("  what was presumed, and three weeks, have changed:")
        await _print("history", _all(_histories, context), "cells")
        await connection.execute("update presumption set due_at = now() where due_at < now() + interval '1 h'")
        await _print("presumption", partial(_presume, context), "events")
        await _print("attention", partial(attention.refresh, context), "cells")
        print("  nothing changes:")
        await _print("history", _all(_histories, context), "cells")
        await _print("presumption", partial(_presume, context), "events")
        await _print("attention", partial(attention.refresh, context), "cells")
        print("  a week goes by:")
        later = datetime.now(UTC) + timedelta(days=7)
        await _print("presumption", partial(_presume, context, later), "events")
        await _print("attention", partial(attention.refresh, context, now=later), "cells")
        print("  others:")
        await connection.execute(_BARCODES)
        await connection.execute(_UNMATCHED, {"scans": SENDS // 10, "item": _SCAN})
        await connection.execute("analyze barcode, unmatched")
        await _print(f"{SENDS // 10:,} scans without a send", partial(ingest.sweep, context), "events")
        await connection.execute(_UNLISTED)
        await _print("listing older sends", _all(listing.list_older, context), "sends")
        await connection.execute("update membership set role = 'admin'")
        morning = datetime.now(UTC).replace(hour=14)  # in New York
        await _print("writing daily digests", partial(digest.write, context, now=morning), "e-mails")
        await _print("forgetting what is over", partial(upkeep.purge, context), "rows")
        await _print("figures for /metrics", partial(_figures, context), "duties")
        await _print("/healthz", partial(_lines, context), "lines")


async def _print(name: str, act: Callable[[], Awaitable[int]], unit: str) -> None:
    """`memory`: of this process at the most while it did this."""
    Path("/proc/self/clear_refs").write_text("5")
    started = time.perf_counter()
    n = await act()
    took = time.perf_counter() - started
    print(f"  {name:<36}{took:>10.3f} s{n:>12,} {unit:<8}memory{peak():>5} MB", flush=True)


def _all(act: Callable[..., Awaitable[int]], *given: object) -> Callable[[], Awaitable[int]]:
    """Again and again until nothing is left, as the worker does."""

    async def until_done() -> int:
        n = 0
        while done := await act(*given):
            n += done
        return n

    return until_done


async def _histories(context: Context) -> int:
    return await histories.refresh(context, rest=timedelta())


async def _presume(context: Context, now: datetime | None = None) -> int:
    inferred, looked = 0, 1
    while looked:
        looked, events = await presumption.refresh(context, now=now)
        inferred += events
    return inferred


async def _figures(context: Context) -> int:
    return len((await metrics.figures(context)).report.duties)


async def _lines(context: Context) -> int:
    return len(await duties.lines(context))
