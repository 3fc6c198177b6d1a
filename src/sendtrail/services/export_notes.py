"""Who took which sends out as a file, and how many of them: in the audit trail.

It is noted before the first byte, and at the end how many sends the file has and whether it is whole: neither a reader
who goes away nor a crash leaves no trace.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import fields
from typing import Protocol, TypeVar

from sendtrail.domain.scope import Scope
from sendtrail.domain.standings import named
from sendtrail.services.context import Context
from sendtrail.services.tracker import Wanted
from sendtrail.store import audit

_LONGEST = 500
"""Characters of a filter that are noted: a list of ids may be long."""
_ending: set[asyncio.Task[None]] = set()
"""What is being noted although nobody waits for it any more."""


class Part(Protocol):
    """Some of a file."""

    @property
    def sends(self) -> int: ...


AnyPart = TypeVar("AnyPart", bound=Part)


async def begun(context: Context, scope: Scope, wanted: Wanted, modes: tuple[bool, ...]) -> int:
    """Note that a list is taken out; the number of the note."""
    mode = "both" if len(modes) > 1 else "live" if modes[0] else "test"
    async with context.database.transaction() as connection:
        return await audit.note(connection, scope, "sends.exported", mode=mode, filters=_filters(wanted))


async def counting(
    context: Context, scope: Scope, number: int, parts: AsyncGenerator[AnyPart, None]
) -> AsyncGenerator[AnyPart, None]:
    """The parts as they are. When they end, or are asked for no more, the note says how many sends were in them."""
    n, whole = 0, False
    try:
        async with aclosing(parts):
            async for part in parts:
                n += part.sends
                yield part
        whole = True
    finally:
        # Whoever is cancelled may not wait here, and it is noted all the same.
        task = asyncio.create_task(_ended(context, scope, number, n, whole))
        _ending.add(task)
        task.add_done_callback(_ending.discard)
        await asyncio.shield(task)


async def _ended(context: Context, scope: Scope, number: int, sends: int, whole: bool) -> None:
    async with context.database.transaction() as connection:
        await audit.add_detail(connection, scope, number, sends=sends, whole=whole)


def _filters(wanted: Wanted) -> Mapping[str, str]:
    """What the list is narrowed to, as its address would have it."""
    found = {}
    for field in fields(wanted):
        value = getattr(wanted, field.name)
        if value == field.default or field.name in ("after", "sort"):
            continue
        if field.name == "standings":
            found["status"] = named(value)
        else:
            found[field.name] = (",".join(value) if isinstance(value, tuple) else str(value))[:_LONGEST]
    return found
