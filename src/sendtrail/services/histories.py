"""How the days went, kept by the worker: reading it costs nothing, and neither does it hold up the pipeline."""

from datetime import date, timedelta

from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import counts, histories, system
from sendtrail.store.database import Connection

REST = timedelta(microseconds=300)
"""For each of its sends a changed cell waits so long: to work out a million takes 15 s and is done every 5 minutes."""
ROUND = 1_000


async def refresh(context: Context, limit: int = ROUND, *, rest: timedelta = REST) -> int:
    """Work out the past of what has changed, at most `limit` cells (one day's sends of a campaign); how many.

    Any number of workers may do it at once, beside any number of writers. With `rest` zero all that has changed is due.
    """
    async with context.database.snapshot() as connection:
        due = await system.due_histories(connection, rest, limit)
    done = 0
    for organization_id, live, created_on, campaign_id in due:
        done += await _refresh(context, Scope(organization_id, live, "history"), created_on, campaign_id)
    return done


async def _refresh(context: Context, scope: Scope, created_on: date, campaign_id: int) -> bool:
    async def work_out(connection: Connection) -> bool:
        return await histories.refresh(connection, scope, created_on, campaign_id)

    async def fold(connection: Connection) -> None:
        await counts.fold(connection, scope, created_on, campaign_id)

    if not await context.database.run(work_out):
        return False
    await context.database.run(fold)
    return True
