"""How fast links lead on with each visit on record: a real server over loopback, the client on the same machine.

The client is a process of its own that writes requests to sockets and looks for the end of each answer, so that what is
measured is the server. SENDTRAIL_BENCH_HITS: how often the one link is opened that all the world opens.
"""

import asyncio
import math
import multiprocessing
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

import psycopg

from bench.driving import served
from bench.installation import installed
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import sends
from sendtrail.services.context import Context
from sendtrail.services.link_addresses import code
from sendtrail.store import system

LINKS = 20_000
HITS = int(os.environ.get("SENDTRAIL_BENCH_HITS", "1000000"))
SECONDS = 20
WARM = 3
CONNECTIONS = 96
"""As many people wait at once where as much is asked as can be answered."""
QUIET = 500
"""Links opened a second, at moments that do not depend on the answers."""
CROWD = 2_000
"""The same of the one link, or all over the others, to compare."""
AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS {0}_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{0}.5"
    " Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android {0}; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1{0}.0.0.0 Mobile"
    " Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1{0}.0.0.0 Safari/537.36",
)


@dataclass(frozen=True, slots=True)
class Load:
    """What a client process is to do. `rate` 0: as much as is answered; `most` requests, or so many `seconds`."""

    port: int
    paths: Sequence[str]
    rate: int
    seconds: float
    connections: int = CONNECTIONS
    most: int = 10**9


@dataclass(frozen=True, slots=True)
class Result:
    """`times`: milliseconds from when each request was due, sorted; `other`: answers that led nowhere."""

    times: Sequence[float]
    other: int
    seconds: float

    def __str__(self) -> str:
        per_second = len(self.times) / self.seconds
        return (
            f"{per_second:8,.0f}/s   p50 {self._at(0.5):6.1f} ms   p99 {self._at(0.99):6.1f} ms"
            f"   longest {self._at(1):6.1f} ms" + (f"   {self.other} NOT LED ON" if self.other else "")
        )

    def _at(self, share: float) -> float:
        return self.times[min(len(self.times) - 1, int(share * len(self.times)))]


def main() -> None:
    asyncio.run(_measure())


async def _measure() -> None:
    async with installed() as context:
        codes = await _printed(context)
        paths = [f"/r/{each}" for each in codes]
        with served(context) as port:
            _run(Load(port, paths, 0, WARM))
            sent = 0

            def tell(what: str, *loads: Load) -> None:
                nonlocal sent
                results = _run(*loads)
                sent += sum(len(each.times) for each in results)
                print(f"  {what:<68}{results[0]}")

            before = await _recorded(context)
            tell("as many as are answered", Load(port, paths, 0, SECONDS))
            tell(f"{QUIET} a second", Load(port, paths, QUIET, SECONDS))
            hot, others = paths[:1], paths[1:]
            tell(
                f"{QUIET} a second, beside {CROWD:,} a second all over",
                Load(port, others, QUIET, SECONDS),
                Load(port, others, CROWD, SECONDS),
            )
            tell(
                f"{QUIET} a second, beside one link that is opened {HITS:,} times",
                Load(port, others, QUIET, HITS / CROWD),
                Load(port, hot, CROWD, math.inf, most=HITS),
            )
            recorded = await _recorded(context) - before
            print(f"  {sent:,} led on, {recorded:,} visits on record" + ("" if sent == recorded else ": NOT THE SAME"))
            await _print_hot(context)


async def _printed(context: Context) -> list[str]:
    """The codes of new links."""
    async with context.database.transaction() as connection:
        number = await system.add_organization(connection, "Bench")
    scope = Scope(number or 0, True, "bench")
    for first in range(0, LINKS, 10_000):
        new = [
            NewSend("letter", Address(name=f"Ann{n} Lee", email=f"ann{n}@example.com"))
            for n in range(first, first + 10_000)
        ]
        await sends.create(context, scope, new)
    async with context.database.transaction() as connection:
        cursor = await connection.execute(
            "with landing as (insert into landing (organization_id, live, template, days)"
            "                 values (%s, true, 'https://shop.example.com/spring?n={{to.first_name}}&c={{code}}', 90)"
            "                 returning *)"
            " insert into link (organization_id, live, send_id, landing_id)"
            " select landing.organization_id, landing.live, send_id, landing.id from landing, send order by send_id"
            " returning id",
            [scope.organization_id],
        )
        numbers = [row[0] async for row in cursor]
    async with await psycopg.AsyncConnection.connect(context.dsn, autocommit=True) as connection:
        await connection.execute("vacuum analyze")
    return [code(context, number) for number in numbers]


def _run(*loads: Load) -> list[Result]:
    """Each load in a process of its own, all at once."""
    processes = multiprocessing.get_context("spawn")
    started = []
    for load in loads:
        here, there = processes.Pipe()
        process = processes.Process(target=_client, args=(load, there), daemon=True)
        process.start()
        started.append((process, here))
    results: list[Result] = [here.recv() for _, here in started]
    for process, _ in started:
        process.join()
    return results


def _client(load: Load, told: Connection) -> None:
    told.send(asyncio.run(_drive(load)))


async def _drive(load: Load) -> Result:
    chance = random.Random(load.rate)
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    idle = asyncio.Semaphore(load.connections)
    times: list[float] = []
    other = 0
    started = time.perf_counter()
    end = started + load.seconds

    def request() -> bytes:
        agent = chance.choice(AGENTS).format(chance.randrange(10, 18))
        path = chance.choice(load.paths)
        return f"GET {path} HTTP/1.1\r\nHost: go.example\r\nUser-Agent: {agent}\r\n\r\n".encode()

    async def connection() -> None:
        nonlocal other
        reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
        while True:
            due, text = await waiting.get()
            if not text:
                break
            writer.write(text)
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"HTTP/1.1 302"):
                times.append((time.perf_counter() - due) * 1000)
            else:
                other += 1
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
                await reader.readexactly(length)
            idle.release()
        writer.close()

    tasks = [asyncio.create_task(connection()) for _ in range(load.connections)]
    asked = 0
    while asked < load.most and (now := time.perf_counter()) < end:
        if load.rate:
            due = started + asked / load.rate
            if due > now:
                await asyncio.sleep(due - now)
        else:
            due = now
        await idle.acquire()
        waiting.put_nowait((due if load.rate else time.perf_counter(), request()))
        asked += 1
    for _ in tasks:
        waiting.put_nowait((0, b""))
    await asyncio.gather(*tasks)
    return Result(sorted(times), other, time.perf_counter() - started)


async def _recorded(context: Context) -> int:
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select coalesce(sum(visits + bots), 0) from engagement")
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _print_hot(context: Context) -> None:
    async with context.database.snapshot() as connection:
        cursor = await connection.execute(
            "select visits, unlisted, (select count(*) from response where response.send_id = engagement.send_id)"
            "  from engagement order by visits desc limit 1"
        )
        row = await cursor.fetchone()
    if row:
        print(f"  the one link: {row[0]:,} visits, {row[1]:,} of them without a row, {row[2]:,} rows")
