"""What somebody needs to know who tells a goal by its link alone. Each row carries its organization."""

from datetime import datetime
from typing import NamedTuple

from sendtrail.store.database import Connection
from sendtrail.store.system.responses import MOST


class GoalLink(NamedTuple):
    """A link by which a goal is told. `testing`: it is being tried out."""

    link_id: int
    send_id: int
    landing_id: int
    organization_id: int
    testing: bool
    currency: str


class LandingRow(NamedTuple):
    """Where links lead: `domain.landing`'s template, for so many days."""

    template: str
    days: int
    organization_id: int


async def link(connection: Connection, link_id: int) -> GoalLink | None:
    """The link of this number, whether or not it still leads anywhere."""
    cursor = await connection.execute(
        "select link.id, link.send_id, landing.id, link.organization_id, landing.testing, organization.currency"
        "  from link"
        "  join landing on landing.id = link.landing_id"
        "  join organization on organization.id = link.organization_id"
        " where link.id = %(link_id)s",
        {"link_id": link_id},
    )
    row = await cursor.fetchone()
    return GoalLink(*row) if row else None


async def landing(connection: Connection, landing_id: int) -> LandingRow | None:
    """The landing of this number."""
    cursor = await connection.execute(
        "select template, days, organization_id from landing where id = %(landing_id)s", {"landing_id": landing_id}
    )
    row = await cursor.fetchone()
    return LandingRow(*row) if row else None


async def rushed(connection: Connection, send_id: int, now: datetime) -> bool:
    """Whether a send had as many responses in this minute as get rows: one with a reference would get its row too."""
    cursor = await connection.execute(
        "select from engagement where send_id = %(send_id)s and minute = %(minute)s and in_minute >= %(most)s",
        {"send_id": send_id, "minute": int(now.timestamp()) // 60, "most": MOST},
    )
    return await cursor.fetchone() is not None
