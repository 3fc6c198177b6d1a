"""Trackers: where the links of as many orders as name one lead, and what came of them.

An order names a tracker by its id in braces in the HTML, and gets a link of its own in the transaction that makes it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.domain import landing
from sendtrail.domain.described import check_described
from sendtrail.domain.events import Kind
from sendtrail.domain.postgrid.trackers import WORD, named_in
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services import destinations, landings
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.landings import Landing, LinkPlan
from sendtrail.services.nouns import Kept
from sendtrail.services.send_ids import send_number
from sendtrail.store import audit, nouns
from sendtrail.store import landings as landing_store
from sendtrail.store import trackers as store
from sendtrail.store.database import Connection
from sendtrail.store.nouns import Found
from sendtrail.store.trackers import TRACKER, Fared, TrackerRow, VisitRow

TRACKERS = Kept(
    word=WORD,
    noun=TRACKER,
    reads=Permission.SENDS_READ,
    writes=Permission.SENDS_WRITE,
    label=lambda row: row.description,
)


class TrackerPlan(msgspec.Struct):
    """What a tracker is to be. `url`: as of a link, with variables; `expire_after_days`: 30, 60, 90, 180 or 365."""

    url: str
    expire_after_days: int
    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET


async def make(context: Context, scope: Scope, plan: TrackerPlan, request: Request | None = None) -> TrackerRow:
    """A new tracker; Invalid names the field; Forbidden. A host that links may not lead to yet is allowed with it, by
    a live key that may change the settings."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)

    async def act(connection: Connection) -> TrackerRow:
        number = await landing_store.add(connection, scope, *await _checked(connection, context, scope, plan))
        return await nouns.add(
            connection, scope, TRACKER, {**check_described(plan.description, plan.metadata), "landing_id": number}
        )

    return await TRACKERS.once(context, scope, request, act)


async def change(context: Context, scope: Scope, public_id: str, plan: TrackerPlan) -> TrackerRow:
    """Let a tracker be as said: from now on its links lead there, printed ones too. NotFound; as `make`."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)

    async def act(connection: Connection) -> TrackerRow:
        row = await TRACKERS.hold(connection, context, scope, public_id)
        there = await _checked(connection, context, scope, plan)
        await landing_store.change_alone(connection, scope, row.landing_id, *there)
        described = {**check_described(plan.description, plan.metadata), "landing_id": row.landing_id}
        changed = await nouns.change(connection, scope, TRACKER, row.id, described)
        news = {"url": there.template, "expire_after_days": there.days}
        await audit.note(connection, scope, "tracker.changed", row.description or public_id.lower(), **news)
        return changed or row

    return await context.database.run(act)


async def fared(context: Context, scope: Scope, rows: Sequence[TrackerRow]) -> list[Fared]:
    """Where each of these leads, and what came of it."""
    async with context.database.snapshot() as connection:
        found = await store.fared(connection, scope, [row.id for row in rows])
    return [found[row.id] for row in rows]


async def visits(
    context: Context, scope: Scope, public_id: str, *, search: str = "", skip: int = 0, limit: int = 10
) -> Found[VisitRow]:
    """Visits by people of a tracker's links, the newest first; NotFound; Forbidden. `search`: as of all lists, in
    devices and addresses; an order's id stands for its visits."""
    scope.require(Permission.SENDS_READ, Reach.ORGANIZATION)
    terms, send_ids = [], []
    for term in nouns.terms_of(search):
        try:
            send_ids.append(send_number(context, term))
        except NotFound:
            terms.append(term)
    async with context.database.snapshot() as connection:
        row = await TRACKERS.read(connection, context, scope, public_id)
        return Found(
            *await store.visits(connection, scope, row.id, terms=terms, send_ids=send_ids, skip=skip, limit=limit)
        )


async def known(connection: Connection, context: Context, scope: Scope, htmls: Sequence[str]) -> dict[str, int]:
    """The numbers of the trackers that stand in some HTML, by id. Those that there are not, or not any more, are left
    out: `named_in` tells which a text names."""
    numbers = {}
    for public_id in dict.fromkeys(public_id for html in htmls for public_id in named_in(html)):
        try:
            numbers[public_id] = TRACKERS.number(context, public_id)
        except NotFound:
            continue
    rows = await nouns.read(connection, scope, TRACKER, list(numbers.values())) if numbers else {}
    return {
        public_id: number for public_id, number in numbers.items() if number in rows and rows[number].deleted_at is None
    }


async def link_orders(connection: Connection, scope: Scope, named: Mapping[int, Sequence[int]]) -> None:
    """Give new sends, by number, a link for each tracker that they name, by number, within their transaction."""
    if any(named.values()):
        await store.link(connection, scope, named)


def order_of(context: Context, row: VisitRow) -> str:
    """The id of the order by whose link a visit came."""
    return context.ids.encode(Kind(row.kind).word, row.send_id)


async def _checked(connection: Connection, context: Context, scope: Scope, plan: TrackerPlan) -> Landing:
    """Where a tracker is to lead; a host that is new is allowed. Invalid names the field."""
    if scope.may(Permission.SETTINGS_WRITE, Reach.ORGANIZATION):
        try:
            host = landing.host(plan.url)
            landing.check(plan.url, [host])
        except Invalid:
            pass  # it is refused below, by the name of its field
        else:
            await destinations.allow(connection, context, scope, host)
    return await landings.checked(connection, scope, LinkPlan(plan.url, plan.expire_after_days))
