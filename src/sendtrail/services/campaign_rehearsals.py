"""The journeys of a test campaign's sends, rehearsed together."""

from contextlib import suppress

from sendtrail.domain.problems import Conflict, NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.services import campaigns, rehearsals
from sendtrail.services.context import Context
from sendtrail.services.playing import TEST_ONLY
from sendtrail.services.tracker import Wanted, list_sends
from sendtrail.simulator.rehearsal import PACES, PROBLEMS
from sendtrail.store import rehearsals as store

MOST = 50
"""Sends that are begun with at once, the newest: a worker tells their steps in turn, some dozens a second."""


async def begin_all(context: Context, scope: Scope, campaign_id: str, pace: str, problem: str) -> int:
    """Begin to rehearse the newest sends of a test campaign that have journeys left; how many.

    A send that cannot have the problem has none. NotFound; Invalid names `pace` or `problem`; Conflict for a live
    campaign.
    """
    await _check(context, scope, campaign_id)
    rehearsals.one_of(pace, PACES, "pace")
    rehearsals.one_of(problem, PROBLEMS, "problem")
    found, _ = await list_sends(context, scope, Wanted(campaign=campaign_id), MOST)
    begun = 0
    for send in found:
        possible = rehearsals.problems_for(send)
        with suppress(Conflict, NotFound):  # it has a rehearsal, its day is to come, or it is another's to write to
            if possible:
                chosen = problem if problem in possible else "none"
                await rehearsals.begin(context, scope, send["id"], pace, chosen)
                begun += 1
    return begun


async def reset_all(context: Context, scope: Scope, campaign_id: str) -> int:
    """Take back the rehearsals of a test campaign's sends; how many. As `begin_all`."""
    number = await _check(context, scope, campaign_id)
    async with context.database.snapshot() as connection:
        sends = await store.of_campaign(connection, scope, number)
    gone = 0
    for send_id, kind in sends:
        with suppress(NotFound):  # reset meanwhile, or another's to write to
            await rehearsals.reset(context, scope, context.ids.encode(kind.word, send_id))
            gone += 1
    return gone


async def tally(context: Context, scope: Scope, campaign_id: str) -> tuple[int, int]:
    """How many of a test campaign's sends have a rehearsal, and how many of these are being played."""
    number = campaigns.number_of(context, campaign_id)
    async with context.database.snapshot() as connection:
        return await store.tally(connection, scope, number) if number else (0, 0)


async def _check(context: Context, scope: Scope, campaign_id: str) -> int:
    scope.require(Permission.SENDS_WRITE)
    async with context.database.snapshot() as connection:
        row = await campaigns.read(connection, context, scope, campaign_id)
    if scope.live:
        raise Conflict(TEST_ONLY, "id")
    return row.id
