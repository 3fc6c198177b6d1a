"""How the recipients of campaigns responded, read from the totals of each send and, by day and device, from responses.

Trials, robots and whatever was cancelled count nowhere; `bots` tells how often robots came.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import LiteralString, NamedTuple

from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from sendtrail.domain.events import ID_BY_CODE
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("performance.sql")
_PLACES = {category.word: place for place, category in enumerate(CATEGORIES)}
_WORDS = {
    "visit": ID_BY_CODE["link_opened"],
    "cancelled": _PLACES["cancelled"],
    "delivered": _PLACES["delivered"],
}
TRAITS = ("mailing_class", "region", "tag")
"""What pieces are grouped by, besides their kind."""
BEFORE = -1
"""Days since delivery of whoever came before it."""


class Chosen(NamedTuple):
    """What is looked at, as `chosen` makes it. `gone`: sends of it that were responded to, and cancelled."""

    campaign_ids: list[int]
    partly_cancelled: bool
    gone: list[int]


class TotalsRow(NamedTuple):
    """`engaged`, `with_goal`: different recipients; `engaged_pieces`: sends that were visited. `unlisted`: visits that
    have no row of their own. `first_at`, `last_at`: of visits and goals."""

    engaged: int
    engaged_pieces: int
    with_goal: int
    visits: int
    visitors: int
    bots: int
    unlisted: int
    goals: int
    value_cents: int
    first_at: datetime | None
    last_at: datetime | None


NOTHING = TotalsRow(0, 0, 0, 0, 0, 0, 0, 0, 0, None, None)
"""The totals of a campaign to which nobody responded."""


class DayRow(NamedTuple):
    day: date
    visits: int
    goals: int


class DeviceRow(NamedTuple):
    """`device` may be empty; `engaged`: different recipients who came by it."""

    device: str
    engaged: int


class TraitRow(NamedTuple):
    """So many pieces have a value of a trait; `value` None: one of `places` other values."""

    trait: str
    value: str | None
    pieces: int
    places: int


class PersonRow(NamedTuple):
    """A send to which somebody responded; `links`: the numbers of its links. Empty texts where nothing was given."""

    send_id: int
    kind: int
    name: str
    company: str
    email: str
    first_visit_at: datetime | None
    last_visit_at: datetime | None
    visits: int
    goals: int
    value_cents: int
    links: list[int]
    owner: str


async def chosen(connection: Connection, scope: Scope, permission: Permission, campaigns: Mapping[int, bool]) -> Chosen:
    """Campaigns by number, with whether any of their sends was cancelled: which ones is looked for only then."""
    cancelled = [campaign_id for campaign_id, partly in campaigns.items() if partly]
    if not cancelled:
        return Chosen(list(campaigns), False, [])
    cursor = await _execute(connection, scope, permission, _SQL["gone"], Chosen(cancelled, True, []))
    return Chosen(list(campaigns), True, [row[0] async for row in cursor])


async def linked(connection: Connection, scope: Scope, permission: Permission, wanted: Chosen) -> set[int]:
    """Those of some campaigns whose sends get links, or were responded to."""
    cursor = await _execute(connection, scope, permission, _SQL["linked"], wanted)
    return {row[0] async for row in cursor}


async def engaged(connection: Connection, scope: Scope, permission: Permission, wanted: Chosen) -> dict[int, int]:
    """How many different recipients engaged, by campaign, those of nobody left out; cheap for many campaigns."""
    cursor = await _execute(connection, scope, permission, _SQL["engaged"], wanted)
    return {campaign_id: n async for campaign_id, n in cursor}


async def totals(connection: Connection, scope: Scope, permission: Permission, wanted: Chosen) -> dict[int, TotalsRow]:
    """What the responses to each campaign come to; those without a response are left out."""
    cursor = await _execute(connection, scope, permission, _SQL["totals"], wanted)
    return {campaign_id: TotalsRow(*row) async for campaign_id, *row in cursor}


async def since_delivery(
    connection: Connection, scope: Scope, permission: Permission, wanted: Chosen, zone: str, last: int
) -> dict[int | None, int]:
    """How many pieces were first visited how many days after they were delivered, by the clocks of `zone`.

    BEFORE: earlier; `last`: so many days or more; None: of those nobody knows when they were delivered.
    """
    values = {"zone": zone, "last": last}
    cursor = await _execute(connection, scope, permission, _SQL["since_delivery"], wanted, values)
    return {day: n async for day, n in cursor}


async def responses(
    connection: Connection, scope: Scope, permission: Permission, wanted: Chosen, zone: str
) -> tuple[list[DayRow], list[DeviceRow]]:
    """Visits and goals by day, the first day first, and who visited by device, the most used first."""
    cursor = await _execute(connection, scope, permission, _SQL["responses"], wanted, {"zone": zone})
    days: list[DayRow] = []
    devices: list[DeviceRow] = []
    async for day, device, visits, goals, people in cursor:
        if day is not None:
            days.append(DayRow(day, visits, goals))
        elif people:
            devices.append(DeviceRow(device, people))
    return sorted(days), sorted(devices, key=lambda row: (-row.engaged, row.device))


async def traits(
    connection: Connection,
    scope: Scope,
    permission: Permission,
    wanted: Chosen,
    most: int,
    *,
    visited_only: bool,
) -> list[TraitRow]:
    """The pieces of campaigns by trait: its `most` frequent values, from the first one down, and all others as one.

    `visited_only`: of those that were visited alone, which is quick however many pieces there are.
    """
    source = _SQL["visited_pieces" if visited_only else "pieces"]
    query = _SQL["traits"].replace("/* source */", source)
    cursor = await _execute(connection, scope, permission, query, wanted, {"most": most})
    rows = [TraitRow(*row) async for row in cursor]
    return sorted(rows, key=lambda row: (TRAITS.index(row.trait), row.value is None, -row.pieces, row.value or ""))


async def engaged_by_trait(
    connection: Connection,
    scope: Scope,
    permission: Permission,
    wanted: Chosen,
    values: Mapping[str, Sequence[str]],
) -> dict[tuple[str, str | None], int]:
    """How many different recipients engaged, by trait and value; the value None is any that `values` does not name.

    The values of the trait `kind` are the numbers of kinds, as text.
    """
    asked = {trait: list(values.get(trait, ())) for trait in TRAITS}
    cursor = await _execute(connection, scope, permission, _SQL["engaged_by_trait"], wanted, asked)
    return {(trait, value): n async for trait, value, n in cursor}


async def people(connection: Connection, scope: Scope, campaign_id: int) -> list[int]:
    """The sends of a campaign to which somebody responded, those that were visited first at the top."""
    wanted = await chosen(connection, scope, Permission.SENDS_READ, {campaign_id: True})
    cursor = await _execute(connection, scope, Permission.SENDS_READ, _SQL["people"], wanted)
    return [row[0] async for row in cursor]


async def people_rows(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> list[PersonRow]:
    """Some of `people`, in the order given."""
    values = {"send_ids": list(send_ids)}
    cursor = await _execute(
        connection, scope, Permission.SENDS_READ, _SQL["people_rows"], Chosen([], False, []), values
    )
    return [PersonRow(*row) async for row in cursor]


async def _execute(
    connection: Connection,
    scope: Scope,
    permission: Permission,
    query: LiteralString,
    wanted: Chosen,
    values: Mapping[str, object] | None = None,
) -> AsyncCursor[TupleRow]:
    for part in ("that_counts", "trait_columns"):
        query = query.replace("/* " + part.replace("_", " ") + " */", _SQL[part].strip())
    await connection.execute(_SQL["settings"])
    return await connection.execute(
        reaching(query, scope, permission),
        {**within(scope), **_WORDS, **wanted._asdict(), **(values or {})},
        prepare=False,
    )
