"""How fast hooks are told: a real worker, and a receiver on the same machine that takes all it is given.

From a file of scans to the receiver: what happened is put into the outbox with the scans, announced, signed and sent.
SENDTRAIL_BENCH_EVENTS: how many scans are told to how many hooks at once.
"""

import asyncio
import json
import multiprocessing
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from statistics import median

from bench.installation import installed
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import feeds, hooks, sends
from sendtrail.services.context import Context
from sendtrail.services.hook_plans import HookPlan
from sendtrail.store import system

EVENTS = int(os.environ.get("SENDTRAIL_BENCH_EVENTS", "10000"))
HOOKS = 5
RATE = 500
"""Deliveries a second, while it is measured how long each takes."""
SECONDS = 20
TICKS = 10
"""Files of scans a second."""
WARM = 500
_PAUSE, _LONGEST = 3, 10
"""Seconds in which something comes, and something first."""
_HTTP_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_SEND = re.compile(rb'"external_id":"(\d+)"')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

Receipts = list[tuple[float, int]]
"""When by `time.time()`, and of which send."""


class Receiver(asyncio.Protocol):
    """Answers 200 to everything, and keeps when it came."""

    def __init__(self, receipts: Receipts) -> None:
        self._receipts = receipts
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (head := self._data.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._data, 0, head)
            end = head + 4 + (int(length[1]) if length else 0)
            if len(self._data) < end:
                return
            found = _SEND.search(self._data, head, end)
            self._receipts.append((time.time(), int(found[1]) if found else -1))
            self._data = self._data[end:]
            self._transport.write(_HTTP_OK)


def main() -> None:
    asyncio.run(_measure())


async def _measure() -> None:
    os.environ["SENDTRAIL_ALLOW_PRIVATE_HOOKS"] = "true"
    async with installed() as context:
        async with context.database.transaction() as connection:
            number = await system.add_organization(connection, "Bench")
        scope = Scope(number or 0, True, "bench")
        await _print_sends(context, scope)
        with _receiver() as (port, told), _worker(context):
            first = await _listen(context, scope, port, 1)
            await _scan(context, scope, range(WARM))
            _receipts(told, WARM)
            await _measure_latency(context, scope, told)
            await hooks.delete(context, scope, first[0])
            await _listen(context, scope, port, HOOKS)
            await _measure_throughput(context, scope, told)


async def _measure_latency(context: Context, scope: Scope, told: Connection) -> None:
    committed: dict[int, float] = {}
    each = RATE // TICKS
    started = time.time()
    for tick in range(SECONDS * TICKS):
        await asyncio.sleep(started + tick / TICKS - time.time())
        some = range(WARM + tick * each, WARM + (tick + 1) * each)
        await _scan(context, scope, some)
        committed |= dict.fromkeys(some, time.time())
    waits = sorted((at - committed[send]) * 1000 for at, send in _receipts(told, len(committed)))
    last = waits[-1]
    print(
        f"  {RATE} a second, from commit to receipt".ljust(60)
        + f"p50 {median(waits):6.0f} ms   p99 {waits[int(0.99 * len(waits))]:6.0f} ms   longest {last:6.0f} ms"
    )


async def _measure_throughput(context: Context, scope: Scope, told: Connection) -> None:
    begin = WARM + SECONDS * RATE
    await _scan(context, scope, range(begin, begin + EVENTS))
    started = time.time()
    receipts = _receipts(told, EVENTS * HOOKS)
    first, last = receipts[0][0], receipts[-1][0]
    print(
        f"  {EVENTS:,} scans of one file, told to {HOOKS} hooks".ljust(60)
        + f"{len(receipts) / (last - started):8,.0f} deliveries/s   first after {(first - started) * 1000:,.0f} ms"
    )


async def _print_sends(context: Context, scope: Scope) -> None:
    """Sends with barcodes, before any hook listens."""
    n = WARM + SECONDS * RATE + EVENTS
    for first in range(0, n, 10_000):
        new = [
            NewSend(
                "letter",
                Address(name=f"Ann{place} Lee", email=f"ann{place}@example.com", city="Springfield", state="NY"),
                imb=_barcode(place),
                external_id=str(place),
                metadata={"deal": f"deal-{place}"},
            )
            for place in range(first, min(n, first + 10_000))
        ]
        await sends.create(context, scope, new)


def _barcode(place: int) -> str:
    return f"00310901000077{place:06d}"


async def _listen(context: Context, scope: Scope, port: int, n: int) -> list[str]:
    plans = [HookPlan(events=["send.*"], url=f"http://127.0.0.1:{port}/{place}") for place in range(n)]
    return [(await hooks.make(context, scope, plan)).id for plan in plans]


async def _scan(context: Context, scope: Scope, places: Sequence[int]) -> None:
    """A push with a scan of each of these sends."""
    phase, at = "Phase 3c - Destination Sequenced Carrier Sortation", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    events = [{"imbTrackingCode": _barcode(each), "scanDatetime": at, "mailPhase": phase} for each in places]

    async def push() -> AsyncIterator[bytes]:
        yield json.dumps({"events": events}).encode()

    await feeds.receive_file(context, scope, push(), "push.json")


def _receipts(told: Connection, n: int) -> Receipts:
    told.send(n)
    receipts: Receipts = told.recv()
    assert len(receipts) == n, f"{len(receipts)} of {n} were received"
    return receipts


@contextmanager
def _receiver() -> Iterator[tuple[int, Connection]]:
    """The port of a receiver in a process of its own, and how it is asked for what came."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_receive, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv(), here
    finally:
        process.terminate()
        process.join()


def _receive(asked: Connection) -> None:
    asyncio.run(_serve(asked))


async def _serve(asked: Connection) -> None:
    """Tell what came since it was last asked, once it is so much; give up where nothing comes any more."""
    loop = asyncio.get_running_loop()
    receipts: Receipts = []
    server = await loop.create_server(lambda: Receiver(receipts), "127.0.0.1", 0)
    asked.send(server.sockets[0].getsockname()[1])
    while True:
        n, before = await loop.run_in_executor(None, asked.recv), -1
        while before < len(receipts) < n:
            before = len(receipts)
            await asyncio.sleep(_LONGEST if not before else _PAUSE)
        asked.send(receipts)
        receipts.clear()


@contextmanager
def _worker(context: Context) -> Iterator[None]:
    """A worker as `sendtrail serve` starts it."""
    settings = {"DATABASE_URL": context.dsn, "SENDTRAIL_DATA": str(context.config.data)}
    worker = subprocess.Popen(
        [sys.executable, "-m", "sendtrail.cli.child", "worker"], stdin=subprocess.PIPE, env=os.environ | settings
    )
    try:
        yield
    finally:
        worker.communicate()  # its input ends, and so does it
