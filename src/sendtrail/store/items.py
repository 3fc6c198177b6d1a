"""Single items and gifts as a report lists them."""

from datetime import date
from typing import Any, LiteralString, NamedTuple

from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("items.sql")

ORDERS: dict[str, LiteralString] = {
    "day": "send.created_on",
    "recipient": "lower(coalesce(nullif(recipient ->> 'name', ''), nullif(recipient ->> 'company', ''),"
    " recipient ->> 'email', ''))",
    "status": "status_category(best_status(state.best))",
    "cost": "send.cost_cents",
}
"""What the list can be sorted by. All but the day take reading all items of the period."""


class ItemRow(NamedTuple):
    send_id: int
    kind: int
    recipient: dict[str, Any]
    day: date
    cost_cents: int
    currency: str
    best: int


async def page(
    connection: Connection,
    scope: Scope,
    start: date,
    end: date,
    sector: str,
    sort: str,
    descending: bool,
    after: int | None,
    limit: int,
) -> list[ItemRow]:
    """At most `limit` sends of a period, inclusive. `sector`: single or gift; `after`: the last of the page before."""
    direction: LiteralString = "desc" if descending else "asc"
    beyond: LiteralString = "<" if descending else ">"
    query = _SQL["items"].replace("/* sector */", _SQL[sector])
    query = query.replace("/* after */", "" if after is None else _SQL["after"])
    query = query.replace("/* key */", ORDERS[sort]).replace("/* direction */", direction)
    cursor = await connection.execute(
        reaching(query.replace("/* beyond */", beyond), scope, Permission.REPORTS_READ),
        {
            **within(scope),
            "start": start,
            "end": end,
            "after": after,
            "limit": limit,
        },
        prepare=False,
    )
    return [ItemRow(*row) async for row in cursor]
