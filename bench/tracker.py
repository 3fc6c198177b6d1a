"""How long the Send Tracker takes over SENDTRAIL_BENCH_SENDS sends of a year, and what its indexes weigh."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from statistics import median

import psycopg

from bench import year
from bench.installation import installed
from bench.year import DAYS, FIRST
from sendtrail.domain.roles import ROLES
from sendtrail.domain.scope import Scope
from sendtrail.services import tracker
from sendtrail.services.context import Context
from sendtrail.services.tracker import Wanted

SENDS = int(os.environ.get("SENDTRAIL_BENCH_SENDS", "10000000"))
ROUNDS = 7

SEARCHES = {
    "all sends": Wanted(),
    "status: delivered": Wanted(status="delivered"),
    "status: returned, one in 70": Wanted(status="returned"),
    "status: printed and stuck, one in 20,000": Wanted(status="printed"),
    "status: held, one in 100,000": Wanted(status="held"),
    "kind: gift": Wanted(kind="gift"),
    "sector: single": Wanted(sector="single"),
    "campaign": Wanted(campaign="Campaign 3"),
    "campaign, and status: returned": Wanted(campaign="Campaign 3", status="returned"),
    "team": Wanted(team="Team 3"),
    "sender": Wanted(sender="member7@example.com"),
    "sender, and status: held": Wanted(sender="member7@example.com", status="held"),
    "supplier": Wanted(supplier="Amazon"),
    "tag of one in 20": Wanted(tag="spring"),
    "tag of one in 100,000": Wanted(tag="vip"),
    "mailing class": Wanted(mailing_class="first_class"),
    "a month": Wanted(start=FIRST + timedelta(days=100), end=FIRST + timedelta(days=130)),
    "name begins with one letter": Wanted(q="m"),
    "name begins with three letters": Wanted(q="mar"),
    "two words": Wanted(q="maria ok"),
    "a rare name": Wanted(q="zuzanna"),
    "company": Wanted(q="company4711"),
    "e-mail": Wanted(q="maria4711@"),
    "word that nobody has": Wanted(q="nobodyhasit"),
    "external id": Wanted(q="order-4711"),
    "oldest first": Wanted(sort="day"),
    "sorted by status": Wanted(sort="status"),
    "sorted by status, the last first": Wanted(sort="-status"),
    "sorted by kind, the last first": Wanted(sort="-kind"),
    "campaign, sorted by status": Wanted(campaign="Campaign 3", sort="status"),
}


def main() -> None:
    asyncio.run(_measure())


async def _measure() -> None:
    async with (
        installed() as context,
        await psycopg.AsyncConnection.connect(context.dsn, autocommit=True) as connection,
    ):
        started = time.monotonic()
        await year.write(connection, SENDS)
        print(f"{SENDS:,} sends of {DAYS} days, written in {time.monotonic() - started:.0f} s")
        everybody = Scope(1, True, "bench")
        await _print(context, everybody, "admin", SEARCHES)
        some = {name: SEARCHES[name] for name in ("all sends", "status: returned, one in 70", "two words")}
        await _print(context, replace(everybody, rights=ROLES["manager"], member_id=7, teams=(2,)), "manager", some)
        await _print(context, replace(everybody, rights=ROLES["sender"], member_id=7, teams=(2,)), "sender", some)
        await _print_sizes(connection)


async def _print(context: Context, scope: Scope, who: str, searches: dict[str, Wanted]) -> None:
    print(f"  {who:<42}{'page':>9}{'next':>9}{'counts':>9}")
    for name, wanted in searches.items():
        _, after = await tracker.list_sends(context, scope, wanted, 50)
        counts = await tracker.tally(context, scope, wanted)
        n = counts.of(wanted)
        first = await _ms(partial(tracker.list_sends, context, scope, wanted, 50))
        further = (
            await _ms(partial(tracker.list_sends, context, scope, replace(wanted, after=after), 50)) if after else 0
        )
        counting = await _ms(partial(tracker.tally, context, scope, wanted))
        shown = f"{n:,}" if counts.exact or n <= tracker.COUNTED else f"{tracker.COUNTED:,}+"
        print(f"  {name:<42}{first:6.1f} ms{further:6.1f} ms{counting:6.1f} ms{shown:>14}")


async def _ms(call: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await call()
        times.append(time.perf_counter() - started)
    return median(times) * 1000


async def _print_sizes(connection: psycopg.AsyncConnection) -> None:
    cursor = await connection.execute(
        "select relname, pg_relation_size(oid) from pg_class"
        " where relname ~ '^(send|state|term|alias)(_|$)' and relkind in ('r', 'i') and pg_relation_size(oid) > 0"
        " order by 2 desc"
    )
    async for name, size in cursor:
        print(f"  {name:<64}{size / SENDS:8.1f} bytes a send")
