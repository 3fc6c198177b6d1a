"""What needs attention, as people look at it and act on it; `store.noticing` keeps it up to date."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, LiteralString, NamedTuple

from sendtrail.domain.attention import RULES
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("attention.sql")

State = Literal["open", "snoozed", "done"]


class Filter(NamedTuple):
    """What a list shows. `rules`: their numbers; `state` None: any; `assignee`: a member, 0 for nobody's, None for
    everybody's; `now` says what is snoozed still."""

    rules: Sequence[int]
    state: State | None
    assignee: int | None
    now: datetime


class EntryRow(NamedTuple):
    """An entry. `kind`, `recipient`, `post`: of the send that it is about; `name`: of the feed, or the Mailer ID;
    `assignee_name`: their address where they have no name; `detail`: what was told with the send's status.

    Columns as in the statement `columns`.
    """

    id: int
    live: bool
    rule: int
    about: int
    since: datetime
    status: int
    amount: int
    noticed_at: datetime
    snoozed_until: datetime | None
    done_at: datetime | None
    assignee_id: int
    assignee_name: str
    note: str
    kind: int | None
    recipient: dict[str, Any] | None
    post: str | None
    name: str
    campaign: str
    detail: dict[str, Any] | None


async def page(connection: Connection, scope: Scope, wanted: Filter, after: int | None, limit: int) -> list[EntryRow]:
    """Entries, the most urgent first; `after` is the last one of the page before."""
    return await _rows(connection, scope, "page", {**_filter(wanted), "after": after, "limit": limit}, wanted.state)


async def heads(connection: Connection, scope: Scope, wanted: Filter, limit: int) -> list[EntryRow]:
    """The first of each rule, at most `limit` of each."""
    return await _rows(connection, scope, "heads", {**_filter(wanted), "limit": limit}, wanted.state)


async def some(
    connection: Connection, scope: Scope, rules: Sequence[int], ids: Sequence[int] = (), sends: Sequence[int] = ()
) -> list[EntryRow]:
    """Entries of these numbers, and those about these sends; however they stand."""
    return await _rows(connection, scope, "some", {"rules": list(rules), "ids": list(ids), "abouts": list(sends)}, None)


async def counts(connection: Connection, scope: Scope, wanted: Filter) -> dict[int, int]:
    """How many there are of each rule."""
    query = _query("counts", scope, Permission.SENDS_READ, wanted.state)
    cursor = await connection.execute(query, {**within(scope), **_filter(wanted)})
    return {rule: n async for rule, n in cursor}


async def waiting(connection: Connection, scope: Scope, wanted: Filter, most: int) -> int:
    """How many there are; at most so many are counted."""
    query = _query("waiting", scope, Permission.SENDS_READ, wanted.state)
    cursor = await connection.execute(query, {**within(scope), **_filter(wanted), "most": most})
    row = await cursor.fetchone()
    return row[0] if row else 0


async def chosen(connection: Connection, scope: Scope, wanted: Filter, ids: Sequence[int] | None = None) -> list[int]:
    """The numbers of the entries of a list, or of those among `ids`, that the scope may act on; held until the
    transaction ends."""
    query = _query("chosen", scope, Permission.SENDS_WRITE, wanted.state)
    given = None if ids is None else list(ids)
    cursor = await connection.execute(query, {**within(scope), **_filter(wanted), "ids": given})
    return [row[0] async for row in cursor]


async def snooze(connection: Connection, scope: Scope, ids: Sequence[int], until: datetime) -> None:
    """Let entries rest until a moment."""
    await _change(connection, scope, "snooze", ids, until=until, actor=scope.actor)


async def finish(connection: Connection, scope: Scope, ids: Sequence[int], now: datetime) -> None:
    """Be done with entries, for as long as the fact behind each is the same."""
    await _change(connection, scope, "finish", ids, now=now, actor=scope.actor)


async def reopen(connection: Connection, scope: Scope, ids: Sequence[int]) -> None:
    """Take entries back that were snoozed or done."""
    await _change(connection, scope, "reopen", ids, actor=scope.actor)


async def annotate(connection: Connection, scope: Scope, ids: Sequence[int], note: str) -> None:
    """Keep a note with entries."""
    await _change(connection, scope, "annotate", ids, note=note)


async def assign(connection: Connection, scope: Scope, ids: Sequence[int], rules: Sequence[int], member_id: int) -> int:
    """Give entries to a member, 0 for nobody, as far as `scope`, which is theirs, reaches; how many they got."""
    query = reaching(_SQL["assign"], scope, Permission.SENDS_READ)
    values = {**within(scope), "ids": list(ids), "rules": list(rules), "assignee": member_id}
    return (await connection.execute(query, values)).rowcount


async def looked_at(connection: Connection, scope: Scope) -> datetime | None:
    """Up to when entries are known; None where nobody looked yet."""
    cursor = await connection.execute(_SQL["looked_at"], within(scope))
    row = await cursor.fetchone()
    return row[0] if row else None


async def _change(connection: Connection, scope: Scope, name: str, ids: Sequence[int], **values: object) -> None:
    await connection.execute(_SQL[name], {**within(scope), "ids": list(ids), **values})


async def _rows(
    connection: Connection, scope: Scope, name: str, values: Mapping[str, object], state: State | None
) -> list[EntryRow]:
    query = _query(name, scope, Permission.SENDS_READ, state)
    rules = {"feed_rule": RULES["feed_quiet"].number, "mailer_rule": RULES["unmatched"].number}
    cursor = await connection.execute(query, {**within(scope), **rules, **values})
    return [EntryRow(*row) async for row in cursor]


def _query(name: str, scope: Scope, permission: Permission, state: State | None) -> LiteralString:
    query = _SQL[name].replace("/* columns */", _SQL["columns"]).replace("/* joins */", _SQL["joins"])
    query = query.replace("/* state */", _SQL[state] if state else "")
    return reaching(query, scope, permission)


def _filter(wanted: Filter) -> dict[str, object]:
    return {"rules": list(wanted.rules), "assignee": wanted.assignee, "now": wanted.now}
