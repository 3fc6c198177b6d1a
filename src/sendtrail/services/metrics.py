"""Figures for monitoring, read from the database when somebody asks: all web processes say the same."""

from dataclasses import dataclass

from sendtrail.services import duties
from sendtrail.services.context import Context
from sendtrail.services.duties import Report
from sendtrail.services.mail import ATTEMPTS
from sendtrail.store.errors import in_one_line
from sendtrail.store.system import metrics
from sendtrail.store.system.metrics import Files, Queues

MOST = 100_000
"""How far a queue is counted."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Feeds by mode; sends by mode and category; what is to be done; and how the worker's duties go."""

    files: list[Files]
    sends: list[tuple[bool, str, int]]
    queues: Queues
    report: Report


async def figures(context: Context) -> Figures:
    """All of them; DatabaseError in one line where there is no database."""
    with in_one_line():
        async with context.database.snapshot() as connection:
            files = await metrics.files(connection)
            sends = await metrics.sends(connection)
            queues = await metrics.queues(connection, MOST, ATTEMPTS)
        return Figures(files, sends, queues, await duties.report(context))
