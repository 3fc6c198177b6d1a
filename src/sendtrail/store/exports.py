"""Sends as rows of a table, some thousand at a time."""

from collections.abc import Sequence
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.counts import GIFTS
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("exports.sql")


Row: TypeAlias = tuple[int, int, str, int, bytes, str, str, str, str]
"""Number of the send; of its kind; its post; number of its status (`best & packing.STATUS_MASK`); its trail with the
last visit and the last goal behind, for `items`. Then cells that are ready, with commas between: day, created_at and
send_date; since and expected_delivery; cost and currency. Then, with a separator between, texts as they were given: the
recipient's ten, campaign, sector, sender, owner's e-mail, team, tags, mailing class, extra service, supplier, message,
external id, barcode, post, carrier, tracking number, vendor, its id."""

_HEAD = 20
"""Bytes before the elements of an array, as PostgreSQL sends it."""
_ELEMENT = np.dtype([("length", ">i4"), ("item", ">i8")])


async def rows(
    connection: Connection,
    scope: Scope,
    send_ids: Sequence[int],
    separator: str,
    money: bool,
    patterns: Sequence[str] = (),
) -> list[Row]:
    """Those of the sends that the scope may see, in the order given. Times in UTC; costs only if `money`.

    `separator`: what nobody can have written; `patterns`: what the terms of all rows are like (`tracker.patterns`).
    """
    await connection.execute(_SQL["spell"])
    query = _SQL["rows"].replace("/* terms */", _SQL["has_terms"] if patterns else "")
    query = reaching(query, scope, Permission.SENDS_READ)
    numbers = "{" + ",".join(map(str, send_ids)) + "}"  # as one text: a thousand numbers are dear one by one
    given = {"send_ids": numbers, "separator": separator, "money": money, "gifts": GIFTS, "patterns": list(patterns)}
    cursor = await connection.cursor(binary=True).execute(query, {**within(scope), **given}, prepare=False)
    return cast(list[Row], await cursor.fetchall())


def items(trails: Sequence[bytes]) -> tuple[NDArray[np.int64], list[int]]:
    """The packed items of rows' trails, each in order of arrival, and how many each has."""
    elements = [trail[_HEAD:] for trail in trails]
    found = np.frombuffer(b"".join(elements), _ELEMENT)["item"].astype(np.int64)
    return found, [len(each) // _ELEMENT.itemsize for each in elements]


async def codes(connection: Connection, scope: Scope) -> dict[int, int]:
    """The number of the code that an event means, by the part of its item that decides it (`meaning.selector`)."""
    cursor = await connection.execute(_SQL["codes"])
    return {selector: code async for selector, code in cursor}
