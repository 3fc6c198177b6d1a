"""What public links need to lead on, and what is forgotten of those who opened them.

Each row carries its organization."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sendtrail.store.database import Connection, statements

_SQL = statements("system/visits.sql")


class LeadRow(NamedTuple):
    """Where a link leads. `testing`: what happens is a trial; `address_days`: how long visitors' addresses are kept, 0:
    not at all; `recipient`, `sender`, `merge`: None where the template asks for nothing of them; `tracker_id`: of the
    tracker that the link is one of, 0 for none; `names`: as landing.values_of has them. Columns in the order of the
    statement `lead`."""

    link_id: int
    send_id: int
    organization_id: int
    template: str
    testing: bool
    expires_at: datetime
    address_days: int
    recipient: dict[str, Any] | None
    metadata: dict[str, Any] | None
    external_id: str
    campaign: str
    kind: int
    sender: dict[str, Any] | None
    merge: dict[str, Any] | None
    tracker_id: int
    names: dict[str, list[str]] | None


async def lead(connection: Connection, link_ids: Sequence[int]) -> dict[int, LeadRow]:
    """The links among these numbers that exist, by number."""
    cursor = await connection.execute(_SQL["lead"], {"link_ids": list(link_ids)})
    return {row[0]: LeadRow(*row) async for row in cursor}


async def missed(
    connection: Connection, misses: Mapping[bytes, int], now: datetime, window: timedelta
) -> dict[bytes, tuple[int, timedelta]]:
    """Count who asked for links that are not there, by digest of the address; how many times they have since the first
    one, at most `window` ago, and how long it is until that is forgotten."""
    given = {"who": list(misses), "n": list(misses.values()), "now": now, "window": window}
    cursor = await connection.execute(_SQL["missed"], given)
    return {bytes(row[0]): (row[1], row[2]) async for row in cursor}


async def salt(connection: Connection, day: date, new: bytes) -> bytes:
    """With what visitors of a day are hashed, in all processes: `new` where nobody has made it up yet."""
    cursor = await connection.execute(_SQL["salt"], {"day": day, "salt": new})
    row = await cursor.fetchone()
    return bytes(row[0]) if row else new


async def forget_salts(connection: Connection, day: date) -> int:
    """Forget the salts of the days before; how many."""
    return (await connection.execute(_SQL["forget_salts"], {"day": day})).rowcount


async def forget_visitors(connection: Connection, day: date, limit: int) -> int:
    """Forget some of those who came on the days before; how many."""
    return (await connection.execute(_SQL["forget_visitors"], {"day": day, "limit": limit})).rowcount


async def forget_addresses(connection: Connection, now: datetime, limit: int) -> int:
    """Forget some of the addresses that their organizations do not keep any longer; how many."""
    return (await connection.execute(_SQL["forget_addresses"], {"now": now, "limit": limit})).rowcount
