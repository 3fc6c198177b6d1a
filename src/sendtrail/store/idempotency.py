"""Keys of requests that may be repeated, with their answers."""

from collections.abc import Collection, Mapping

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


async def reserve_each(connection: Connection, scope: Scope, keys: Mapping[str, bytes]) -> set[str]:
    """Take keys, given with the digests of their requests; those that were free. In one order always, so that two who
    wait for each other's end are not both waiting."""
    cursor = await connection.execute(
        """insert into idempotency (organization_id, live, key, request_digest, response)
           select %(organization_id)s, %(live)s, key, digest, ''
             from unnest(%(keys)s::text[], %(digests)s::bytea[]) given (key, digest) order by key
               on conflict do nothing returning key""",
        {**_own(scope), "keys": list(keys), "digests": list(keys.values())},
    )
    return {key async for (key,) in cursor}


async def keep_each(connection: Connection, scope: Scope, answers: Mapping[str, bytes]) -> None:
    """Keep the answers that go with keys."""
    await connection.execute(
        """update idempotency set response = answer
             from unnest(%(keys)s::text[], %(answers)s::bytea[]) given (given_key, answer)
            where organization_id = %(organization_id)s and live = %(live)s and key = given_key""",
        {**_own(scope), "keys": list(answers), "answers": list(answers.values())},
    )


async def release_each(connection: Connection, scope: Scope, keys: Collection[str]) -> None:
    """Let keys be taken again: nothing was done."""
    await connection.execute(
        """delete from idempotency
            where organization_id = %(organization_id)s and live = %(live)s and key = any (%(keys)s)""",
        {**_own(scope), "keys": list(keys)},
    )


async def read_each(connection: Connection, scope: Scope, keys: Collection[str]) -> dict[str, tuple[bytes, bytes]]:
    """The digests of the requests that took keys, and their answers."""
    cursor = await connection.execute(
        """select key, request_digest, response from idempotency
            where organization_id = %(organization_id)s and live = %(live)s and key = any (%(keys)s)""",
        {**_own(scope), "keys": list(keys)},
    )
    return {key: (bytes(digest), bytes(response)) async for key, digest, response in cursor}


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


def _own(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
