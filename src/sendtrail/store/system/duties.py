"""What workers do, as the database keeps it: of the whole installation, so no Scope.

All moments are those of the database, whatever a worker's clock says."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sendtrail.store.database import Connection, statements

_SQL = statements("duties.sql")
_SQL = {
    name: text.replace("/* pause after failures + 1 */", _SQL["pause"].replace("/* failures */", "failures + 1"))
    for name, text in _SQL.items()
}


class Known(NamedTuple):
    """A duty that a worker sees to. `alone`: one worker at a time does it."""

    name: str
    about: str
    every: timedelta
    alone: bool


class Ended(NamedTuple):
    """One doing of a duty, which ended `ago`; the next one comes `wait` after that. `error` empty: it went well."""

    name: str
    ago: timedelta
    took: timedelta
    wait: timedelta
    failures: int
    error: str


class DutyRow(NamedTuple):
    """A duty and how it goes. `seen_at`: when a worker last said that it sees to it; `failures`: in a row; `error`: of
    the last failure, however long ago; `under_way`: somebody is at it; `now`: the moment of this answer."""

    name: str
    about: str
    every: timedelta
    alone: bool
    seen_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    succeeded_at: datetime | None
    took: timedelta | None
    failures: int
    failed_at: datetime | None
    error: str
    due_at: datetime
    under_way: bool
    now: datetime


async def see_to(connection: Connection, known: Sequence[Known]) -> None:
    """A worker's sign of life: these are seen to."""
    columns = zip(("names", "abouts", "everys", "alones"), map(list, zip(*known, strict=True)), strict=True)
    await connection.execute(_SQL["see_to"], dict(columns))


async def began(connection: Connection, name: str, ago: timedelta) -> None:
    """A duty that any number do at once is under way since then; of several the one that began last counts."""
    await connection.execute(_SQL["began"], {"name": name, "ago": ago})


async def ended(connection: Connection, end: Ended) -> None:
    """How a duty went that any number do at once; what ended last counts."""
    await connection.execute(_SQL["ended"], end._asdict())


async def claim(
    connection: Connection, known: Known, worker: str, lease: timedelta, longest: timedelta
) -> timedelta | None:
    """Take a duty that one worker does at a time, if it is due: None then, else how long it is until it may be.

    It is the worker's for the time of `lease`, until it is done or renewed. A claim that lapsed counts as a failure:
    its worker died. `longest` as for `finish`.
    """
    await connection.execute(_SQL["bury"], {"name": known.name, "longest": longest})
    cursor = await connection.execute(_SQL["claim"], {**known._asdict(), "worker": worker, "lease": lease})
    if cursor.rowcount:
        return None
    cursor = await connection.execute(_SQL["until_due"], {"name": known.name})
    row = await cursor.fetchone()
    return row[0] if row else timedelta()


async def renew(connection: Connection, name: str, worker: str, lease: timedelta) -> bool:
    """Hold a claim for another while; False where it is not the worker's any more."""
    cursor = await connection.execute(_SQL["renew"], {"name": name, "worker": worker, "lease": lease})
    return cursor.rowcount == 1


async def finish(connection: Connection, name: str, worker: str, longest: timedelta, error: str) -> None:
    """How a claimed duty went, and when it comes again; nothing where the claim is not the worker's any more.

    After failures the pauses double, as far as `longest` unless the duty is done less often anyway.
    """
    await connection.execute(
        _SQL["finish"], {"name": name, "worker": worker, "longest": longest, "error": error}, prepare=False
    )


async def give_back(connection: Connection, name: str, worker: str) -> None:
    """A claimed duty was broken off: the next who asks may do it."""
    await connection.execute(_SQL["give_back"], {"name": name, "worker": worker})


async def listed(connection: Connection, sign: timedelta) -> list[DutyRow]:
    """All duties that workers see to, or lately saw to, by name. Workers give signs of life more often than `sign`."""
    cursor = await connection.execute(_SQL["listed"], {"sign": sign})
    return [DutyRow(*row) async for row in cursor]


async def forget(connection: Connection, age: timedelta) -> int:
    """Forget duties that no worker has seen to for so long; how many."""
    cursor = await connection.execute(_SQL["forget"], {"age": age})
    return cursor.rowcount
