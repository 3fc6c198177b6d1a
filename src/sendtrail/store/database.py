"""The door to PostgreSQL: a pool of connections, transactions, and the named statements of a .sql file."""

import re
import select
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from importlib import resources
from typing import LiteralString, TypeVar, cast

from psycopg import AsyncConnection, errors
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

T = TypeVar("T")
_ATTEMPTS = 5

Connection = AsyncConnection[TupleRow]
"""Every store function takes one, inside the transaction that a service opened. Stores never commit."""


class Database:
    """A pool of connections to one database. Open with `async with Database.open(dsn) as database`."""

    def __init__(self, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool

    @classmethod
    @asynccontextmanager
    async def open(cls, dsn: str, *, connections: int = 8, options: str = "") -> AsyncIterator["Database"]:
        """Connect lazily, at most `connections` at once; psycopg's errors pass through.

        `options` are server settings for each connection, as `-c name=value`.
        """
        settings = {"autocommit": True} | ({"options": options} if options else {})
        pool = AsyncConnectionPool(
            dsn,
            min_size=1,
            max_size=connections,
            open=False,
            kwargs=settings,
            check=_check,
        )
        async with pool:
            yield cls(pool)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction: committed at the end of the block, rolled back by any exception."""
        async with self._pool.connection() as connection, connection.transaction():
            yield connection

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """`work` in a transaction of its own, again where PostgreSQL ended it to resolve a deadlock."""
        for _ in range(_ATTEMPTS - 1):
            with suppress(errors.DeadlockDetected, errors.SerializationFailure):
                async with self.transaction() as connection:
                    return await work(connection)
        async with self.transaction() as connection:
            return await work(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """Reads that belong together: one read-only transaction on one snapshot."""
        async with self._pool.connection() as connection:
            await connection.execute("begin isolation level repeatable read, read only", prepare=False)
            yield connection  # what it gives back to the pool, is committed or rolled back there

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[Connection]:
        """For one statement that reads: it needs no transaction around it."""
        async with self._pool.connection() as connection:
            yield connection


async def _check(connection: Connection) -> None:
    """After the server went away and came back nobody is refused: what it closed has something to read, its end.

    Only then the server is asked; each time, it would be one more round trip for every transaction.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        await AsyncConnectionPool.check_connection(connection)


def statements(file: str) -> dict[str, LiteralString]:
    """The statements of a .sql file of this package, by the name in the `-- name:` line before each."""
    text = resources.files("sendtrail.store").joinpath(file).read_text(encoding="utf-8")
    blocks = re.split(r"^-- name: *(\w+)[^\n]*\n", text, flags=re.MULTILINE)[1:]
    return cast(dict[str, LiteralString], dict(zip(blocks[::2], blocks[1::2], strict=True)))
