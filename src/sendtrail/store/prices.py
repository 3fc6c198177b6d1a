"""The price list: what a send costs where nobody says so."""

from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection
from sendtrail.store.reach import within


class PriceRow(NamedTuple):
    """One price; an empty `mailing_class` or `extra_service` stands for any."""

    kind: int
    mailing_class: str
    extra_service: str
    cents: int


async def put(connection: Connection, scope: Scope, price: PriceRow) -> None:
    """Set one price."""
    await connection.execute(
        "insert into price (organization_id, kind, mailing_class, extra_service, cents)"
        " values (%(organization_id)s, %(kind)s, %(mailing_class)s, %(extra_service)s, %(cents)s)"
        " on conflict (organization_id, kind, mailing_class, extra_service) do update set cents = excluded.cents",
        {**within(scope), **price._asdict()},
    )


async def listed(connection: Connection, scope: Scope) -> list[PriceRow]:
    """Each price, by kind, mailing class and extra service."""
    cursor = await connection.execute(
        "select kind, mailing_class, extra_service, cents from price where organization_id = %(organization_id)s"
        " order by 1, 2, 3",
        within(scope),
    )
    return [PriceRow(*row) async for row in cursor]


async def remove(connection: Connection, scope: Scope, kind: int, mailing_class: str, extra_service: str) -> bool:
    """Take one price off the list; whether it stood there."""
    cursor = await connection.execute(
        "delete from price where organization_id = %(organization_id)s and kind = %(kind)s"
        " and mailing_class = %(mailing_class)s and extra_service = %(extra_service)s",
        {**within(scope), "kind": kind, "mailing_class": mailing_class, "extra_service": extra_service},
    )
    return cursor.rowcount == 1
