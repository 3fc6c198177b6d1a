"""Sends that were made before they could be found by terms."""

from typing import Any, NamedTuple

from sendtrail.store.database import Connection


class UnlistedRow(NamedTuple):
    """A send without terms, and what they are made of."""

    organization_id: int
    live: bool
    send_id: int
    to: dict[str, Any]
    tags: list[str]
    sender: str
    supplier: str
    mailing_class: str


async def unlisted(connection: Connection, limit: int) -> list[UnlistedRow]:
    """Some of them; nobody else changes them until the transaction ends."""
    cursor = await connection.execute(
        "select organization_id, live, send_id, recipient, tags, sender, supplier, mailing_class"
        "  from send where terms is null order by send_id limit %s for update skip locked",
        [limit],
    )
    return [UnlistedRow(*row) async for row in cursor]
