"""What a worker does, and how often. Each duty calls one service."""

from functools import partial

from sendtrail.services import histories, ingest, listing, mail, upkeep
from sendtrail.services.context import Context
from sendtrail.worker.feed_dir import FeedDir
from sendtrail.worker.loop import Duty

_SWEEP = 300
"""Seconds. A sweep reads all that is unmatched, and only heals what came at the very moment its send was made."""


def duties(context: Context) -> list[Duty]:
    """All duties; the watched folder only where the settings name one."""
    given = [
        Duty("reading files that nobody finished", 5, partial(_resume, context)),
        Duty("matching unmatched scans", _SWEEP, partial(ingest.sweep, context)),
        Duty("working out how the days went", 5, partial(histories.refresh, context)),
        Duty("listing older sends", 30, partial(_list_older, context)),
        Duty("sending e-mails", 2, partial(mail.deliver, context)),
        Duty("forgetting what is over", 3600, partial(upkeep.purge, context)),
    ]
    if context.config.feed_dir:
        given.append(Duty("watching the feed folder", 1, FeedDir(context, context.config.feed_dir).round))
    return given


async def _resume(context: Context) -> None:
    while await ingest.resume(context):
        pass


async def _list_older(context: Context) -> None:
    while await listing.list_older(context):
        pass
