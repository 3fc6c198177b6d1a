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


async def remove(connection: Connection, scope: Scope, campaign_id: int) -> bool:
    """Let a campaign lead nowhere; False where it has links."""
    cursor = await connection.execute(_SQL["remove"], {**within(scope), "campaign_id": campaign_id})
    return cursor.rowcount > 0


async def of_campaign(connection: Connection, scope: Scope, campaign_id: int) -> int | None:
    """The number of a campaign's landing."""
    cursor = await connection.execute(_SQL["of_campaign"], {**within(scope), "campaign_id": campaign_id})
    row = await cursor.fetchone()
    return row[0] if row else None
