"""What vendors and carriers say of sends that we do not know (yet), kept by the name under which they know them."""

from collections.abc import Sequence
from typing import NamedTuple

from sendtrail.domain.events import Kind
from sendtrail.domain.observation import Observation
from sendtrail.domain.packing import EXPECTED, ITEM, META
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements

SQL = statements("unmatched_reports.sql")
_RECORDED = META.shift("recorded")
_ZONELESS = 1 << META.shift("zoneless")
_MS = ITEM.shift("ms")
_DAY = EXPECTED.shift("ms")


class Waiting(NamedTuple):
    """A kept report whose send is there. `item`, `meta` and `expected` as the trail has them."""

    id: int
    send_id: int
    kind: Kind
    item: int
    meta: int
    expected: int
    detail: str
    feed_file_id: int | None


class ReportRow(NamedTuple):
    """A report whose send is not known. `name`: a vendor's id as `lob:ltr_1`, or a tracking number."""

    id: int
    name: str
    item: int
    meta: int
    feed_file_id: int | None


async def keep(
    connection: Connection, scope: Scope, reports: Sequence[Observation], recorded: int, feed_file_id: int | None
) -> None:
    """Keep reports by the name in their `send`, each once. `recorded`: seconds from 2020, when we got them."""
    if not reports:
        return
    columns = {
        "names": [each.send for each in reports],
        "items": [each.item for each in reports],
        "metas": [recorded << _RECORDED | each.zip | (_ZONELESS if each.zoneless else 0) for each in reports],
        "expecteds": [each.expected | each.item >> _MS << _DAY if each.expected else 0 for each in reports],
        "details": [each.detail for each in reports],
    }
    await connection.execute(SQL["keep"], {**_within(scope), **columns, "feed_file_id": feed_file_id})


async def waiting(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> list[Waiting]:
    """What waits for these sends by their vendor's id or tracking number, held until the transaction ends."""
    cursor = await connection.execute(SQL["waiting"], {**_within(scope), "send_ids": list(send_ids)})
    return [Waiting(id_, send_id, Kind(kind), *rest) async for id_, send_id, kind, *rest in cursor]


async def remove(connection: Connection, scope: Scope, ids: Sequence[int]) -> None:
    """These wait no more: they found their sends, which are of the scope's organization, or never can."""
    await connection.execute(SQL["remove"], {**_within(scope), "ids": list(ids)})


async def page(connection: Connection, scope: Scope, after: int, limit: int) -> list[ReportRow]:
    """Reports that match no send, in the order in which they came, from the one after `after`."""
    cursor = await connection.execute(SQL["page"], {**_within(scope), "after": after, "limit": limit})
    return [ReportRow(*row) async for row in cursor]


async def count(connection: Connection, scope: Scope) -> int:
    """How many reports match no send."""
    cursor = await connection.execute(SQL["count"], _within(scope))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


def _within(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
