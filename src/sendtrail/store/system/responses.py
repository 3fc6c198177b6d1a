"""What people did at links: visits and goals, recorded by whoever serves them. Each row carries its organization."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sendtrail.domain.events import ID_BY_CODE, Evidence, Source
from sendtrail.store.database import Connection, statements

VISIT = ID_BY_CODE["link_opened"]
GOAL = ID_BY_CODE["goal_reached"]
MOST = 60
"""Responses to one send that get rows in one minute; what comes beyond is counted without."""
_SQL = statements("system/responses.sql")


class NewResponse(NamedTuple):
    """One visit or goal. `link_id` 0: it came by none; `tracker_id`: whose link that is, 0 for none; `bot`, `test`: it
    counts for nobody; `visitor`: a hash of who it was that nobody can repeat after the day; `address`: only where it
    may be kept; `reference`: a goal's, by which it counts once for each send."""

    send_id: int
    code: int
    occurred_at: datetime
    link_id: int = 0
    tracker_id: int = 0
    source: Source = Source.RECIPIENT
    evidence: Evidence = Evidence.REPORTED
    bot: bool = False
    test: bool = False
    device: str = ""
    country: str = ""
    region: str = ""
    referrer: str = ""
    visitor: int | None = None
    address: str | None = None
    value_cents: int = 0
    reference: str = ""


class Recorded(NamedTuple):
    """What became of one. `id`: the number of its row, 0 where it got none; `new` False: the send has this reference
    already, and `id` is that response's (0 where that came in the same call), or there is no such send."""

    id: int
    new: bool


async def record(connection: Connection, rows: Sequence[NewResponse], now: datetime) -> list[Recorded]:
    """Write responses and bring the totals of their sends up to date; what became of each, in the order given.

    Visitors are different ones within the UTC day of `now`, the moment at which all this is recorded.
    """
    if not rows:
        return []
    if held := sorted({row.send_id for row in rows if row.reference}):
        await connection.execute(_SQL["hold"], {"send_ids": held})
    columns = {
        "send_ids": [row.send_id for row in rows],
        "link_ids": [row.link_id for row in rows],
        "tracker_ids": [row.tracker_id for row in rows],
        "codes": [row.code for row in rows],
        "sources": [int(row.source) for row in rows],
        "evidences": [int(row.evidence) for row in rows],
        "bots": [row.bot for row in rows],
        "tests": [row.test for row in rows],
        "occurred_ats": [row.occurred_at for row in rows],
        "devices": [row.device for row in rows],
        "countries": [row.country for row in rows],
        "regions": [row.region for row in rows],
        "referrers": [row.referrer for row in rows],
        "visitors": [row.visitor for row in rows],
        "addresses": [row.address for row in rows],
        "values": [row.value_cents for row in rows],
        "references": [row.reference for row in rows],
    }
    moment = {"now": now, "day": now.astimezone(UTC).date(), "minute": int(now.timestamp()) // 60}
    cursor = await connection.execute(_SQL["record"], {**columns, **moment, "visit": VISIT, "most": MOST})
    return [Recorded(*row) async for row in cursor]
