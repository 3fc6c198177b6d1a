"""Trackers: links that lead to the same landing from as many orders as name them, and what came of these."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sendtrail.domain.events import ID_BY_CODE
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.nouns import Noun, holding
from sendtrail.store.reach import within

_SQL = statements("trackers.sql")
_VISIT = ID_BY_CODE["link_opened"]


class TrackerRow(NamedTuple):
    """One tracker. `landing_id`: where its links lead, and for how long."""

    id: int
    landing_id: int
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class Fared(NamedTuple):
    """Where a tracker's links lead, for how many days, and what came of them by people; `visitors`: different ones, day
    by day. Columns of the statement `fared`."""

    template: str
    days: int
    visits: int
    visitors: int


class VisitRow(NamedTuple):
    """One visit by somebody. `address`: while it is kept. Columns of the statement `visits`."""

    id: int
    send_id: int
    kind: int
    occurred_at: datetime
    device: str
    address: str | None


TRACKER = Noun(
    "tracker",
    TrackerRow,
    "(select template from landing where landing.id = landing_id) || ' ' || description || ' '"
    " || coalesce(metadata::text, '')",
)


async def fared(connection: Connection, scope: Scope, numbers: Sequence[int]) -> dict[int, Fared]:
    """Where these trackers lead and what came of them."""
    cursor = await connection.execute(_SQL["fared"], {**within(scope), "numbers": list(numbers)})
    return {row[0]: Fared(*row[1:]) async for row in cursor}


async def link(connection: Connection, scope: Scope, named: Mapping[int, Sequence[int]]) -> None:
    """One link for each tracker that a send, by its number, names; trackers by theirs. Those that there are stay."""
    pairs = [(send_id, tracker_id) for send_id, trackers in named.items() for tracker_id in trackers]
    values = {"send_ids": [send_id for send_id, _ in pairs], "tracker_ids": [tracker_id for _, tracker_id in pairs]}
    await connection.execute(_SQL["link"], {**within(scope), **values})


async def visits(
    connection: Connection,
    scope: Scope,
    tracker_id: int,
    *,
    terms: Sequence[str],
    send_ids: Sequence[int],
    skip: int,
    limit: int,
) -> tuple[list[VisitRow], int]:
    """Some visits by people of a tracker's links, the newest first, and how many there are in all. `terms`: what
    device and address together hold; `send_ids`: of these sends alone, unless there are none."""
    values = {
        **within(scope),
        "tracker_id": tracker_id,
        "visit": _VISIT,
        "patterns": [holding(term) for term in terms],
        "send_ids": list(send_ids),
        "skip": skip,
        "limit": limit,
    }
    cursor = await connection.execute(_SQL["visits"], values)
    rows = [VisitRow(*row) async for row in cursor]
    ((total,),) = await (await connection.execute(_SQL["count"], values)).fetchall()
    return rows, int(total)
