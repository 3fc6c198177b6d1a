"""Bring a database up to date: the numbered files of `migrations/`, each once, forward only."""

import asyncio
import glob
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

from psycopg import AsyncConnection, OperationalError, ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from yoyo import read_migrations
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI
from yoyo.migrations import Migration, default_migration_table

from sendtrail.domain.problems import SendtrailError
from sendtrail.store import meaning

OLDEST_SERVER = 150000
_TURN = 0x53656E64747261
"""The advisory lock by which programs that start at once take turns."""


class MigrationError(SendtrailError):
    """The database cannot be brought to what this program needs; one line says why."""

    type = "unavailable"


async def migrate(dsn: str) -> list[str]:
    """Apply what is missing, in order, and write what packed events mean; the names of the files applied.

    A database that is up to date stays as it is. Raises MigrationError, and psycopg's errors as they are.
    """
    try:
        conninfo_to_dict(dsn)
    except ProgrammingError as error:
        raise MigrationError(f"DATABASE_URL: {str(error).strip()}") from None
    try:
        connecting = await AsyncConnection.connect(dsn, autocommit=True)
    except OperationalError as error:
        raise MigrationError(f"the database does not answer: {str(error).partition(chr(10))[0]}") from None
    async with connecting as connection:
        if connection.info.server_version < OLDEST_SERVER:
            major = connection.info.server_version // 10000
            raise MigrationError(f"PostgreSQL {OLDEST_SERVER // 10000} or newer is needed; the server is {major}")
        await connection.execute("select pg_advisory_lock(%s)", [_TURN])
        applied = await asyncio.to_thread(_apply, dsn)
        async with connection.transaction():
            await meaning.install(connection)
    return applied


def _apply(dsn: str) -> list[str]:
    with resources.as_file(resources.files("sendtrail.store") / "migrations") as folder:
        known = read_migrations(glob.escape(str(folder)))
    with _Backend(_address(dsn), default_migration_table) as backend:
        backend.ensure_internal_schema_updated()
        there = {row[0] for row in backend.execute(f"select migration_id from {default_migration_table}")}  # noqa: S608
        if newer := sorted(there - {migration.id for migration in known}):
            raise MigrationError(f"the database has {newer[-1]}, which this version does not know: update Sendtrail")
        missing = [migration for migration in known if migration.id not in there]
        for migration in missing:
            backend.apply_one(migration)
    return [migration.id for migration in missing]


def _address(dsn: str) -> DatabaseURI:
    """The library's own form of an address; the parts that it has no place for are passed on to libpq as they are."""
    parts = conninfo_to_dict(dsn)
    return DatabaseURI("postgresql+psycopg", None, None, None, None, parts.pop("dbname", None), parts)


class _Backend(PostgresqlPsycopgBackend):
    """Each file and the note that it was applied in one transaction: a crash between the two would apply it twice."""

    def apply_one(self, migration: Migration, force: bool = False, mark: bool = True) -> None:
        with self.transaction():
            migration.process_steps(self, "apply", force=force)
            self.mark_one(migration, log=False)

    @contextmanager
    def lock(self, timeout: float = 0) -> Iterator[None]:
        """None: the advisory lock does it, and goes with its holder, while a row would stay after a crash."""
        yield
