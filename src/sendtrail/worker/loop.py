"""The loop: each duty is done again and again, on its own, whatever becomes of the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_LONGEST = 60.0
"""Seconds between two tries of a duty that fails."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done every so many seconds; any number of workers may do it at once."""

    name: str
    every: float
    act: Callable[[], Awaitable[object]]


async def run(duties: list[Duty], stop: asyncio.Event) -> None:
    """Do the duties until `stop` is set; what is under way then is broken off, as a crash would (law 2)."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_repeat(duty)) for duty in duties]
        await stop.wait()
        for task in tasks:
            task.cancel()


async def _repeat(duty: Duty) -> None:
    failures = 0
    while True:
        try:
            await duty.act()
            failures = 0
        except Exception:
            failures += 1
            _log.exception("%s failed; trying again", duty.name)
        await asyncio.sleep(min(duty.every * 2**failures, max(duty.every, _LONGEST)))
