"""Sign-ins of people, as the pages know them. They belong to a browser, not to an organization: no Scope here."""

from datetime import datetime, timedelta

from sendtrail.store.database import Connection


async def put(connection: Connection, digest: str, member_id: int, data: bytes, expires_at: datetime) -> None:
    """Keep a new session of a member under the digest of its cookie."""
    await connection.execute(
        "insert into session (id, member_id, data, expires_at)"
        " values (%(id)s, %(member_id)s, %(data)s, %(expires_at)s)",
        {"id": digest, "member_id": member_id, "data": data, "expires_at": expires_at},
    )


async def replace(connection: Connection, digest: str, by: str, data: bytes) -> bool:
    """Let a session go on under another digest until its own end; False for one that is over."""
    cursor = await connection.execute(
        "update session set id = %(by)s, data = %(data)s where id = %(id)s and expires_at > now()",
        {"id": digest, "by": by, "data": data},
    )
    return cursor.rowcount == 1


async def get(connection: Connection, digest: str) -> bytes | None:
    """What is kept under this digest; None for a session that we did not make, or that is over."""
    cursor = await connection.execute(
        "select data from session where id = %(id)s and expires_at > now()", {"id": digest}
    )
    row = await cursor.fetchone()
    return bytes(row[0]) if row else None


async def remove(connection: Connection, digest: str) -> None:
    await connection.execute("delete from session where id = %(id)s", {"id": digest})


async def remove_others(connection: Connection, member_id: int, digest: str) -> None:
    """End all sessions of a member but the one under this digest."""
    await connection.execute(
        "delete from session where member_id = %(member_id)s and id <> %(id)s", {"member_id": member_id, "id": digest}
    )


async def remove_all(connection: Connection, member_id: int) -> None:
    """End all sessions of a member."""
    await connection.execute("delete from session where member_id = %(id)s", {"id": member_id})


async def attempted(connection: Connection, who: bytes, window: timedelta) -> tuple[int, timedelta]:
    """Count one more try to sign in; how many there have been since the first one, at most `window` ago, and how long
    it is until they are forgotten.
    """
    cursor = await connection.execute(
        "insert into attempt (who, n, expires_at) values (%(who)s, 1, now() + %(window)s)"
        " on conflict (who) do update"
        " set n = case when attempt.expires_at > now() then attempt.n + 1 else 1 end,"
        "     expires_at = case when attempt.expires_at > now() then attempt.expires_at else excluded.expires_at end"
        " returning n, expires_at - now()",
        {"who": who, "window": window},
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 — an insert with returning answers
    return int(row[0]), row[1]


async def succeeded(connection: Connection, who: bytes) -> None:
    """Forget the tries of somebody who got in."""
    await connection.execute("delete from attempt where who = %(who)s", {"who": who})


async def purge(connection: Connection) -> int:
    """Forget sessions and tries that are over; how many."""
    gone = 0
    for table in ("session", "attempt"):
        cursor = await connection.execute(f"delete from {table} where expires_at <= now()")  # noqa: S608 — ours
        gone += cursor.rowcount
    return gone
