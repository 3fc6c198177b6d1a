"""Money paid in. It is always real: test mode has none."""

from datetime import datetime

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


async def add(connection: Connection, scope: Scope, cents: int, currency: str) -> None:
    """Note a deposit; below zero it corrects one."""
    await connection.execute(
        "insert into deposit (organization_id, cents, currency) values (%(organization_id)s, %(cents)s, %(currency)s)",
        {"organization_id": scope.organization_id, "cents": cents, "currency": currency},
    )


async def latest(connection: Connection, scope: Scope, limit: int) -> list[tuple[int, str, datetime]]:
    """Cents, currency and moment of each, newest first."""
    cursor = await connection.execute(
        "select cents, currency, created_at from deposit where organization_id = %(organization_id)s"
        " order by id desc limit %(limit)s",
        {"organization_id": scope.organization_id, "limit": limit},
    )
    return [row async for row in cursor]
