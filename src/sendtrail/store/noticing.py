"""What needs attention, worked out: by cell for sends (one day's of a campaign), and for the organization as a whole.

The worker that works out a cell's history also says here that it has changed (histories.sql), so the pipeline does
nothing for it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.histories import Cell
from sendtrail.store.reach import within

_SQL = statements("noticing.sql")


class Term(NamedTuple):
    """What stands in a status since before `before` falls under a rule. `status`: as `counts` has it; `service`: of a
    class's silence, else empty; `threshold`: its name, empty where the rule speaks at once."""

    rule: int
    status: int
    service: str
    canada: bool
    before: datetime
    threshold: str


class Terms(NamedTuple):
    """All that decides which sends of a cell need attention. `services`: by post and mailing class; `number_*`: of the
    rule about tracking numbers, whose statuses are `under_way`; `oldest`: what began before that is left out."""

    terms: Sequence[Term]
    services: Mapping[tuple[str, str], str]
    zone: str
    now: datetime
    oldest: datetime
    cancelled: Sequence[int]
    astray: int
    under_way: Sequence[int]
    no_number: int
    number_threshold: str
    number_before: datetime
    number_before_canada: datetime


class Waiting(NamedTuple):
    """The oldest of those of a cell that wait for the same threshold; `canada` None: by either post's calendar."""

    cell: Cell
    threshold: str
    canada: bool | None
    since: datetime


class Found(NamedTuple):
    """Something of the organization as a whole. `about`: its number, 0 for none."""

    rule: int
    about: int
    since: datetime
    fact: int
    amount: int = 0


async def claim(connection: Connection, scope: Scope, cells: Sequence[Cell], now: datetime) -> list[Cell]:
    """Those of the cells that are due and that nobody else is looking at; they are ours until the transaction ends."""
    cursor = await connection.execute(_SQL["claim"], {**within(scope), **_columns(cells), "now": now})
    return [Cell(*row) async for row in cursor]


async def look(connection: Connection, scope: Scope, cells: Sequence[Cell], terms: Terms) -> list[Waiting]:
    """Bring the entries about these cells' sends up to date; what of them still waits."""
    await connection.execute(_SQL["settings"])
    columns = zip(*terms.terms, strict=True) if terms.terms else [[] for _ in Term._fields]
    names = ("term_rules", "term_statuses", "term_services", "term_canadas", "term_befores", "term_thresholds")
    statuses = {*(term.status for term in terms.terms), *terms.cancelled}
    values = {name: value for name, value in terms._asdict().items() if name not in ("terms", "services")}
    cursor = await connection.execute(
        _SQL["look"],
        {
            **within(scope),
            **_columns(cells),
            **dict(zip(names, map(list, columns), strict=True)),
            **values,
            "statuses": sorted(statuses),
            "posts": [post for post, _ in terms.services],
            "classes": [class_ for _, class_ in terms.services],
            "services": list(terms.services.values()),
        },
        prepare=False,
    )
    return [Waiting(Cell(created_on, campaign), *rest) async for created_on, campaign, *rest in cursor]


async def wait(connection: Connection, scope: Scope, due: Mapping[Cell, datetime], cells: Sequence[Cell]) -> None:
    """Have claimed cells looked at again when the next of their sends is due; those without one are forgotten."""
    await connection.execute(_SQL["wait"], {**within(scope), **_columns(list(due)), "due_ats": list(due.values())})
    await connection.execute(_SQL["settle"], {**within(scope), **_columns(cells)})


async def outdate(connection: Connection, scope: Scope, oldest: date) -> None:
    """Have all cells since a day looked at again, in both modes: the rules have changed."""
    await connection.execute(_SQL["outdate"], {**within(scope), "oldest": oldest})


async def age(connection: Connection, scope: Scope, rules: Sequence[int], oldest: datetime) -> None:
    """Forget what began before `oldest`, of these rules."""
    await connection.execute(_SQL["age"], {**within(scope), "rules": list(rules), "oldest": oldest})


async def quiet_feeds(
    connection: Connection, scope: Scope, before: datetime, oldest: datetime
) -> list[tuple[int, datetime]]:
    """Feeds that were last heard of between these moments, and when."""
    cursor = await connection.execute(_SQL["quiet_feeds"], {**within(scope), "before": before, "oldest": oldest})
    return [(number, heard_at) async for number, heard_at in cursor]


async def quiet_folder(
    connection: Connection, scope: Scope, before: datetime, oldest: datetime
) -> list[tuple[int, datetime]]:
    """The same of the watched folder: one or none."""
    cursor = await connection.execute(_SQL["quiet_folder"], {**within(scope), "before": before, "oldest": oldest})
    return [(number, received_at) async for number, received_at in cursor]


async def strays(
    connection: Connection, scope: Scope, before: datetime, oldest: datetime, most: int
) -> list[tuple[int, int, datetime, int]]:
    """Of each Mailer ID with scans that belong to no send, some older than `before`: its number, how many barcodes,
    when the first was scanned, and the latest in milliseconds from 2020. Of each so many are read at most."""
    cursor = await connection.execute(
        _SQL["strays"], {**within(scope), "before": before, "oldest": oldest, "most": most}
    )
    return [(number, n, first, latest) async for number, n, first, latest in cursor]


async def put(
    connection: Connection, scope: Scope, rules: Collection[int], found: Sequence[Found], now: datetime
) -> None:
    """All that these rules have to say of the organization as a whole; what they said else is over."""
    columns = list(zip(*found, strict=True)) or [() for _ in Found._fields]
    names = ("found_rules", "abouts", "sinces", "facts", "amounts")
    await connection.execute(
        _SQL["put"],
        {**within(scope), **dict(zip(names, map(list, columns), strict=True)), "rules": list(rules), "now": now},
    )


async def looked(connection: Connection, scope: Scope, now: datetime) -> None:
    """Note that the organization was looked at."""
    await connection.execute(_SQL["looked"], {**within(scope), "now": now})


def _columns(cells: Sequence[Cell]) -> dict[str, object]:
    return {"days": [cell.created_on for cell in cells], "campaign_ids": [cell.campaign_id for cell in cells]}
