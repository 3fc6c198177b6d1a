"""The second step of signing in: what a member's authenticator knows, and recovery codes. A person's, not an
organization's: no Scope here."""

from collections.abc import Sequence

from sendtrail.store.database import Connection


async def secret(connection: Connection, member_id: int) -> str:
    """The Base32 secret that the member's authenticator has; empty where they sign in without."""
    cursor = await connection.execute("select totp_secret from member where id = %(id)s", {"id": member_id})
    row = await cursor.fetchone()
    return row[0] if row else ""


async def begin(connection: Connection, member_id: int, secret: str, step: int, digests: Sequence[bytes]) -> bool:
    """Begin with a secret, the step of time whose code was used, and recovery codes, by their SHA-256.

    False where there is a secret already.
    """
    cursor = await connection.execute(
        "update member set totp_secret = %(secret)s, totp_step = %(step)s, recovery_digests = %(digests)s::bytea[]"
        " where id = %(id)s and totp_secret = ''",
        {"id": member_id, "secret": secret, "step": step, "digests": list(digests)},
    )
    return cursor.rowcount == 1


async def end(connection: Connection, member_id: int) -> None:
    """Forget the secret and the recovery codes."""
    await connection.execute(
        "update member set totp_secret = '', totp_step = 0, recovery_digests = '{}' where id = %(id)s",
        {"id": member_id},
    )


async def use_step(connection: Connection, member_id: int, step: int) -> bool:
    """Whether a code of this step of time opens: none opens twice, nor one before it."""
    cursor = await connection.execute(
        "update member set totp_step = %(step)s where id = %(id)s and totp_step < %(step)s",
        {"id": member_id, "step": step},
    )
    return cursor.rowcount == 1


async def use_recovery(connection: Connection, member_id: int, digest: bytes) -> bool:
    """Whether this was a recovery code that was not used before; now it was."""
    cursor = await connection.execute(
        "update member set recovery_digests = array_remove(recovery_digests, %(digest)s)"
        " where id = %(id)s and %(digest)s = any (recovery_digests)",
        {"id": member_id, "digest": digest},
    )
    return cursor.rowcount == 1
