"""Keys of requests that may be repeated, with their answers."""

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


async def reserve(connection: Connection, scope: Scope, key: str, digest: bytes) -> bool:
    """Take the key; False if it was taken before. Waits for a transaction that is just taking it."""
    cursor = await connection.execute(
        """insert into idempotency (organization_id, live, key, request_digest, response)
           values (%s, %s, %s, %s, '') on conflict do nothing""",
        [scope.organization_id, scope.live, key, digest],
    )
    return cursor.rowcount == 1


async def keep(connection: Connection, scope: Scope, key: str, response: bytes) -> None:
    await connection.execute(
        "update idempotency set response = %s where organization_id = %s and live = %s and key = %s",
        [response, scope.organization_id, scope.live, key],
    )


async def release(connection: Connection, scope: Scope, key: str) -> None:
    """Let the key be taken again: nothing was done."""
    await connection.execute(
        "delete from idempotency where organization_id = %s and live = %s and key = %s",
        [scope.organization_id, scope.live, key],
    )


async def read(connection: Connection, scope: Scope, key: str) -> tuple[bytes, bytes]:
    """The digest of the request that took the key, and its answer."""
    cursor = await connection.execute(
        "select request_digest, response from idempotency where organization_id = %s and live = %s and key = %s",
        [scope.organization_id, scope.live, key],
    )
    row = await cursor.fetchone()
    if row is None:
        raise LookupError("the key was not taken")
    return bytes(row[0]), bytes(row[1])
