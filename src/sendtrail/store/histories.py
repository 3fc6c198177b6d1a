"""How the days went: when sends came to stand in each category, and ceased to.

Worked out from the trails, by cell; a cell is the sends of one organization, mode, day and campaign (0: those
without one). The pipeline only notes which cells it touched.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.store.counts import GIFTS, sector_condition
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("histories.sql")
_WORDS = tuple(category.word for category in CATEGORIES)


class Cell(NamedTuple):
    created_on: date
    campaign_id: int


class Move(NamedTuple):
    """On a day so many sends more (or fewer) stood in a category, which is its place in stannp.CATEGORIES."""

    day: date
    category: int
    n: int


async def refresh(connection: Connection, scope: Scope, cells: Sequence[Cell]) -> list[Cell]:
    """Work out cells anew; those that were, which is none while another worker is at the organization.

    Alone in its transaction, which must be READ COMMITTED: the trails are read later than the marks.
    """
    cursor = await connection.execute(_SQL["claim"], within(scope))
    if await cursor.fetchone() != (True,):
        return []
    cursor = await connection.execute(_SQL["marks"], {**within(scope), **_columns(cells)})
    marks = await cursor.fetchall()
    changed = sorted({Cell(created_on, campaign_id) for created_on, campaign_id, _, _ in marks})
    if not changed:
        return []
    await connection.execute(_SQL["settings"])
    await connection.execute(_SQL["merge"], {**within(scope), **_columns(changed)}, prepare=False)
    seen = dict(zip(("days", "campaign_ids", "slots", "times"), map(list, zip(*marks, strict=True)), strict=True))
    await connection.execute(_SQL["clear"], {**within(scope), **seen})
    await connection.execute(_SQL["postpone"], {**within(scope), **_columns(changed)})
    return changed


async def outdate(connection: Connection, scope: Scope) -> None:
    """Have all that the organization sent worked out anew, in both modes: its days are other ones now."""
    await connection.execute(_SQL["outdate"], {"organization_id": scope.organization_id})


async def as_of(
    connection: Connection, scope: Scope, start: date = date.min, end: date = date.max, campaign_id: int | None = None
) -> datetime:
    """All that was known at this moment is in the history of what was sent in a period, inclusive."""
    cursor = await connection.execute(
        _SQL["as_of"], {**within(scope), "start": start, "end": end, "campaign_id": campaign_id}, prepare=False
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 — an aggregate answers
    moment: datetime = row[0]
    return moment


async def moves(connection: Connection, scope: Scope, campaign_id: int) -> list[Move]:
    """How a campaign's sends moved between the categories, from the first day to the last."""
    query = reaching(_SQL["moves"], scope, Permission.CAMPAIGNS_READ)
    cursor = await connection.execute(query, {**within(scope), "campaign_id": campaign_id}, prepare=False)
    return [Move(*row) async for row in cursor]


async def taken(
    connection: Connection,
    scope: Scope,
    category: str,
    start: date,
    end: date,
    sector: str,
    campaign_id: int | None = None,
) -> list[tuple[int, int]]:
    """For what was sent in a period, inclusive, and stands in a category: days that it took, number of sends.

    What is only presumed to stand there is left out.
    """
    permission = Permission.REPORTS_READ if campaign_id is None else Permission.CAMPAIGNS_READ
    cursor = await connection.execute(
        reaching(_SQL["taken"].replace("/* sector */", sector_condition(sector)), scope, permission),
        {
            **within(scope),
            "category": _WORDS.index(category),
            "start": start,
            "end": end,
            "campaign_id": campaign_id,
            "gifts": GIFTS,
        },
        prepare=False,
    )
    return [(days, n) async for days, n in cursor]


def _columns(cells: Sequence[Cell]) -> dict[str, object]:
    return {"days": [cell.created_on for cell in cells], "campaign_ids": [cell.campaign_id for cell in cells]}
