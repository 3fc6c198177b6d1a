"""The price list: what a send costs where nobody says so."""

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


async def put(connection: Connection, scope: Scope, kind: int, mailing_class: str, cents: int) -> None:
    """Set one price; '' stands for any mailing class."""
    await connection.execute(
        "insert into price (organization_id, kind, mailing_class, cents)"
        " values (%(organization_id)s, %(kind)s, %(mailing_class)s, %(cents)s)"
        " on conflict (organization_id, kind, mailing_class) do update set cents = excluded.cents",
        {
            "organization_id": scope.organization_id,
            "kind": kind,
            "mailing_class": mailing_class,
            "cents": cents,
        },
    )


async def listed(connection: Connection, scope: Scope) -> list[tuple[int, str, int]]:
    """Kind, mailing class and cents of each price."""
    cursor = await connection.execute(
        "select kind, mailing_class, cents from price where organization_id = %(organization_id)s order by 1, 2",
        {"organization_id": scope.organization_id},
    )
    return [(kind, mailing_class, cents) async for kind, mailing_class, cents in cursor]


async def remove(connection: Connection, scope: Scope, kind: int, mailing_class: str) -> bool:
    """Take one price off the list; whether it stood there."""
    cursor = await connection.execute(
        "delete from price where organization_id = %(organization_id)s"
        " and kind = %(kind)s and mailing_class = %(mailing_class)s",
        {"organization_id": scope.organization_id, "kind": kind, "mailing_class": mailing_class},
    )
    return cursor.rowcount == 1
