"""Money paid in. It is always real: test mode has none."""

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


async def add(connection: Connection, scope: Scope, cents: int, currency: str) -> None:
    """Note a deposit; below zero it corrects one."""
    await connection.execute(
        "insert into deposit (organization_id, cents, currency) values (%(organization_id)s, %(cents)s, %(currency)s)",
        {"organization_id": scope.organization_id, "cents": cents, "currency": currency},
    )
