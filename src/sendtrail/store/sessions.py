"""Sign-ins of people, as the pages know them. They belong to a browser, not to an organization: no Scope here."""

from datetime import datetime

from sendtrail.store.database import Connection


async def put(connection: Connection, digest: str, data: bytes, expires_at: datetime) -> None:
    """Keep a new session under the digest of its cookie."""
    await connection.execute(
        "insert into session (id, data, expires_at) values (%(id)s, %(data)s, %(expires_at)s)",
        {"id": digest, "data": data, "expires_at": expires_at},
    )


async def get(connection: Connection, digest: str) -> bytes | None:
    """What is kept under this digest; None for a session that we did not make, or that is over."""
    cursor = await connection.execute(
        "select data from session where id = %(id)s and expires_at > now()", {"id": digest}
    )
    row = await cursor.fetchone()
    return bytes(row[0]) if row else None


async def remove(connection: Connection, digest: str) -> None:
    await connection.execute("delete from session where id = %(id)s", {"id": digest})


async def purge(connection: Connection) -> int:
    """Forget sessions that are over; how many."""
    cursor = await connection.execute("delete from session where expires_at <= now()")
    return cursor.rowcount
