"""Statements: the ledger as it is read, by day and campaign or entry by entry."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import LiteralString, NamedTuple

from sendtrail.domain.money import EntryType
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("statements.sql")


class Chosen(NamedTuple):
    """What of the ledger is wanted, by the day of booking; both days are in it. None: of any."""

    start: date
    end: date
    fund_id: int | None = None
    campaign_id: int | None = None
    """0: of no campaign."""
    team_id: int | None = None
    type: EntryType | None = None


class TotalRow(NamedTuple):
    """`before`: cents until the period; `n` and `cents`: in it."""

    type: EntryType
    before: int
    n: int
    cents: int


class LineRow(NamedTuple):
    """The `n` charges or refunds of one day, fund and campaign (0: none), or one deposit or adjustment.

    `place`: its number within the day. `note`, `actor`, `email`, `key`, `at`: of a single one.
    """

    day: date
    place: int
    type: int
    fund_id: int
    fund: str
    campaign_id: int
    campaign: str
    n: int
    cents: int
    note: str
    actor: str
    email: str
    key: str
    at: datetime | None


class EntryRow(NamedTuple):
    """One entry of the ledger. `send_id` 0: it is about no send; `code`: the id of the event that was the reason."""

    id: int
    type: int
    cents: int
    currency: str
    at: datetime
    day: date
    fund_id: int
    fund: str
    send_id: int
    kind: int | None
    recipient: str
    sent_on: date | None
    campaign_id: int
    campaign: str
    team_id: int
    team: str
    owner_id: int
    code: int
    note: str
    actor: str
    email: str
    key: str


async def totals(connection: Connection, scope: Scope, chosen: Chosen, currency: str) -> list[TotalRow]:
    """What was booked, by type; types without an entry are left out."""
    query = reaching(_choosing(_SQL["totals"], "booked"), scope, Permission.MONEY_READ)
    cursor = await connection.execute(query, {**_values(scope, chosen), "currency": currency}, prepare=False)
    return [TotalRow(EntryType(type_), *rest) async for type_, *rest in cursor]


async def lines(
    connection: Connection,
    scope: Scope,
    chosen: Chosen,
    currency: str,
    after: tuple[date, int] | None,
    limit: int,
) -> list[LineRow]:
    """At most `limit` lines, the latest day first; `after`: day and place of the last one of the page before."""
    query = reaching(_choosing(_SQL["lines"], "booked"), scope, Permission.MONEY_READ)
    until, place = after or (chosen.end, 0)
    values = {"currency": currency, "until": until, "after_place": place, "limit": limit}
    cursor = await connection.execute(query, {**_values(scope, chosen), **values}, prepare=False)
    return [LineRow(*row) async for row in cursor]


async def entries(
    connection: Connection,
    scope: Scope,
    chosen: Chosen,
    before: tuple[date, int] | None,
    limit: int,
    send_id: int | None = None,
) -> list[EntryRow]:
    """At most `limit` entries, the latest first; `before`: day and number of the last one of the page before."""
    query = reaching(_choosing(_SQL["entries"], "ledger"), scope, Permission.MONEY_READ)
    day, number = before or (None, None)
    values = {"before_day": day, "before": number, "limit": limit, "send_id": send_id}
    cursor = await connection.execute(query, {**_values(scope, chosen), **values}, prepare=False)
    return [EntryRow(*row) async for row in cursor]


async def day_of(connection: Connection, scope: Scope, entry_id: int) -> date | None:
    """On which day an entry of the organization was booked; None where there is none of this number."""
    cursor = await connection.execute(_SQL["place"], {**within(scope), "id": entry_id})
    row = await cursor.fetchone()
    return row[0] if row else None


def _choosing(query: LiteralString, table: LiteralString) -> LiteralString:
    query = query.replace("/* chosen ledger */", _SQL["chosen"])
    return query.replace("/* chosen */", _SQL["chosen"].replace("ledger.", table + "."))


def _values(scope: Scope, chosen: Chosen) -> dict[str, object]:
    return {**within(scope), **chosen._asdict(), "type": None if chosen.type is None else int(chosen.type)}


def sums(rows: Sequence[TotalRow]) -> tuple[int, int]:
    """Cents before the period, and at its end."""
    before = sum(row.before for row in rows)
    return before, before + sum(row.cents for row in rows)
