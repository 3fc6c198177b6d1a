"""What needs somebody's attention, kept up to date by the worker: reading it costs nothing.

Sends are looked at by cell, one day's of a campaign, when one of them changed or has waited for too long; so the work
follows what happens, however many sends there are.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sendtrail.domain import attention as rules
from sendtrail.domain.attention import RULES, Rule, Subject, begun_before, falls_due, service_of, unit_of
from sendtrail.domain.business_days import Country
from sendtrail.domain.events import EVENT_TYPES
from sendtrail.domain.packing import BEST, to_ms
from sendtrail.domain.scope import Scope
from sendtrail.domain.service_types import MAILING_CLASSES
from sendtrail.services import money
from sendtrail.services.context import Context
from sendtrail.services.thresholds import thresholds_of
from sendtrail.store import noticing, organizations
from sendtrail.store.database import Connection
from sendtrail.store.histories import Cell
from sendtrail.store.noticing import Found, Term, Terms, Waiting
from sendtrail.store.system import noticing as system
from sendtrail.store.system.cells import DueCell

ROUND = 5_000
"""Cells of a round."""
_AT_ONCE_CELLS, _AT_ONCE_SENDS = 500, 200_000
"""In one transaction."""
_SERVICES: Mapping[tuple[str, str], str] = {
    ("usps", each): service_of("usps", each) for each in ("", *MAILING_CLASSES) if service_of("usps", each)
}
_ALWAYS = timedelta(days=1)
"""From now: everything that happened is before that."""
_WHOLE = tuple(rule.number for rule in rules.TABLE if rule.subject is not Subject.SEND)
_OF_SENDS = tuple(rule.number for rule in rules.TABLE if rule.subject is Subject.SEND)


async def refresh(context: Context, *, now: datetime | None = None) -> int:
    """Bring all entries up to date; how many cells were looked at.

    Any number of workers may do it at once, beside any number of writers. `now` (aware): another moment than this one.
    """
    now = now or datetime.now(UTC)
    done = 0
    async with context.database.snapshot() as connection:
        watched = await system.watched(connection)
    while True:
        async with context.database.snapshot() as connection:
            due = await system.due_cells(connection, now, ROUND)
        looked = 0
        for scope, cells in _portions(due):
            looked += await _look(context, scope, cells, now)
        done += looked
        if not looked:  # nothing is due, or others are at it
            break
    for organization_id, live in watched:
        await _look_at_the_whole(context, Scope(organization_id, live, "attention"), now)
    return done


def _portions(due: Sequence[DueCell]) -> Iterator[tuple[Scope, list[Cell]]]:
    """What can be looked at together: one organization's, in one mode, and not too much."""
    cells: list[Cell] = []
    sends = 0
    before: Scope | None = None
    for each in due:
        scope = Scope(each.organization_id, each.live, "attention")
        full = len(cells) == _AT_ONCE_CELLS or sends + each.sends > _AT_ONCE_SENDS
        if before and cells and (scope != before or full):
            yield before, cells
            cells, sends = [], 0
        before = scope
        cells.append(Cell(each.created_on, each.campaign_id))
        sends += each.sends
    if before and cells:
        yield before, cells


async def _look(context: Context, scope: Scope, cells: Sequence[Cell], now: datetime) -> int:
    async def work(connection: Connection) -> int:
        mine = await noticing.claim(connection, scope, cells, now)
        if mine:
            known = await thresholds_of(connection, scope)
            zone = (await organizations.get(connection, scope)).time_zone
            waiting = await noticing.look(connection, scope, mine, _terms(known, ZoneInfo(zone), now))
            await noticing.wait(connection, scope, _due(waiting, known, ZoneInfo(zone)), mine)
        return len(mine)

    return await context.database.run(work)


