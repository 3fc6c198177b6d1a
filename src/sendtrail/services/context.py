"""What every use case needs: the database, the cipher of public ids, the configuration."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sendtrail.config import Config
from sendtrail.domain.ids import Ids
from sendtrail.store import system
from sendtrail.store.database import Database


@dataclass(frozen=True, slots=True)
class Context:
    """Handed to each service function as its first argument."""

    dsn: str
    """Where the database is, for processes of their own."""
    database: Database
    ids: Ids
    config: Config
    gathering: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)
    """Who waits for what just now: gathering.py."""


@asynccontextmanager
async def open_context(dsn: str, config: Config, *, connections: int = 8) -> AsyncIterator[Context]:
    """Connect to a migrated database."""
    async with Database.open(dsn, connections=connections) as database:
        async with database.snapshot() as connection:
            key = await system.id_key(connection)
        yield Context(dsn, database, Ids(key), config)
