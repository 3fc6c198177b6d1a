"""Links: made with their sends or for sends that are there, listed with what came of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from sendtrail.domain.events import ID_BY_CODE
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("links.sql")
_VISIT = ID_BY_CODE["link_opened"]
_CANCELLED = [category.word for category in CATEGORIES].index("cancelled")


class LinkRow(NamedTuple):
    """One link, its send, and what came of that. `shared`: it leads where others of its campaign or tracker do;
    `tracker_id`: 0 for none, `tracker` its description. Columns of `columns`."""

    id: int
    send_id: int
    kind: int
    created_at: datetime
    expires_at: datetime
    shared: bool
    tracker_id: int
    tracker: str
    template: str
    days: int
    testing: bool
    campaign_id: int
    campaign: str
    recipient: dict[str, Any]
    external_id: str
    metadata: dict[str, Any] | None
    currency: str
    sender: dict[str, Any] | None
    merge: dict[str, Any] | None
    names: dict[str, list[str]] | None
    visits: int
    visitors: int
    bots: int
    goals: int
    value_cents: int
    first_visit_at: datetime | None
    last_visit_at: datetime | None


class Linked(NamedTuple):
    """A send that may get a link. `campaign_id` 0: of no campaign."""

    kind: int
    campaign_id: int


class PrintedRow(NamedTuple):
    """What a printer merges of one link; texts as they were given. Columns in the order of the statement `rows`."""

    id: int
    send_id: int
    kind: int
    external_id: str
    name: str
    company: str
    address_line1: str
    address_line2: str
    city: str
    state: str
    postal_code: str
    country: str
    imb: str


class VisitRow(NamedTuple):
    """One opening. `visitor`: a hash of who it was that is the same for one day only; `address`: while it is kept."""

    id: int
    occurred_at: datetime
    device: str
    country: str
    region: str
    referrer: str
    bot: bool
    test: bool
    visitor: int | None
    address: str | None


async def make(connection: Connection, scope: Scope, send_ids: Sequence[int], campaign_ids: Sequence[int]) -> None:
    """A link for each of these new sends whose campaign says where links lead. `campaign_ids`: theirs."""
    await connection.execute(_SQL["hold_all"], {"campaign_ids": list(campaign_ids)})
    await connection.execute(_SQL["make"], {**within(scope), "send_ids": list(send_ids)})


async def hold(connection: Connection, scope: Scope, campaign_id: int) -> None:
    """Let no sends be made into a campaign until the transaction ends."""
    await connection.execute(_SQL["hold"], {"campaign_id": campaign_id})


async def make_all(connection: Connection, scope: Scope, campaign_id: int, landing_id: int) -> int:
    """A link for each send of a campaign that has none to this landing; how many were made."""
    values = {"campaign_id": campaign_id, "landing_id": landing_id}
    cursor = await connection.execute(_SQL["make_all"], {**within(scope), **values})
    return cursor.rowcount


async def linked(connection: Connection, scope: Scope, send_id: int) -> Linked | None:
    """What decides about a send's link; None where the scope may not make it one."""
    query = reaching(_SQL["linked"], scope, Permission.SENDS_WRITE)
    cursor = await connection.execute(query, {**within(scope), "send_id": send_id})
    row = await cursor.fetchone()
    return Linked(*row) if row else None


async def add(connection: Connection, scope: Scope, send_id: int, landing_id: int) -> int:
    """The number of a send's link to a landing, made if need be. LookupError where the scope has no such send."""
    values = {"send_id": send_id, "landing_id": landing_id}
    cursor = await connection.execute(_SQL["add"], {**within(scope), **values})
    row = await cursor.fetchone()
    if row is None:
        raise LookupError(f"no send {send_id}")
    return int(row[0])


async def own(connection: Connection, scope: Scope, send_id: int, template: str) -> tuple[int, int] | None:
    """The newest link that a send has for itself to this template, and its days; nobody gives the send another before
    the transaction ends."""
    await connection.execute(_SQL["hold_send"], {"send_id": send_id})
    values = {"send_id": send_id, "template": template}
    cursor = await connection.execute(_SQL["own"], {**within(scope), **values})
    row = await cursor.fetchone()
    return (row[0], row[1]) if row else None


async def of_sends(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> dict[int, int]:
    """The newest link of each of these sends that has one."""
    cursor = await connection.execute(_SQL["of_sends"], {**within(scope), "send_ids": list(send_ids)})
    return {send_id: link_id async for send_id, link_id in cursor}


async def page(
    connection: Connection,
    scope: Scope,
    *,
    limit: int,
    before: int | None = None,
    landing_id: int | None = None,
    send_ids: Sequence[int] | None = None,
    link_id: int | None = None,
) -> list[LinkRow]:
    """At most `limit` links, newest first: all, or those of a landing, of some sends, or one."""
    which: LiteralString = ""
    for given, condition in (
        (before, "and link.id < %(before)s "),
        (landing_id, "and link.landing_id = %(landing_id)s "),
        (send_ids, "and link.send_id = any (%(send_ids)s) "),
        (link_id, "and link.id = %(link_id)s "),
    ):
        which += condition if given is not None else ""
    query = _SQL["page"].replace("/* columns */", _SQL["columns"].strip()).replace("/* which */", which)
    values = {"before": before, "landing_id": landing_id, "send_ids": send_ids and list(send_ids), "link_id": link_id}
    cursor = await connection.execute(
        reaching(query, scope, Permission.SENDS_READ), {**within(scope), **values, "limit": limit}
    )
    return [LinkRow(*row) async for row in cursor]


async def count(connection: Connection, scope: Scope, landing_id: int) -> int:
    """How many links of a landing are to be printed."""
    query = reaching(_SQL["count"], scope, Permission.SENDS_READ)
    cursor = await connection.execute(query, {**within(scope), "landing_id": landing_id, "cancelled": _CANCELLED})
    ((n,),) = await cursor.fetchall()
    return int(n)


async def place(connection: Connection, scope: Scope, landing_id: int, n: int) -> int:
    """After which link of a landing the first `n` that are to be printed are over; 0 for none."""
    if not n:
        return 0
    query = reaching(_SQL["place"], scope, Permission.SENDS_READ)
    values = {"landing_id": landing_id, "n": n, "cancelled": _CANCELLED}
    cursor = await connection.execute(query, {**within(scope), **values})
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def rows(connection: Connection, scope: Scope, landing_id: int, after: int, limit: int) -> list[PrintedRow]:
    """At most `limit` links of a landing that are to be printed, in the order in which they were made, after one of
    them (0: the first)."""
    query = reaching(_SQL["rows"], scope, Permission.SENDS_READ)
    values = {"landing_id": landing_id, "after": after, "limit": limit, "cancelled": _CANCELLED}
    cursor = await connection.execute(query, {**within(scope), **values})
    return [PrintedRow(*row) async for row in cursor]


async def visits(connection: Connection, scope: Scope, link: LinkRow, before: int | None, limit: int) -> list[VisitRow]:
    """At most `limit` openings of a link that the scope was shown, newest first; `before`: the last one shown."""
    values = {"send_id": link.send_id, "link_id": link.id, "visit": _VISIT, "before": before, "limit": limit}
    cursor = await connection.execute(_SQL["visits"], {**within(scope), **values})
    return [VisitRow(*row) async for row in cursor]
