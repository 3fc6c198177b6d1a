"""The worker's way to imports and campaigns of all organizations."""

from datetime import timedelta
from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store import mailings
from sendtrail.store.database import Connection
from sendtrail.store.list_imports import SQL, Claim


class Claimed(NamedTuple):
    """An import that is ours to read, and whose it is."""

    claim: Claim
    organization_id: int
    live: bool


async def claim_import(connection: Connection, lease: timedelta) -> Claimed | None:
    """The oldest import that waits to be read and that nobody reads; None where there is none left for us."""
    cursor = await connection.execute(SQL["claim"], {"lease": lease})
    row = await cursor.fetchone()
    return Claimed(Claim(row[0], row[1]), row[2], row[3]) if row else None


class ClaimedMailing(NamedTuple):
    """A campaign that makes its sends, ours until the transaction ends, and as who."""

    campaign_id: int
    scope: Scope


async def claim_mailing(connection: Connection) -> ClaimedMailing | None:
    """A campaign at which somebody is to look, the longest due; None where there is none left for us."""
    cursor = await connection.execute(mailings.SQL["claim"])
    row = await cursor.fetchone()
    return ClaimedMailing(row[0], Scope(row[1], row[2], row[3])) if row else None
