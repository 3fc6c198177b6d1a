"""The Send Tracker's lists: which sends match, in which order, and how many stand where."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString, NamedTuple

from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from sendtrail.domain.events import Kind
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import VENDORS
from sendtrail.domain.standings import STATUSES, standing
from sendtrail.store.counts import GIFTS, sector_condition
from sendtrail.store.database import Connection, statements
from sendtrail.store.items import ORDERS as _COLUMNS
from sendtrail.store.reach import reaching, within

_SQL = statements("tracker.sql")


_SPAN = 31
"""Days of which the totals are read first: most lists are full by then."""


class Order(NamedTuple):
    """What a list can be sorted by: an expression over `send` and `state`, and its type."""

    key: LiteralString
    type: LiteralString


DAYS_OF_PART = 100_000
"""A status or a kind, times this, and a day since FIRST_DAY: sends by both."""
FIRST_DAY = date(2000, 1, 1)
_SINCE: LiteralString = " * 100000 + (state.created_on - date '2000-01-01')"

ORDERS: Mapping[str, Order] = {
    "recipient": Order(_COLUMNS["recipient"], "text"),
    "kind": Order("state.kind::bigint" + _SINCE, "bigint"),
    "sender": Order(
        "lower(coalesce((select coalesce(nullif(member.name, ''), member.email) from member"
        " where member.id = state.owner_id), send.sender))",
        "text",
    ),
    "status": Order("best_rank(state.best)" + _SINCE, "bigint"),
    "updated": Order("best_ms(state.best)", "bigint"),
    "cost": Order(_COLUMNS["cost"], "int"),
    "created": Order("send.send_id", "bigint"),
}
"""Besides the day, by which every list is sorted unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which sends match; None or empty: all. `start` and `end` are days, inclusive; `standings` as
    domain/standings.py has them.

    `terms`: marks and whole words, `prefixes`: beginnings of words (domain/terms.py), all of which a send must have.
    `send_ids`: only of these.
    """

    start: date | None = None
    end: date | None = None
    kind: Kind | None = None
    campaign_id: int | None = None
    team_id: int | None = None
    owner_id: int | None = None
    standings: Collection[int] | None = None
    sector: str | None = None
    terms: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    send_ids: tuple[int, ...] | None = None

    @property
    def counted(self) -> bool:
        """Whether the totals know how many match."""
        return not (self.terms or self.prefixes or self.send_ids is not None or self.owner_id)

    @property
    def by_terms_alone(self) -> bool:
        """Whether nothing but days and terms narrows it."""
        others = (self.kind, self.campaign_id, self.team_id, self.owner_id, self.standings, self.sector, self.send_ids)
        return all(each is None for each in others)


@dataclass(frozen=True, slots=True)
class All:
    """Read `state` as it is ordered, of some days only."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Cells:
    """Read whole days of campaigns."""

    cells: Sequence[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Ids:
    """Look at some sends."""

    send_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Term:
    """Read those that have a term, in order."""

    term: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """Read all that have a word with this beginning, then put them in order."""

    prefix: str


Source = All | Cells | Ids | Term | Prefix
"""What a list is read from."""


class Place(NamedTuple):
    """Where a page ends: what its last send is sorted by, as text, and its number."""

    key: str
    send_id: int


class Stretch(NamedTuple):
    """Some sends in the order of a list: their numbers, and what each is sorted by."""

    send_ids: list[int]
    keys: list[date] | list[str]

    def places(self) -> list[Place]:
        return [self.place(n) for n in range(len(self.send_ids))]

    def place(self, n: int) -> Place:
        return Place(str(self.keys[n]), self.send_ids[n])


class Cell(NamedTuple):
    """A day's sends of a campaign: how many match, and how many there are."""

    day: date
    campaign_id: int
    matching: int
    whole: int


async def page(
    connection: Connection,
    scope: Scope,
    filter_: Filter,
    source: Source,
    descending: bool,
    after: Place | None,
    limit: int,
    *,
    by_terms: bool = True,
) -> Stretch:
    """At most `limit` sends by day, of one day by when they were made.

    Not `by_terms`: whoever reads their rows looks whether their terms are like `patterns`.
    """
    alone = not by_terms and isinstance(source, Term) and filter_.by_terms_alone
    alone = alone and scope.may(Permission.SENDS_READ, Reach.ORGANIZATION)
    beyond = _SQL["beyond_day"] if after else ""
    query = _composed(_SQL["list_term" if alone else "list"], filter_, source, beyond, by_terms=by_terms)
    query = _directed(query, descending)
    await _pin(connection)
    cursor = await _run(connection, scope, query, filter_, source, after, limit)
    return _stretch(await cursor.fetchall())


async def sorted_page(
    connection: Connection,
    scope: Scope,
    filter_: Filter,
    source: Source,
    sort: str,
    descending: bool,
    after: Place | None,
    limit: int,
) -> Stretch:
    """At most `limit` sends by one of ORDERS; all that match are read."""
    order = ORDERS[sort]
    beyond = _SQL["beyond_key"].replace("/* type */", order.type) if after else ""
    query = _directed(_composed(_SQL["sorted"], filter_, source, beyond), descending).replace("/* key */", order.key)
    await _pin(connection)
    cursor = await _run(connection, scope, query, filter_, source, after, limit)
    return _stretch(await cursor.fetchall())


def _stretch(rows: list[TupleRow]) -> Stretch:
    return Stretch([row[0] for row in rows], [row[1] for row in rows])


async def tally(connection: Connection, scope: Scope, filter_: Filter, source: Source, limit: int) -> dict[int, int]:
    """How many of the first `limit` that match stand where, by standing."""
    query = _composed(_SQL["tally"], filter_, source, "")
    await _pin(connection)
    cursor = await _run(connection, scope, query, filter_, source, None, limit)
    return {standing(kind, status): n async for kind, status, n in cursor}


async def tally_some(
    connection: Connection, scope: Scope, filter_: Filter, source: Source, limit: int
) -> tuple[dict[int, int], int]:
    """How many of the first `limit` sends of a source, terms aside, match and stand where; how many were looked at."""
    query = _composed(_SQL["tally_some"], filter_, source, "", by_terms=False)
    await _pin(connection)
    rows = await (await _run(connection, scope, query, filter_, source, None, limit)).fetchall()
    return {standing(kind, status): n for kind, status, n, _ in rows if n}, sum(seen for *_, seen in rows)


async def window(connection: Connection, scope: Scope, end: date | None, limit: int) -> date | None:
    """The day since which, up to `end`, the organization sent `limit` sends or some more; None: fewer in all."""
    cursor = await connection.execute(_SQL["window"], {**within(scope), "end": end, "limit": limit}, prepare=False)
    row = await cursor.fetchone()
    return row[0] if row else None


async def counted(connection: Connection, scope: Scope, filter_: Filter) -> dict[int, int]:
    """How many of all that match stand where, whatever `standings` say, for a filter that the totals know."""
    query = _SQL["counted"].replace("/* within totals */", _SQL["within_totals"])
    cursor = await _run(connection, scope, _in_sector(query, filter_), filter_, All(), None, 0)
    return {standing(kind, status): n async for kind, status, n in cursor}


async def cells(
    connection: Connection, scope: Scope, filter_: Filter, descending: bool, after: Place | None, limit: int
) -> list[Cell]:
    """The first days of campaigns in which together at least `limit` match, from the day of `after` on; whole days."""
    found: list[Cell] = []
    for span in (_SPAN, None):
        days = "" if span is None else _SQL["last_days" if descending else "first_days"]
        query = _SQL["cells"].replace("/* within totals */", _SQL["within_totals"]).replace("/* span */", days)
        query = _in_sector(_directed(query, descending), filter_)
        cursor = await _run(connection, scope, query, filter_, All(), after, limit)
        found = [Cell(*row) async for row in cursor]
        if sum(cell.matching for cell in found if not after or cell.day.isoformat() != after.key) >= limit:
            break
    return found


async def probe(connection: Connection, scope: Scope, source: Term | Prefix, limit: int) -> int:
    """How many sends have a term, or words with a beginning; `limit` for as many or more."""
    name = "probe_term" if isinstance(source, Term) else "probe_prefix"
    cursor = await connection.execute(_SQL[name], {**within(scope), **_reading(source), "limit": limit}, prepare=False)
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def word(connection: Connection, scope: Scope, prefix: Prefix) -> Term | None:
    """The one word with this beginning; None where there are several, or none."""
    cursor = await connection.execute(_SQL["words"], {**within(scope), **_reading(prefix)}, prepare=False)
    first, last = await cursor.fetchone() or (None, None)
    return Term(first) if first is not None and first == last else None


async def named(connection: Connection, scope: Scope, names: Sequence[str], send_id: int | None, imb: str) -> list[int]:
    """The sends that are called so exactly: by a number of theirs or a vendor's, or by their barcode's digits."""
    mid_serial = int(imb[5:20]) if len(imb) >= 20 else None
    parameters = {**within(scope), "names": list(names), "send_id": send_id, "imb": imb, "mid_serial": mid_serial}
    parameters["vendor_names"] = [f"{vendor}:{name}" for vendor in VENDORS for name in names]
    cursor = await connection.execute(_SQL["named"], parameters, prepare=False)
    return [row[0] async for row in cursor]


async def _pin(connection: Connection) -> None:
    """From here to the end of the transaction lists are read row by row."""
    await connection.execute(_SQL["pin"])


def _composed(
    query: LiteralString, filter_: Filter, source: Source, beyond: LiteralString, *, by_terms: bool = True
) -> LiteralString:
    query = query.replace("/* matching */", _SQL["matching"]).replace("/* beyond */", beyond)
    query = query.replace("/* terms */", _SQL["has_terms"] if by_terms and patterns(filter_, source) else "")
    query = query.replace("/* row */", "listed" if isinstance(source, Term | Prefix) else "state")
    query = query.replace("/* source condition */", _SQL["is_term"] if isinstance(source, Term) else "")
    match source:
        case All():
            read = _SQL["source_all"]
        case Cells():
            read = _SQL["source_cells"]
        case Ids():
            read = _SQL["source_ids"]
        case Term():
            read = _SQL["source_term"]
        case Prefix():
            read = _SQL["source_prefix"]
    return _in_sector(query.replace("/* source */", read), filter_, "state.")


def _directed(query: LiteralString, descending: bool) -> LiteralString:
    query = query.replace("/* direction */", "desc" if descending else "asc")
    return query.replace("/* compared */", "<" if descending else ">")


def _in_sector(query: LiteralString, filter_: Filter, table: LiteralString = "") -> LiteralString:
    condition = sector_condition(filter_.sector or "all")
    if table:
        condition = condition.replace("and campaign_id", "and " + table + "campaign_id")
        condition = condition.replace("and kind", "and " + table + "kind")
    return query.replace("/* sector */", condition)


async def _run(
    connection: Connection,
    scope: Scope,
    query: LiteralString,
    filter_: Filter,
    source: Source,
    after: Place | None,
    limit: int,
) -> AsyncCursor[TupleRow]:
    days = source if isinstance(source, All) else All()
    parameters = {
        **within(scope),
        **_reading(source),
        "gifts": GIFTS,
        "start": max(filter(None, (filter_.start, days.start)), default=None),
        "end": min(filter(None, (filter_.end, days.end)), default=None),
        "kind": filter_.kind,
        "campaign_id": filter_.campaign_id,
        "team_id": filter_.team_id,
        "owner_id": filter_.owner_id,
        "standings": sorted(filter_.standings) if filter_.standings is not None else None,
        "statuses": STATUSES,
        "patterns": patterns(filter_, source),
        "after_key": after.key if after else None,
        "after_id": after.send_id if after else None,
        "limit": limit,
        "span": _SPAN,
    }
    # A plan for any filter would be a poor one for this.
    return await connection.execute(reaching(query, scope, Permission.SENDS_READ), parameters, prepare=False)


def patterns(filter_: Filter, source: Source) -> list[str]:
    """What the terms of a send must be like, besides what its source is chosen by."""
    whole = [f"%\n{_plain(term)}\n%" for term in filter_.terms if source != Term(term)]
    return whole + [f"%\n{_plain(prefix)}%" for prefix in filter_.prefixes if source != Prefix(prefix)]


def _plain(text: str) -> str:
    """A text without a character that means something to `like`."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _reading(source: Source) -> dict[str, object]:
    """The parameters of a source."""
    match source:
        case All():
            return {}
        case Cells():
            return {"days": [day for day, _ in source.cells], "campaign_ids": [each for _, each in source.cells]}
        case Ids():
            return {"send_ids": list(source.send_ids)}
        case Term():
            return {"term": source.term}
        case Prefix():
            return {"prefix": source.prefix}
