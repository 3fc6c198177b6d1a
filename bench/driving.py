"""A real server for a bench, and a client that asks as much of it as it answers.

The client is a process of its own that writes ready requests to sockets and looks for the end of each answer, so that
what is measured is the server.
"""

import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from sendtrail.services.context import Context


@dataclass(frozen=True, slots=True)
class Asking:
    """What the client is to do. `request`: the bytes of the request of a number, which a spawned process can have;
    `good`: how an answer begins that is as it should be; `first`: the first number; `keep`: answers to bring along."""

    port: int
    request: Callable[[int], bytes]
    good: bytes
    seconds: float
    connections: int
    first: int = 0
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """`times`: milliseconds from request to the last byte of the answer, sorted; `bad`: how other answers began."""

    times: Sequence[float]
    bad: Counter[bytes]
    seconds: float
    kept: Sequence[bytes]

    def __str__(self) -> str:
        wrong = f"   {sum(self.bad.values())} OTHERWISE, as {next(iter(self.bad))!r}" if self.bad else ""
        return f"{self.per_second:8,.0f}/s   p50 {self.at(0.5):6.1f} ms   p99 {self.at(0.99):6.1f} ms{wrong}"

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    def at(self, share: float) -> float:
        """Within how many milliseconds such a share was answered."""
        return self.times[min(len(self.times) - 1, int(share * len(self.times)))] if self.times else 0.0


@contextmanager
def served(context: Context) -> Iterator[int]:
    """The port of a server with as many processes as there are cores, as `sendtrail serve` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = {"DATABASE_URL": context.dsn, "SENDTRAIL_DATA": str(context.config.data), "SENDTRAIL_PORT": str(port)}
    server = subprocess.Popen(
        [sys.executable, "-m", "sendtrail.cli.child", "web"], stdin=subprocess.PIPE, env=os.environ | settings
    )
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert server.poll() is None, "the server did not start"
                time.sleep(0.05)
        yield port
    finally:
        server.communicate()  # its input ends, and so does it


def ask(asking: Asking) -> Answered:
    """Drive the server from a process of its own."""
    processes = multiprocessing.get_context("spawn")
    here, there = processes.Pipe()
    process = processes.Process(target=_client, args=(asking, there), daemon=True)
    process.start()
    answered: Answered = here.recv()
    process.join()
    return answered


def _client(asking: Asking, told: Connection) -> None:
    told.send(asyncio.run(_drive(asking)))


async def _drive(asking: Asking) -> Answered:
    times: list[float] = []
    bad: Counter[bytes] = Counter()
    kept: list[bytes] = []
    number = asking.first
    started = time.perf_counter()
    end = started + asking.seconds

    async def connection() -> None:
        nonlocal number
        reader, writer = await asyncio.open_connection("127.0.0.1", asking.port, limit=1 << 20)
        while (begun := time.perf_counter()) < end:
            number += 1
            writer.write(asking.request(number - 1))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
            body = await reader.readexactly(length)
            if not head.startswith(asking.good):
                bad[head[:20] + body[:200]] += 1
                continue
            times.append((time.perf_counter() - begun) * 1000)
            if len(kept) < asking.keep:
                kept.append(body)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(asking.connections)))
    return Answered(sorted(times), bad, time.perf_counter() - started, kept)
