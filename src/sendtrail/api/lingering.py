"""Answers that arrive although the request's body was not wanted.

Servers close a connection whose request was not read to its end, and clients that are still writing then see a broken
connection instead of the refusal. So what is left of a body is read and dropped before the answer goes out.
"""

import asyncio
from contextlib import suppress
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

MOST = 32 << 20
"""Bytes that are read for nothing at most: beyond it a client that never looks up deserves its broken connection."""
PATIENCE = 5.0
"""Seconds that are waited for it at most: one that announces a body and stalls must not hold a connection for ever."""


def lingering(app: ASGIApp, patience: float = PATIENCE) -> ASGIApp:
    """Middleware: `app`, whose answers wait for the end of the request."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or not _is_sending(scope):
            return await app(scope, receive, send)
        over = False

        async def told_receive() -> Any:
            nonlocal over
            event = await receive()
            over = event["type"] != "http.request" or not event.get("more_body", False)
            return event

        async def late_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                with suppress(TimeoutError):
                    async with asyncio.timeout(patience):
                        await rest()
            await send(message)

        async def rest() -> None:
            read = 0
            while not over and read < MOST:
                read += len((await told_receive()).get("body", b""))

        return await app(scope, told_receive, late_send)

    return wrapped


def _is_sending(scope: Any) -> bool:
    """Whether a body is on its way; a client that asks first (100-continue) only sends one that is wanted."""
    headers = {name.lower(): value for name, value in scope["headers"]}
    body = b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"
    return body and b"expect" not in headers
