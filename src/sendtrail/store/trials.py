"""Links that are tried out, and what is forgotten of it."""

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import within

_SQL = statements("trials.sql")


async def switch(connection: Connection, scope: Scope, landing_id: int, testing: bool) -> None:
    """From now on, what happens at a landing's links is a trial, or counts. Trials that are being recorded come first:
    whoever records one holds the landing (`system.trials`)."""
    given = {"landing_id": landing_id, "testing": testing}
    await connection.execute(_SQL["switch"], {**within(scope), **given})


async def forget(connection: Connection, scope: Scope, landing_id: int) -> int:
    """Delete the trials of a landing's links; how many."""
    return (await connection.execute(_SQL["forget"], {**within(scope), "landing_id": landing_id})).rowcount


async def tally(connection: Connection, scope: Scope, landing_id: int) -> int:
    """How many trials there are."""
    cursor = await connection.execute(_SQL["tally"], {**within(scope), "landing_id": landing_id})
    ((n,),) = await cursor.fetchall()
    return int(n)


async def reset(connection: Connection, scope: Scope, campaign_id: int) -> int:
    """Delete all visits and goals of a campaign's sends, and what they came to; how many."""
    given = {**within(scope), "campaign_id": campaign_id}
    cursor = await connection.execute(_SQL["hold"], given)
    held = [row[0] async for row in cursor]
    cursor = await connection.execute(_SQL["reset"], {**given, "send_ids": held})
    ((n,),) = await cursor.fetchall()
    return int(n)
