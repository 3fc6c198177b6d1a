"""Where silence may mean something: the cells to look at (one day's sends of a campaign), and their sends."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sendtrail.domain.events import ID_BY_CODE, Evidence, Kind, event_type
from sendtrail.domain.facts import Facts
from sendtrail.domain.presumption import AT_DESTINATION
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.histories import Cell
from sendtrail.store.reach import within

_SQL = statements("presumption.sql")


class Ground(NamedTuple):
    """Silence after `code` is a ground for sends of a post and a class (None: of any) if it began until `until_ms`."""

    code: str
    post: str
    mailing_class: str | None
    until_ms: int


class Look(NamedTuple):
    """How a cell was left: `due_at` None for when it changes; `rest` from this look to the next at the earliest."""

    cell: Cell
    times: int
    due_at: datetime | None
    rest: timedelta


async def candidates(
    connection: Connection, scope: Scope, cells: Sequence[Cell], grounds: Sequence[Ground]
) -> dict[int, Cell]:
    """Sends of the cells of which something may have to be inferred by now, in the order of their numbers."""
    await connection.execute(_SQL["settings"])
    cursor = await connection.execute(
        _SQL["candidates"],
        {
            **_read(scope, cells, grounds),
            "destinations": [ID_BY_CODE[code] for code in AT_DESTINATION],
            "stage": event_type("returned", Evidence.INFERRED).stage,
            "rerouted": ID_BY_CODE["rerouted"],
        },
        prepare=False,
    )
    return {send_id: Cell(created_on, campaign_id) async for created_on, campaign_id, send_id in cursor}


async def waiting(
    connection: Connection, scope: Scope, cells: Sequence[Cell], grounds: Sequence[Ground]
) -> list[tuple[Cell, int, int]]:
    """For each cell, and each ground by its place, since when (ms) the first send waits whose time has not come."""
    await connection.execute(_SQL["settings"])
    cursor = await connection.execute(_SQL["waiting"], _read(scope, cells, grounds), prepare=False)
    return [(Cell(created_on, campaign_id), place - 1, since) async for created_on, campaign_id, place, since in cursor]


async def facts(connection: Connection, scope: Scope, send_ids: Sequence[int], time_zone: str) -> dict[int, Facts]:
    """What the rules must know of these sends."""
    cursor = await connection.execute(_SQL["facts"], {**within(scope), "send_ids": list(send_ids)})
    return {
        send_id: Facts(Kind(kind), post, mailing_class, extra_service, recipient_zip, return_zip, time_zone)
        async for send_id, kind, post, mailing_class, extra_service, recipient_zip, return_zip in cursor
    }


async def settle(connection: Connection, scope: Scope, now: datetime, looks: Sequence[Look]) -> None:
    """These cells were looked at; one that has changed meanwhile comes again after its rest."""
    cells, times, due_ats, rests = map(list, zip(*looks, strict=True))
    await connection.execute(
        _SQL["settle"], {**_within(scope, cells), "now": now, "times": times, "due_ats": due_ats, "rests": rests}
    )


async def reconsider(connection: Connection, scope: Scope) -> None:
    """Look at all that may wait anew, in both modes: how long it has to wait is another time now."""
    await connection.execute(_SQL["reconsider"], within(scope))


async def hand_on(connection: Connection, scope: Scope, cells: Sequence[Cell]) -> None:
    """These cells have changed: look at them."""
    await connection.execute(_SQL["hand_on"], _within(scope, cells))


def _read(scope: Scope, cells: Sequence[Cell], grounds: Sequence[Ground]) -> dict[str, object]:
    return {
        **_within(scope, cells),
        "codes": [ID_BY_CODE[ground.code] for ground in grounds],
        "posts": [ground.post for ground in grounds],
        "mailing_classes": [ground.mailing_class for ground in grounds],
        "until_ms": [ground.until_ms for ground in grounds],
    }


def _within(scope: Scope, cells: Sequence[Cell]) -> dict[str, object]:
    days: list[date] = [cell.created_on for cell in cells]
    return {**within(scope), "days": days, "campaign_ids": [cell.campaign_id for cell in cells]}
