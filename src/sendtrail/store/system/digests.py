"""Who is to get the daily digest of what needs attention, in all organizations."""

from datetime import date, datetime, time
from typing import NamedTuple

from sendtrail.store.database import Connection


class DueDigest(NamedTuple):
    """A member whose digest of the `day` was not written yet. `chosen`: whether they want it, None where they never
    said; `organization`: its name."""

    organization_id: int
    member_id: int
    day: date
    email: str
    organization: str
    chosen: bool | None


async def due(connection: Connection, now: datetime, since: time, until: time) -> list[DueDigest]:
    """Whose is due, where the organization's clocks show a time between these two."""
    cursor = await connection.execute(
        "select organization_id, member_id, local::date, email, organization.name, digest"
        "  from membership"
        "  join organization on organization.id = organization_id"
        "  join member on member.id = member_id"
        " cross join lateral (select %(now)s::timestamptz at time zone time_zone) clock (local)"
        " where digest is distinct from false"
        "   and local::time >= %(since)s and local::time < %(until)s"
        "   and digested_on is distinct from local::date"
        " order by organization_id, member_id",
        {"now": now, "since": since, "until": until},
    )
    return [DueDigest(*row) async for row in cursor]


async def claim(connection: Connection, organization_id: int, member_id: int, day: date) -> bool:
    """Take it upon oneself to write a digest; False where somebody has."""
    cursor = await connection.execute(
        "update membership set digested_on = %(day)s"
        " where organization_id = %(organization_id)s and member_id = %(member_id)s"
        "   and digested_on is distinct from %(day)s",
        {"organization_id": organization_id, "member_id": member_id, "day": day},
    )
    return cursor.rowcount == 1
