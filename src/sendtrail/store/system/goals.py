"""What somebody needs to know who tells a goal by its link alone. Each row carries its organization."""

from typing import NamedTuple

from sendtrail.store.database import Connection


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