def _terms(known: Mapping[str, int], zone: ZoneInfo, now: datetime) -> Terms:
    """The rules about sends, as the organization's thresholds have them now. One whose threshold is 0 has no terms."""

    def before(threshold: str, country: Country) -> datetime:
        if not threshold:
            return now + _ALWAYS
        return begun_before(unit_of(threshold), known[threshold], now, zone, country)

    terms = [
        Term(rule.number, status, service, country == "CA", before(threshold, country), threshold)
        for rule in rules.TABLE
        if rule.subject is Subject.SEND and rule.name not in ("no_number", "scanned_after_cancel")
        for service in (sorted(set(_SERVICES.values())) if rule.threshold.endswith("_") else [""])
        for threshold in [rules.threshold_of(rule, service)]
        if not threshold or known[threshold]
        for country in ("US", "CA")
        for status in _statuses(rule)
    ]
    number = RULES["no_number"]
    astray = RULES["scanned_after_cancel"]
    return Terms(
        terms=terms,
        services=_SERVICES,
        zone=zone.key,
        now=now,
        oldest=now - timedelta(days=known["window_days"]),
        cancelled=_statuses(astray),
        astray=astray.number,
        under_way=_statuses(number) if known[number.threshold] else [],
        no_number=number.number,
        number_threshold=number.threshold,
        number_before=before(number.threshold, "US"),
        number_before_canada=before(number.threshold, "CA"),
    )


def _statuses(rule: Rule) -> list[int]:
    """Its statuses as `counts` has them, however they are known."""
    return sorted(
        BEST.pack(stage=0, ms=0, rank=0, evidence=evidence, code=type_.id)
        for type_ in EVENT_TYPES
        if type_.code in rule.codes
        for evidence in type_.evidence
    )


def _due(waiting: Sequence[Waiting], known: Mapping[str, int], zone: ZoneInfo) -> dict[Cell, datetime]:
    """When each cell is to be looked at next."""
    due: dict[Cell, datetime] = {}
    for each in waiting:
        countries: tuple[Country, ...] = ("CA",) if each.canada else ("US",) if each.canada is False else ("US", "CA")
        for country in countries:
            moment = falls_due(unit_of(each.threshold), known[each.threshold], each.since, zone, country)
            due[each.cell] = min(due.get(each.cell, moment), moment)
    return due


async def _look_at_the_whole(context: Context, scope: Scope, now: datetime) -> None:
    async def work(connection: Connection) -> None:
        known = await thresholds_of(connection, scope)
        oldest = now - timedelta(days=known["window_days"])
        found = [
            *await _quiet(connection, scope, now, oldest, known["feed_days"]),
            *await _strays(connection, scope, now, oldest, known["unmatched_days"]),
            *await _balance(connection, scope, now, known["balance_cents"]),
        ]
        await noticing.put(connection, scope, _WHOLE, found, now)
        await noticing.age(connection, scope, _OF_SENDS, oldest)
        await noticing.looked(connection, scope, now)

    await context.database.run(work)


async def _quiet(connection: Connection, scope: Scope, now: datetime, oldest: datetime, days: int) -> list[Found]:
    if not days:
        return []
    before = now - timedelta(days=days)
    feeds = await noticing.quiet_feeds(connection, scope, before, oldest)
    folder = await noticing.quiet_folder(connection, scope, before, oldest)
    return [
        Found(RULES[name].number, number, heard_at, to_ms(heard_at))
        for name, quiet in (("feed_quiet", feeds), ("folder_quiet", folder))
        for number, heard_at in quiet
    ]


async def _strays(connection: Connection, scope: Scope, now: datetime, oldest: datetime, days: int) -> list[Found]:
    if not days:
        return []
    before = now - timedelta(days=days)
    found = await noticing.strays(connection, scope, before, oldest, rules.MOST_BARCODES)
    return [Found(RULES["unmatched"].number, number, first, latest, n) for number, n, first, latest in found]


async def _balance(connection: Connection, scope: Scope, now: datetime, lowest: int) -> list[Found]:
    if not (lowest and scope.live):
        return []
    currency = (await organizations.get(connection, scope)).currency
    stands = await money.balance_within(connection, scope, currency)
    if not stands.deposited or stands.balance >= lowest:
        return []
    return [Found(RULES["balance_low"].number, 0, now, 0 if stands.balance >= 0 else 1, stands.balance)]
