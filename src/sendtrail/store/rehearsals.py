"""Rehearsals of test sends: what is planned, how far each has come, and taking one back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sendtrail.domain.events import Kind
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store import outbox
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_PIPELINE = statements("ingest.sql")
_COLUMNS = statements("rehearsals.sql")["columns"]
SQL = {name: text.replace("/* columns */", _COLUMNS) for name, text in statements("rehearsals.sql").items()}


class Origin(NamedTuple):
    """What of a send a rehearsal changes: how many events it has, and its expected delivery, packed."""

    told: int
    expected: int


class RehearsalRow(NamedTuple):
    """`steps`: the plan as JSON, `step`: the number of the next one. `since`: what its times count from, which is later
    than its beginning if it was stopped for a while. `due_at`: None while it is stopped, and once it is finished.
    `told`, `expected`: its `Origin`; `items`: the events that it told so far. Columns in the order of the statement.
    """

    id: int
    organization_id: int
    send_id: int
    pace: str
    problem: str
    steps: bytes
    step: int
    since: datetime
    due_at: datetime | None
    begun_at: datetime
    stopped_at: datetime | None
    finished_at: datetime | None
    told: int
    expected: int
    items: list[int]


async def origin(connection: Connection, scope: Scope, send_id: int) -> Origin:
    """Where a test send, which is held, stands before a rehearsal."""
    cursor = await connection.execute(SQL["origin"], _of(scope, send_id))
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 — it is held
    return Origin(*row)


async def begin(
    connection: Connection,
    scope: Scope,
    send_id: int,
    pace: str,
    problem: str,
    steps: bytes,
    now: datetime,
    due_at: datetime,
) -> RehearsalRow:
    """Note the plan for a test send, which is held and has no rehearsal."""
    before = await origin(connection, scope, send_id)
    values = {"pace": pace, "problem": problem, "steps": steps.decode(), "now": now, "due_at": due_at}
    cursor = await connection.execute(SQL["begin"], {**_of(scope, send_id), **before._asdict(), **values})
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 — an insert with returning answers
    return RehearsalRow(*row)


async def of_send(connection: Connection, scope: Scope, send_id: int, *, hold: bool = False) -> RehearsalRow | None:
    """The rehearsal of a test send. `hold`: no step of it is played until the transaction ends."""
    cursor = await connection.execute(SQL["hold" if hold else "of_send"], _of(scope, send_id))
    row = await cursor.fetchone()
    return RehearsalRow(*row) if row else None


async def of_campaign(connection: Connection, scope: Scope, campaign_id: int) -> list[tuple[int, Kind]]:
    """Number and kind of a test campaign's sends that have a rehearsal, within the scope's reach."""
    query = reaching(SQL["of_campaign"], scope, Permission.SENDS_WRITE)
    cursor = await connection.execute(query, {**within(scope), "campaign_id": campaign_id})
    return [(send_id, Kind(kind)) async for send_id, kind in cursor]


async def tally(connection: Connection, scope: Scope, campaign_id: int) -> tuple[int, int]:
    """How many of a test campaign's sends have a rehearsal, and of how many it is being played."""
    query = reaching(SQL["tally"], scope, Permission.SENDS_READ)
    cursor = await connection.execute(query, {**within(scope), "campaign_id": campaign_id})
    row = await cursor.fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


async def told(
    connection: Connection,
    scope: Scope,
    row: RehearsalRow,
    items: Sequence[int],
    due_at: datetime | None,
    now: datetime,
) -> None:
    """Its step was played, and told of these events; when the next one is due, None if it was the last."""
    values = {"items": list(items), "due_at": due_at, "finished_at": None if due_at else now}
    await connection.execute(SQL["told"], {**_itself(scope, row), **values})


async def stop(connection: Connection, scope: Scope, row: RehearsalRow, now: datetime) -> None:
    """Play no further step of one, which is held, for the time being."""
    await connection.execute(SQL["stop"], {**_itself(scope, row), "now": now})


async def go_on(connection: Connection, scope: Scope, row: RehearsalRow, pause: timedelta, due_at: datetime) -> None:
    """Play on after a pause, by which all that is left comes later."""
    await connection.execute(SQL["go_on"], {**_itself(scope, row), "pause": pause, "due_at": due_at})


async def rewind(connection: Connection, scope: Scope, row: RehearsalRow) -> int:
    """Take a rehearsal back: its send stands as it did before; how many events go. Both are held."""
    values = {**_itself(scope, row), "send_id": row.send_id, "told": row.told, "expected": row.expected}
    values |= {"items": row.items, "brought_by": actor(row)}
    await connection.execute(_PIPELINE["tables"])
    await connection.execute(SQL["sort_out"], values)
    cursor = await connection.execute("select count(*) from released where gone")
    gone = await cursor.fetchone()
    await connection.execute(_PIPELINE["release_details"])
    await connection.execute(SQL["rewind"], values)
    for step in ("release_renumber", "differ", "count"):
        await connection.execute(_PIPELINE[step])
    for step in ("forget_rejects", "forget_unmatched", "forget_files", "forget"):
        await connection.execute(SQL[step], values)
    await outbox.forget(connection, scope, row.send_id)
    return int(gone[0]) if gone else 0


def actor(row: RehearsalRow) -> str:
    """By which files are known as a rehearsal's."""
    return f"rehearsal:{row.id}"


def _of(scope: Scope, send_id: int) -> dict[str, object]:
    return {"send_id": send_id, "organization_id": scope.organization_id}


def _itself(scope: Scope, row: RehearsalRow) -> dict[str, object]:
    return {"id": row.id, "organization_id": scope.organization_id}
