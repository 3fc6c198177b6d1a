"""What is enciphered with the installation's secret key, whoever's it is."""

from typing import NamedTuple

from sendtrail.store.database import Connection


class Sealed(NamedTuple):
    """The number of a bank account, enciphered."""

    organization_id: int
    live: bool
    account_number: bytes


async def newest(connection: Connection) -> Sealed | None:
    """What was enciphered last: the key that is in use must open it. None where nothing ever was."""
    cursor = await connection.execute(
        "select organization_id, live, account_number from bank_account order by id desc limit 1"
    )
    row = await cursor.fetchone()
    return Sealed(row[0], row[1], bytes(row[2])) if row else None
