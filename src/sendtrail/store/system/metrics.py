"""Figures of the whole installation, for monitoring. Numbers only: nothing of any organization."""

from datetime import datetime
from typing import NamedTuple

from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.store.database import Connection, statements

_SQL = statements("metrics.sql")


class Files(NamedTuple):
    """The files and pushes of one mode by their state, and what they told, as of each one's last reading."""

    live: bool
    waiting: int
    reading: int
    failed: int
    incomplete: int
    done: int
    new: int
    duplicate: int
    unmatched: int
    rejected: int
    last_at: datetime | None


class Queues(NamedTuple):
    """What is to be done: e-mails to be sent, cells whose history or silence is to be looked at, sends to be listed;
    scans that match no send; what happened and is not announced; what hooks are to be told, and for how many seconds
    the first of it has been due. Of hooks that rest or are disabled nothing is due."""

    emails: int
    stale_cells: int
    silent_cells: int
    unlisted_sends: int
    unmatched_scans: int
    outbox: int
    deliveries: int
    delivery_age: float


async def files(connection: Connection) -> list[Files]:
    """By mode; one in which nothing came is left out."""
    cursor = await connection.execute(_SQL["files"])
    return [Files(*row) async for row in cursor]


async def sends(connection: Connection) -> list[tuple[bool, str, int]]:
    """How many sends there are in each mode and category, from the totals."""
    cursor = await connection.execute(_SQL["sends"])
    return [(live, CATEGORIES[place].word, n) async for live, place, n in cursor]


async def queues(connection: Connection, most: int, attempts: int) -> Queues:
    """Each counted up to `most`, so that a long one takes no longer to count. E-mails as `emails.claim` takes them."""
    limits = {"most": most, "attempts": attempts}
    cursor = await connection.execute(_SQL["queues"], limits, prepare=False)
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 — a select without a table answers
    return Queues(*row)
