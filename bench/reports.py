"""How long a report takes over half a year of large mailings."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path

from sendtrail.config import Config
from sendtrail.domain.scope import Scope
from sendtrail.services import reports
from sendtrail.services.context import Context, open_context
from sendtrail.store.cluster import running
from sendtrail.store.migrate import migrate

DAYS = 180
BULK = 5
"""Bulk campaigns begun each day; each has its sends on that day."""
TRIGGERED = 20
"""Triggered campaigns, with sends on every day."""
ROUNDS = 40


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sendtrail-bench-") as folder:
        Path(folder).chmod(0o711)
        asyncio.run(_measure(Config.load(data=Path(folder) / "data")))


async def _measure(config: Config) -> None:
    async with running(config.data) as dsn:
        await migrate(dsn)
        async with open_context(dsn, config) as context:
            scope, rows = await _prepare(context)
            end = date(2026, 1, 1) + timedelta(days=DAYS - 1)
            print(f"{rows:,} rows of counts: {BULK} bulk campaigns a day and {TRIGGERED} triggered ones, {DAYS} days")
            for days in (30, 90, DAYS):
                start = end - timedelta(days=days - 1)
                for report in (reports.summary, reports.timeline):
                    took = await _median(report, context, scope, start, end)
                    print(f"{report.__name__:<10}{days:>4} days   {took} ms")


async def _prepare(context: Context) -> tuple[Scope, int]:
    async with context.database.transaction() as connection:
        await connection.execute("insert into organization (name) values ('Bench')")
        await connection.execute(
            "insert into campaign (organization_id, live, name, type)"
            " select 1, true, 'Campaign ' || n, case when n <= %(triggered)s then 'triggered' else 'bulk' end"
            "  from generate_series(1, %(triggered)s + %(days)s * %(bulk)s) n",
            {"triggered": TRIGGERED, "days": DAYS, "bulk": BULK},
        )
        cursor = await connection.execute(
            "insert into counts (organization_id, live, created_on, campaign_id, team_id, kind, status, currency, slot,"
            " n, cost_cents)"
            " select 1, true, date '2026-01-01' + d, c, 0, 1 + c %% 4, s.status, 'USD', 0, 25, 1750"
            "  from generate_series(0, %(days)s - 1) d,"
            "       lateral (select c from generate_series(1, %(triggered)s) c union all"
            "                select %(triggered)s + d * %(bulk)s + c from generate_series(1, %(bulk)s) c) mailed (c),"
            "       (select distinct (evidence << 6 | code)::smallint as status from code,"
            "               (values (4), (5)) known (evidence) where code in (3, 15, 18, 22, 23, 24, 28, 32)) s",
            {"triggered": TRIGGERED, "days": DAYS, "bulk": BULK},
        )
    async with context.database.transaction() as connection:
        await connection.execute("analyze counts")
    return Scope(1, True, "bench"), cursor.rowcount


async def _median(
    report: Callable[[Context, Scope, date, date], Awaitable[object]],
    context: Context,
    scope: Scope,
    start: date,
    end: date,
) -> str:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await report(context, scope, start, end)
        times.append(time.perf_counter() - started)
    return f"{statistics.median(times) * 1000:6.1f}"
