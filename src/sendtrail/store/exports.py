"""Sends as rows of a table, some thousand at a time."""

from collections.abc import Sequence
from functools import cache
from struct import Struct
from typing import TypeAlias, cast

from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.counts import GIFTS
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("exports.sql")


Row: TypeAlias = tuple[int, int, int, bytes, str | None, str, str, str, str]
"""Number of the send; of its kind; of its status (`best & packing.STATUS_MASK`); its trail, for `items`; the places,
from 1, of events by machines, with blanks between. Then cells that are ready, with commas between: day, created_at and
send_date; since and expected_delivery; cost and currency. Then, with a separator between, texts as they were given: the
recipient's ten, campaign, sector, sender, owner's e-mail, team, tags, mailing class, extra service, supplier, message,
external id, barcode, post, carrier, tracking number."""

_HEAD = 20
"""Bytes before the elements of an array, as PostgreSQL sends it."""
_ELEMENT = "4xq"
"""Its length, which is always 8, and the number."""


async def rows(connection: Connection, scope: Scope, send_ids: Sequence[int], separator: str, money: bool) -> list[Row]:
    """Those of the sends that the scope may see, in the order given. Times in UTC; costs only if `money`.

    `separator`: what nobody can have written.
    """
    await connection.execute(_SQL["spell"])
    query = reaching(_SQL["rows"], scope, Permission.SENDS_READ)
    given = {"send_ids": list(send_ids), "separator": separator, "money": money, "gifts": GIFTS}
    cursor = await connection.cursor(binary=True).execute(query, {**within(scope), **given}, prepare=False)
    return cast(list[Row], await cursor.fetchall())


def items(trail: bytes) -> tuple[int, ...]:
    """The packed items of a row's trail in order of arrival."""
    return _array(len(trail)).unpack_from(trail, _HEAD) if len(trail) > _HEAD else ()


@cache
def _array(length: int) -> Struct:
    return Struct(">" + _ELEMENT * ((length - _HEAD) // 12))


async def codes(connection: Connection, scope: Scope) -> dict[int, int]:
    """The number of the code that an event means, by the part of its item that decides it (`meaning.selector`)."""
    cursor = await connection.execute(_SQL["codes"])
    return {selector: code async for selector, code in cursor}
