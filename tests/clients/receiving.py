"""Receivers that behave as they are told, down to the bytes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Received(NamedTuple):
    """`headers` by their names in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[[Received], Awaitable[bytes | None]]
"""What is answered to a request, byte by byte; None: the connection is closed without an answer."""


@asynccontextmanager
async def receiving(behaviour: Behaviour) -> AsyncIterator[str]:
    """The address of a receiver on this machine, without a path."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while (answer := await behaviour(await _read(reader))) is not None:
                writer.write(answer)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(head.split(" ")[1], headers, body)
