"""A server that is killed while hundreds open links has written all that it answered."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sendtrail.domain.send import NewSend
from sendtrail.services.context import Context
from sendtrail.services.link_addresses import code
from tests.programs import environment, free_port
from tests.services.organizations import organization

from .printing import ANN, PHONE, asked, print_links

PEOPLE = 60
ENOUGH = 400
"""Answers after which the server dies."""


@asynccontextmanager
async def serving(context: Context, data: Path) -> AsyncIterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """The port of a server, and its first process, whose whole group dies with the block."""
    port = free_port()
    settings = environment(data, context.dsn) | {"SENDTRAIL_PORT": str(port)}
    server = subprocess.Popen(
        [sys.executable, "-m", "sendtrail.cli.child", "web"],
        stdin=subprocess.PIPE,
        env=settings,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(60):
            while not (await answer(port, b"GET /healthz HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1."):
                assert server.poll() is None, "the server did not start"
                await asyncio.sleep(0.05)
        yield port, server
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.communicate()


async def answer(port: int, request: bytes) -> bytes:
    """All that comes back; nothing from a server that is not there."""
    with suppress(OSError, asyncio.IncompleteReadError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        try:
            return await reader.readuntil(b"\r\n\r\n")
        finally:
            writer.close()
    return b""


def asks(path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: go.test", f"User-Agent: {PHONE}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def test_nobody_is_led_on_whose_visit_is_lost_when_the_server_is_killed(context: Context, tmp_path: Path) -> None:
    links = await print_links(context, await organization(context), new=[NewSend("letter", ANN)] * 20)
    paths = {f"/r/{code(context, link)}": link for link in links}
    led: Counter[int] = Counter()

    async def person(port: int, server: "subprocess.Popen[bytes]", first: int) -> None:
        for n in range(1000):
            path = list(paths)[(first + n) % len(paths)]
            if not (await answer(port, asks(path))).startswith(b"HTTP/1.1 302"):
                return
            led[paths[path]] += 1
            if led.total() == ENOUGH:
                os.killpg(server.pid, signal.SIGKILL)

    async with serving(context, tmp_path) as (port, server):
        await asyncio.gather(*(person(port, server, first) for first in range(PEOPLE)))
    async with serving(context, tmp_path) as (port, _):
        await odd_requests_change_nothing(port, next(iter(paths)))
        assert b" 302 " in await answer(port, asks(list(paths)[-1]))
    led[links[-1]] += 1

    found = await asked(
        context,
        "select link.id, visits + bots, unlisted, (select count(*) from response where response.send_id = link.send_id)"
        "  from link join engagement using (send_id) order by 1",
    )
    assert led.total() >= ENOUGH
    assert all(written >= led[link] for link, written, *_ in found)
    assert all(written == rows + unlisted for _, written, unlisted, rows in found)
    assert sum(written for _, written, *_ in found) <= led.total() + PEOPLE + 3


async def odd_requests_change_nothing(port: int, path: str) -> None:
    """A server as it is run: what it does not refuse by itself leads on or leads nowhere, and it stays up."""
    huge, bytes_ = "Referer: https://example.com/" + "x" * 1_000_000, "User-Agent: \xff\xfe\x80 \xe4"
    assert b" 302 " in await answer(port, asks(path, bytes_))
    for request in (
        asks(path, huge),
        asks("/r/\xff\xfe"),
        asks("/r/%00%0d%0aX-Evil:%201"),
        asks("/r/%ff%fe"),
        asks(path, "X-Bad: a\rb"),
        b"GET /r/" + b"\x00" * 50 + b" HTTP/1.1\r\n\r\n",
        b"GET //r/../" + path.encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ):
        told = await answer(port, request)
        assert not told.startswith(b"HTTP/1.1 5"), request[:60]
        assert b"X-Evil" not in told
