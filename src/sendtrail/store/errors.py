"""What goes wrong with a database, told to people in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg_pool import PoolTimeout

from sendtrail.domain.problems import SendtrailError


class DatabaseError(SendtrailError):
    """The database cannot be reached."""

    type = "unavailable"


@contextmanager
def in_one_line() -> Iterator[None]:
    """Raises DatabaseError for a database that is not there, does not let us in or goes away: the first line of why."""
    try:
        yield
    except (psycopg.OperationalError, PoolTimeout) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise DatabaseError(f"the database: {lines[0] if lines else type(error).__name__}") from error
