"""Sends as rows of a table, some thousand at a time."""

from collections.abc import Sequence
from typing import TypeAlias, cast

from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.counts import GIFTS
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("exports.sql")


Row: TypeAlias = tuple[int, int, int, list[int], list[int] | None, str, str, str, list[str]]
"""Number of the send; of its kind; of its status (`best & packing.STATUS_MASK`); the packed items of its trail in order
of arrival; the places, from 1, of events by machines, if any. Then cells that are ready, with commas between: day,
created_at and send_date; since and expected_delivery; cost and currency. Then texts as they were given: the recipient's
ten, campaign, sector, sender, owner's e-mail, team, tags, mailing class, extra service, supplier, message, external id,
barcode, post, carrier, tracking number."""


async def rows(connection: Connection, scope: Scope, send_ids: Sequence[int], money: bool) -> list[Row]:
    """Those of the sends that the scope may see, in the order given. Times in UTC; costs only if `money`."""
    await connection.execute(_SQL["spell"])
    query = reaching(_SQL["rows"], scope, Permission.SENDS_READ)
    cursor = await connection.cursor(binary=True).execute(
        query, {**within(scope), "send_ids": list(send_ids), "money": money, "gifts": GIFTS}, prepare=False
    )
    return cast(list[Row], await cursor.fetchall())


async def codes(connection: Connection, scope: Scope) -> dict[int, int]:
    """The number of the code that an event means, by the part of its item that decides it (`meaning.selector`)."""
    cursor = await connection.execute(_SQL["codes"])
    return {selector: code async for selector, code in cursor}
