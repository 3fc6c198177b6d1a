"""Store functions for System: sign-in, key look-up, public tokens, worker claims, sweeps (law 6).

Only here may a query go without a Scope; each row that comes back carries its organization.
"""

from sendtrail.store.database import Connection


async def id_key(connection: Connection) -> bytes:
    """The key of this installation with which public ids are enciphered."""
    cursor = await connection.execute("select id_key from installation")
    row = await cursor.fetchone()
    if row is None:
        raise LookupError("the database has no installation row: run `sendtrail migrate`")
    return bytes(row[0])
