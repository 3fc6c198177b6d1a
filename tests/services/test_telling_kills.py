"""Whatever receivers, workers and the database do, each hook hears of everything, in order for each send."""

import asyncio
import json
import multiprocessing
import os
import random
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from sendtrail.config import Config
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import feeds, sends
from sendtrail.services.context import Context, open_context
from sendtrail.services.deliveries import Deliveries
from sendtrail.worker.duties import delivering, duties
from sendtrail.worker.loop import run
from tests.clients.receiving import OK, Received, receiving
from tests.services.hooks import listen
from tests.services.organizations import organization
from tests.services.test_deliveries import SECRET, execute

SENDS, SCANS = 25, 3
KILLS, OUTAGE = 5, 2
"""How often both workers are killed, and in which turn the database goes away."""
LEASE = timedelta(seconds=1)
"""Whoever is killed leaves its hooks to others after so long."""
HANGS = 1.5
LONGER = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nmore than one"
SHORTER = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nless"
WAYS = ("ok", "flaky", "worse")


class Receiver:
    """Keeps what it took, in order, and what came before its time, if anything did. `n`: all that came."""

    def __init__(self) -> None:
        self.took: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.ids: dict[tuple[str, str, int], set[str]] = defaultdict(set)
        self.early: list[tuple[str, str, int]] = []
        self.n = 0
        self._chance = random.Random(3)

    def reached(self, n: int) -> bool:
        return self.n >= n

    async def answer(self, request: Received) -> bytes | None:
        self.n += 1
        body = json.loads(request.body)
        way, send, number = request.path, body["data"]["send"]["id"], body["sequence"]
        self.ids[way, send, number].add(request.headers["webhook-id"])
        assert body["id"] == request.headers["webhook-id"]
        if number > len(self.took[way, send]) + 1:
            self.early.append((way, send, number))
        what = self._chance.random() if way != "/ok" else 1
        if what < 0.03 and way == "/worse":
            await asyncio.sleep(HANGS)
            return None
        if what < 0.1:
            return None
        if what < 0.2:
            return b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno"
        if number == len(self.took[way, send]) + 1:
            self.took[way, send].append(number)
        if what < 0.3:
            return LONGER if what < 0.25 else SHORTER
        return OK


def work(dsn: str, data: Path) -> None:
    """A worker that announces and tells, until killed."""
    asyncio.run(_work(dsn, data))


async def _work(dsn: str, data: Path) -> None:
    config = Config.load({"SENDTRAIL_ALLOW_PRIVATE_HOOKS": "true"}, data=data)
    async with open_context(dsn, config) as context, Deliveries.opened(context, lease=LEASE) as deliveries:
        own = [duty for duty in duties(context) if duty.name == "announcing what happened"]
        await run(context, [*own, delivering(deliveries)], asyncio.Event())


@contextmanager
def workers(dsn: str, data: Path) -> Iterator[list[ForkServerProcess]]:
    """Two of them; killed with the block."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.services.test_telling_kills"])
    started = [processes.Process(target=work, args=(dsn, data)) for _ in range(2)]
    for each in started:
        each.start()
    try:
        yield started
    finally:
        for each in started:
            with suppress(ProcessLookupError):
                os.kill(each.pid or 0, signal.SIGKILL)
            each.join()


async def happen(context: Context, scope: Scope) -> None:
    """Sends are made, and scanned again and again."""
    codes = [f"00310901000077{place:06d}" for place in range(SENDS)]
    await sends.create(context, scope, [NewSend("letter", Address(name="Ann"), imb=code) for code in codes])
    began = datetime.now(UTC)
    for place in range(SCANS):
        at = began + timedelta(hours=place)
        events = [
            {"imbTrackingCode": code, "scanDatetime": f"{at:%Y-%m-%dT%H:%M:%SZ}", "mailPhase": "Phase 1a - Origin"}
            for code in codes
        ]

        async def push(events: list[dict[str, str]] = events) -> AsyncIterator[bytes]:
            yield json.dumps({"events": events}).encode()

        await feeds.receive_file(context, scope, push(), f"{place}.json")


async def hurry(context: Context, enough: Callable[[], bool] = lambda: False) -> None:
    """Nobody waits until it is time to try again; until all is told, or enough."""
    while not enough():
        await execute(context, "update delivery set due_at = now() where state = 1 and tries > 0 and due_at > now()")
        await execute(context, "update hook set rest_until = null where rest_until is not null")
        left = await execute(context, "select (select count(*) from outbox), count(*) from delivery where state = 1")
        if left == [(0, 0)]:
            break
        await asyncio.sleep(0.02)


def cut_off(server: str, dsn: str) -> None:
    """The database goes away under everybody, as when it is started anew."""
    name = conninfo_to_dict(dsn)["dbname"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"alter database {name} allow_connections false".encode())
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        connection.execute(f"alter database {name} allow_connections true".encode())


async def test_everything_is_told_at_least_once_and_in_order_whoever_fails(
    context: Context, server: str, dsn: str, tmp_path: Path
) -> None:
    chance, receiver, scope = random.Random(5), Receiver(), await organization(context)
    async with receiving(receiver.answer) as url, asyncio.timeout(50):
        for way in WAYS:
            await listen(context, scope, "send.*", url=f"{url}/{way}", secret=SECRET)
        await happen(context, scope)
        for kill in range(KILLS):
            with workers(dsn, tmp_path) as started:
                await hurry(context, partial(receiver.reached, receiver.n + 30))
                if kill == OUTAGE:
                    await asyncio.to_thread(cut_off, server, dsn)
                await asyncio.sleep(chance.random() * 0.05)  # anywhere in what comes next
                assert all(each.is_alive() for each in started)
        with workers(dsn, tmp_path):
            await hurry(context)
    told = {key for key in receiver.took if key[1]}
    assert len(told) == SENDS * len(WAYS)
    assert all(receiver.took[key] == list(range(1, SCANS + 2)) for key in told)
    assert receiver.early == []
    assert all(len(ids) == 1 for ids in receiver.ids.values())
    assert await execute(context, "select distinct state from delivery") == [(2,)]
