"""Getting started: what to look at first, and how far connecting one's own mail has come."""

from dataclasses import dataclass

from sendtrail.domain.events import ID_BY_CODE, Kind
from sendtrail.domain.scope import Scope
from sendtrail.feeds.formats import IMB_TRACING, IV_MTR_DELIMITED, IV_MTR_JSON
from sendtrail.services.context import Context
from sendtrail.store import welcome
from sendtrail.store.welcome import ProgressRow

_SCANS = (IV_MTR_JSON, IV_MTR_DELIMITED, IMB_TRACING)


@dataclass(frozen=True, slots=True)
class Sights:
    """Ids of what is worth a look, empty where there is none."""

    campaign: str
    rerouted: str
    returned: str


async def progress(context: Context, scope: Scope) -> ProgressRow:
    """How far connecting has come, in the scope's mode."""
    async with context.database.snapshot() as connection:
        return await welcome.progress(connection, scope, _SCANS)


async def sights(context: Context, scope: Scope) -> Sights:
    """What to look at first."""
    async with context.database.snapshot() as connection:
        campaign = await welcome.largest_campaign(connection, scope)
        sends = [await welcome.send_with(connection, scope, ID_BY_CODE[code]) for code in ("rerouted", "returned")]
    rerouted, returned = (context.ids.encode(Kind(found[1]).word, found[0]) if found else "" for found in sends)
    return Sights(context.ids.encode("campaign", campaign) if campaign else "", rerouted, returned)
