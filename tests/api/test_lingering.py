"""A refusal waits for the end of the request, but not for ever."""

import asyncio
from typing import Any

import pytest

from sendtrail.api.lingering import lingering

ENOUGH = 5
"""Seconds within which the answer has come, whatever the client does."""


async def refusing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body", "body": b"no"})


async def answered(*, pauses: bool) -> list[Any]:
    """What is sent while a body comes of which there is always more: byte by byte, or none after the first."""
    came, sent = 0, []

    async def receive() -> Any:
        nonlocal came
        came += 1
        if pauses and came > 1:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {"type": "http", "headers": [(b"content-length", b"1000000000")]}
    app: Any = lingering(refusing, patience=0.05)
    await asyncio.wait_for(app(scope, receive, send), ENOUGH)
    return sent


@pytest.mark.parametrize("pauses", [True, False], ids=["that stalls", "that trickles"])
async def test_a_body_holds_the_answer_up_for_a_while_only(pauses: bool) -> None:
    start, body = await answered(pauses=pauses)

    assert (start["status"], body["body"]) == (401, b"no")
