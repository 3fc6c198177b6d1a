"""Trying out links: what happens meanwhile is recorded, shown as a trial, counts nowhere and is forgotten at the end.

In test mode all that was ever recorded of a campaign can be taken back.
"""

import msgspec

from sendtrail.domain.scope import Scope
from sendtrail.services.campaign_changes import held
from sendtrail.services.campaigns import read
from sendtrail.services.context import Context
from sendtrail.store import audit, trials
from sendtrail.store.database import Connection


class Forgotten(msgspec.Struct, frozen=True):
    """How many visits and goals were deleted."""

    deleted: int


async def forget(context: Context, scope: Scope, campaign_id: str) -> Forgotten:
    """Delete the trials of a campaign's links, and in test mode every visit and goal of its sends; a trial that is on
    goes on. NotFound and Forbidden as for any change of a campaign."""

    async def act(connection: Connection) -> Forgotten:
        row = await held(connection, context, scope, campaign_id)
        if scope.live:
            deleted = await trials.forget(connection, scope, row.landing_id)
        else:
            deleted = await trials.reset(connection, scope, row.id)
        if deleted:
            await audit.note(connection, scope, "campaign.responses_reset", row.name, deleted=deleted)
        return Forgotten(deleted)

    return await context.database.run(act)


async def tally(context: Context, scope: Scope, campaign_id: str) -> int:
    """How many trials a campaign's links have; 0 where it has no links."""
    async with context.database.snapshot() as connection:
        row = await read(connection, context, scope, campaign_id)
        return await trials.tally(connection, scope, row.landing_id) if row.landing_id else 0
