"""Landings: where the links of a campaign lead, or one link alone. Templates are checked before they come here."""

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import within

_SQL = statements("landings.sql")


async def put(connection: Connection, scope: Scope, campaign_id: int, template: str, days: int) -> int:
    """Let the links of a campaign lead there; the number of its landing."""
    values = {"campaign_id": campaign_id, "template": template, "days": days}
    cursor = await connection.execute(_SQL["put"], {**within(scope), **values})
    ((number,),) = await cursor.fetchall()
    return int(number)


async def add(connection: Connection, scope: Scope, template: str, days: int) -> int:
    """A landing for one link by itself; its number."""
    cursor = await connection.execute(_SQL["add"], {**within(scope), "template": template, "days": days})
    ((number,),) = await cursor.fetchall()
    return int(number)


async def hold_alone(connection: Connection, scope: Scope, link_id: int) -> tuple[int, str, int] | None:
    """The number, template and days of the landing of one link by itself, which nobody else changes before the
    transaction ends; None for a campaign's or a tracker's."""
    cursor = await connection.execute(_SQL["hold_alone"], {**within(scope), "link_id": link_id})
    row = await cursor.fetchone()
    return (row[0], row[1], row[2]) if row else None


async def change_alone(connection: Connection, scope: Scope, number: int, template: str, days: int) -> None:
    """Let one link by itself lead elsewhere, or for another time."""
    values = {"id": number, "template": template, "days": days}
    await connection.execute(_SQL["change_alone"], {**within(scope), **values})


async def remove(connection: Connection, scope: Scope, campaign_id: int) -> bool:
    """Let a campaign lead nowhere; False where it has links."""
    cursor = await connection.execute(_SQL["remove"], {**within(scope), "campaign_id": campaign_id})
    return cursor.rowcount > 0


async def of_campaign(connection: Connection, scope: Scope, campaign_id: int) -> int | None:
    """The number of a campaign's landing."""
    cursor = await connection.execute(_SQL["of_campaign"], {**within(scope), "campaign_id": campaign_id})
    row = await cursor.fetchone()
    return row[0] if row else None
