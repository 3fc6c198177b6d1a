"""What workers do again and again: noted in the database, and told to whoever runs the installation.

Most duties any number of workers may do at once. One that is done alone is claimed: the schedule is the database's, and
a worker that dies loses its claim after a while.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sendtrail.domain.problems import SendtrailError
from sendtrail.services.context import Context
from sendtrail.store.errors import in_one_line
from sendtrail.store.system import duties
from sendtrail.store.system.duties import DutyRow, Ended, Known

__all__ = ["DutyRow", "Ended", "Known"]

SIGN = timedelta(seconds=15)
"""How often a worker notes how its duties go, if nothing special happened: some are done each second."""
LEASE = timedelta(minutes=1)
"""How long a duty that is done alone stays claimed after its worker's last sign of life."""
LONGEST = timedelta(minutes=1)
"""Between two tries of a duty that fails, unless it is done less often anyway."""
UNSEEN = timedelta(minutes=10)
"""After such a silence there is no worker."""
_LATE = timedelta(minutes=1)
_STUCK = timedelta(hours=1)
_PATIENCE = 1
"""Seconds that `/healthz` waits for the database."""


class Standing(Enum):
    """How a duty stands with its schedule."""

    ON_TIME = "on time"
    LATE = "late"
    UNDONE = "no worker does it"


@dataclass(frozen=True, slots=True)
class Report:
    """How the duties go. `seen_at`: a worker's last sign of life, None where there never was one."""

    duties: list[tuple[DutyRow, Standing]]
    seen_at: datetime | None
    working: bool
    """Whether there is a worker."""


async def note(
    context: Context, known: Sequence[Known], under_way: Sequence[tuple[str, timedelta]], ended: Sequence[Ended]
) -> None:
    """A worker's sign of life, and what became of the duties that any number may do: under way since when, or ended.

    DatabaseError in one line where there is no database.
    """
    with in_one_line():
        async with context.database.transaction() as connection:
            await duties.see_to(connection, known)
            for name, ago in under_way:
                await duties.began(connection, name, ago)
            for end in ended:
                await duties.ended(connection, end)


async def claim(context: Context, known: Known, worker: str, lease: timedelta = LEASE) -> timedelta | None:
    """Take a duty that is done alone, if it is due and nobody is at it: None then, else how long that will be."""
    with in_one_line():
        async with context.database.transaction() as connection:
            return await duties.claim(connection, known, worker, lease, LONGEST)


async def renew(context: Context, name: str, worker: str, lease: timedelta = LEASE) -> bool:
    """Hold a claim for another while; False where it is lost."""
    with in_one_line():
        async with context.database.transaction() as connection:
            return await duties.renew(connection, name, worker, lease)


async def finish(context: Context, name: str, worker: str, error: str = "") -> None:
    """A claimed duty is done, well or not."""
    with in_one_line():
        async with context.database.transaction() as connection:
            await duties.finish(connection, name, worker, LONGEST, error)


async def give_back(context: Context, name: str, worker: str) -> None:
    """A claimed duty was broken off."""
    with in_one_line():
        async with context.database.transaction() as connection:
            await duties.give_back(connection, name, worker)


async def report(context: Context) -> Report:
    """How the duties of the installation go, by name."""
    async with context.database.snapshot() as connection:
        rows = await duties.listed(connection, 4 * SIGN)
    seen_at = max((row.seen_at for row in rows), default=None)
    working = seen_at is not None and rows[0].now - seen_at < UNSEEN
    return Report([(row, _standing(row, working)) for row in rows], seen_at, working)


async def lines(context: Context) -> list[str]:
    """The same for strangers, a line each: whether a worker was seen and how each duty stands; no errors, no names."""
    try:
        with in_one_line():
            async with asyncio.timeout(_PATIENCE):
                told = await report(context)
    except (SendtrailError, TimeoutError):
        return ["duties: not known, the database does not answer"]
    if not told.working:
        return [f"worker: none seen for {UNSEEN // timedelta(minutes=1)} minutes"]
    failures = [f", failures in a row: {row.failures}" if row.failures else "" for row, _ in told.duties]
    each = [
        f"{row.name}: {standing.value}{failed}" for (row, standing), failed in zip(told.duties, failures, strict=True)
    ]
    return ["worker: seen", *each]


def _standing(row: DutyRow, working: bool) -> Standing:
    """Late is what should have begun long ago, or has been under way for much longer than usual."""
    if working and row.now - row.seen_at > UNSEEN:
        return Standing.UNDONE
    if row.under_way and row.started_at is not None:
        late = row.now - row.started_at > max(10 * row.every, _STUCK)
    else:
        late = row.now - row.due_at > max(row.every, _LATE)
    return Standing.LATE if late else Standing.ON_TIME
