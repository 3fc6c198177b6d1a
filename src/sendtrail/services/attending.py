"""What needs attention, as people see it: lists, counts, and what they do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.attention import BY_NUMBER, RULES, TABLE, Noticed, Rule, Subject, reason, step, told_why
from sendtrail.domain.events import Kind
from sendtrail.domain.packing import BEST
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.trail import status_of_best
from sendtrail.services import accounts
from sendtrail.services.context import Context
from sendtrail.services.people import list_people
from sendtrail.services.send_ids import send_number
from sendtrail.services.thresholds import thresholds_of
from sendtrail.store import attention as store
from sendtrail.store import organizations
from sendtrail.store.attention import EntryRow, Filter, State
from sendtrail.store.database import Connection
from sendtrail.store.organizations import OrganizationRow

MAX_NOTE = 500
COUNTED = 100
"""So many are counted for a badge; what is more is "99+"."""
SNOOZES: Mapping[str, int] = {"tomorrow": 1, "3 days": 3, "a week": 7}
"""How long an entry may rest, in days: it comes back in the morning."""
STATES: Mapping[str, State] = {"open": "open", "snoozed": "snoozed", "done": "done"}
_MORNING = time(6)
_NAMED = ("mine", "nobody")

Snooze = Literal["tomorrow", "3 days", "a week"]


class About(msgspec.Struct, frozen=True):
    """What an entry is about: a send, or something of the organization. `name`: of the recipient, feed or Mailer ID."""

    type: str
    id: str | None
    name: str


class Assignee(msgspec.Struct, frozen=True):
    id: str
    name: str


class Entry(msgspec.Struct, frozen=True):
    """Something that needs attention. `state`: open, snoozed or done."""

    id: str
    rule: str
    title: str
    state: str
    live: bool
    about: About
    campaign: str
    since: datetime
    noticed_at: datetime
    reason: str
    next_step: str
    assignee: Assignee | None
    snoozed_until: datetime | None
    done_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows. `state`: of STATES; `rule`: its name; `assignee`: a member's id, `mine` or `nobody`; None:
    all."""

    state: str = "open"
    rule: str | None = None
    assignee: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A rule, how many entries it has, and the first of them."""

    rule: Rule
    n: int
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Entries to act on: these, or with `ids` None all that a list shows."""

    ids: Sequence[str] | None = None
    wanted: Wanted = Wanted()


def visible(scope: Scope) -> list[Rule]:
    """The rules whose entries somebody may see at all."""
    return [rule for rule in TABLE if rule.subject is Subject.SEND or scope.may(rule.needs, Reach.ORGANIZATION)]


async def list_entries(
    context: Context, scope: Scope, wanted: Wanted, limit: int, *, now: datetime | None = None
) -> tuple[list[Entry], str | None]:
    """Entries within reach, the most urgent first, and the cursor of the next page. Invalid names the filter."""
    narrowed = _filter(context, scope, wanted, now)
    after = None if wanted.after is None else _number(context, wanted.after, "after")
    async with context.database.snapshot() as connection:
        rows = await store.page(connection, scope, narrowed, after, limit + 1)
        entries = await _entries(connection, context, scope, rows[:limit], narrowed.now)
    return entries, entries[-1].id if len(rows) > limit else None


async def overview(
    context: Context, scope: Scope, wanted: Wanted, each: int, *, now: datetime | None = None
) -> list[Group]:
    """What there is of each rule, the most urgent first, with its first entries; rules without any are left out."""
    narrowed = _filter(context, scope, wanted, now)
    async with context.database.snapshot() as connection:
        n = await store.counts(connection, scope, narrowed)
        heads = await store.heads(connection, scope, narrowed._replace(rules=sorted(n)), each)
        entries = await _entries(connection, context, scope, heads, narrowed.now)
    return [
        Group(rule, n[rule.number], [entry for entry in entries if entry.rule == rule.name])
        for rule in TABLE
        if rule.number in n
    ]


async def tally(context: Context, scope: Scope, wanted: Wanted, *, now: datetime | None = None) -> dict[str, int]:
    """How many entries there are, by rule's name, the most urgent first."""
    async with context.database.snapshot() as connection:
        n = await store.counts(connection, scope, _filter(context, scope, wanted, now))
    return {rule.name: n[rule.number] for rule in TABLE if rule.number in n}


async def waiting(context: Context, scope: Scope) -> int:
    """How many entries are open within reach; COUNTED stands for as many or more."""
    if not scope.may(Permission.SENDS_READ):
        return 0
    async with context.database.snapshot() as connection:
        return await store.waiting(connection, scope, _filter(context, scope, Wanted(), None), COUNTED)


async def of_send(context: Context, scope: Scope, public_id: str) -> list[Entry]:
    """All entries about one send, the most urgent first."""
    async with context.database.snapshot() as connection:
        numbers = [rule.number for rule in visible(scope)]
        rows = await store.some(connection, scope, numbers, sends=[send_number(context, public_id)])
        return await _entries(connection, context, scope, rows, datetime.now(UTC))


async def get(context: Context, scope: Scope, entry_id: str) -> Entry:
    """One entry; NotFound."""
    number = _number(context, entry_id, "id")
    async with context.database.snapshot() as connection:
        rows = await store.some(connection, scope, [rule.number for rule in visible(scope)], ids=[number])
        entries = await _entries(connection, context, scope, rows, datetime.now(UTC))
    if not entries:
        raise NotFound(f"no entry {entry_id[:60]!a}", "id")
    return entries[0]


async def as_of(context: Context, scope: Scope) -> datetime | None:
    """Up to when the entries are known; None where nobody has looked yet."""
    async with context.database.snapshot() as connection:
        return await store.looked_at(connection, scope)


async def snooze(context: Context, scope: Scope, chosen: Chosen, how_long: str, *, now: datetime | None = None) -> int:
    """Let entries rest until a morning, unless something new happens; how many. Invalid names `until`."""
    if how_long not in SNOOZES:
        raise Invalid(f"until must be one of {', '.join(SNOOZES)}", "until")
    moment = now or datetime.now(UTC)

    async def work(connection: Connection) -> int:
        ids = await _choose(connection, context, scope, chosen, moment)
        zone = ZoneInfo((await organizations.get(connection, scope)).time_zone)
        day = moment.astimezone(zone).date() + timedelta(days=SNOOZES[how_long])
        await store.snooze(connection, scope, ids, datetime.combine(day, _MORNING, zone))
        return len(ids)

    return await context.database.run(work)


async def finish(context: Context, scope: Scope, chosen: Chosen, *, now: datetime | None = None) -> int:
    """Be done with entries until something new happens; how many."""
    moment = now or datetime.now(UTC)

    async def work(connection: Connection) -> int:
        ids = await _choose(connection, context, scope, chosen, moment)
        await store.finish(connection, scope, ids, moment)
        return len(ids)

    return await context.database.run(work)


async def reopen(context: Context, scope: Scope, chosen: Chosen) -> int:
    """Take entries back that were snoozed or done; how many."""

    async def work(connection: Connection) -> int:
        ids = await _choose(connection, context, scope, chosen, datetime.now(UTC))
        await store.reopen(connection, scope, ids)
        return len(ids)

    return await context.database.run(work)


async def annotate(context: Context, scope: Scope, entry_id: str, note: str) -> int:
    """Keep a note with an entry, empty for none; NotFound, Invalid names `note`."""
    note = " ".join(note.split())
    if len(note) > MAX_NOTE or not note.isprintable():
        raise Invalid(f"note may be {MAX_NOTE} characters at most", "note")

    async def work(connection: Connection) -> int:
        ids = await _choose(connection, context, scope, Chosen([entry_id]), datetime.now(UTC))
        await store.annotate(connection, scope, ids, note)
        return len(ids)

    return await context.database.run(work)


async def assign(context: Context, scope: Scope, chosen: Chosen, assignee: str) -> tuple[int, int]:
    """Give entries to a member, by id or address, to `me` or to `nobody`; how many, and how many more that member does
    not reach. Invalid names `assignee`."""
    theirs = scope if assignee == "nobody" else await _reach_of(context, scope, assignee)
    member_id = 0 if assignee == "nobody" else theirs.member_id

    async def work(connection: Connection) -> tuple[int, int]:
        ids = await _choose(connection, context, scope, chosen, datetime.now(UTC))
        given = await store.assign(connection, theirs, ids, [rule.number for rule in visible(theirs)], member_id)
        return given, len(ids) - given

    return await context.database.run(work)


async def assign_one(context: Context, scope: Scope, entry_id: str, assignee: str) -> None:
    """Give one entry to somebody; NotFound; Invalid also for a member who does not reach it."""
    given, _ = await assign(context, scope, Chosen([entry_id]), assignee)
    if not given:
        raise Invalid("assignee must be a member who reaches it", "assignee")


async def assignable(context: Context, scope: Scope) -> dict[str, str]:
    """Who entries can be given to, by id: those whom the one who asks may know of."""
    everybody = await list_people(context, scope)
    if scope.may(Permission.SENDS_READ, Reach.ORGANIZATION):
        return {person.id: person.name or person.email for person in everybody}
    own = context.ids.encode("member", scope.member_id) if scope.member_id else ""
    teams = {context.ids.encode("team", number) for number in scope.teams}
    share = scope.may(Permission.SENDS_READ, Reach.TEAMS)
    return {
        person.id: person.name or person.email
        for person in everybody
        if person.id == own or (share and not teams.isdisjoint(team.id for team in person.teams))
    }


async def _reach_of(context: Context, scope: Scope, assignee: str) -> Scope:
    """How far somebody reaches to whom entries are to be given."""
    if assignee == "me" and scope.member_id:
        return scope
    known = await assignable(context, scope)
    if assignee in known:
        number = context.ids.decode(assignee)[1]
        theirs = await accounts.scope_of_member(context, number, scope.organization_id, scope.live)
        if theirs is not None:
            return theirs
    raise Invalid(f"assignee {assignee[:60]!a} must be the id of a member within your reach, me or nobody", "assignee")


async def _choose(connection: Connection, context: Context, scope: Scope, chosen: Chosen, now: datetime) -> list[int]:
    scope.require(Permission.SENDS_WRITE)
    if chosen.ids is None:
        return await store.chosen(connection, scope, _filter(context, scope, chosen.wanted, now))
    numbers = [_number(context, each, "id") for each in chosen.ids]
    anything = Filter([rule.number for rule in visible(scope)], None, None, now)
    found = await store.chosen(connection, scope, anything, numbers)
    if len(numbers) == 1 and not found:
        raise NotFound(f"no entry {chosen.ids[0][:60]!a}", "id")
    return found


def _filter(context: Context, scope: Scope, wanted: Wanted, now: datetime | None) -> Filter:
    rules = visible(scope)
    if wanted.rule is not None:
        if wanted.rule not in RULES:
            raise Invalid(f"rule must be one of {', '.join(RULES)}", "rule")
        rules = [rule for rule in rules if rule.name == wanted.rule]
    if wanted.state not in STATES:
        raise Invalid(f"state must be one of {', '.join(STATES)}", "state")
    assignee = _assignee(context, scope, wanted)
    return Filter([rule.number for rule in rules], STATES[wanted.state], assignee, now or datetime.now(UTC))


def _assignee(context: Context, scope: Scope, wanted: Wanted) -> int | None:
    if wanted.assignee is None:
        return None
    if wanted.assignee in _NAMED:
        return scope.member_id or -1 if wanted.assignee == "mine" else 0
    try:
        prefix, number = context.ids.decode(wanted.assignee)
    except ValueError:
        prefix, number = "", 0
    if prefix != "member":
        raise Invalid("assignee must be a member's id, mine or nobody", "assignee")
    return number


def _number(context: Context, text: str, param: str) -> int:
    """The number of an entry's id; NotFound, or Invalid for a cursor."""
    try:
        prefix, number = context.ids.decode(text)
    except ValueError:
        prefix, number = "", 0
    if prefix != "attention":
        if param == "after":
            raise Invalid("after must be a cursor that a list answered as next", "after")
        raise NotFound(f"no entry {text[:60]!a}", "id")
    return number


async def _entries(
    connection: Connection, context: Context, scope: Scope, rows: Sequence[EntryRow], now: datetime
) -> list[Entry]:
    own = await organizations.get(connection, scope)
    lowest = (await thresholds_of(connection, scope))["balance_cents"]
    return [_entry(context, row, own, lowest, now) for row in rows]


def _entry(context: Context, row: EntryRow, own: OrganizationRow, lowest: int, now: datetime) -> Entry:
    rule = BY_NUMBER[row.rule]
    zone = ZoneInfo(own.time_zone)
    about = _about(context, row, rule)
    noticed = Noticed(
        rule=rule,
        since=row.since.astimezone(zone),
        now=now.astimezone(zone),
        label=status_of_best(BEST.pack(**{**BEST.unpack(row.status), "ms": 0})).label if row.status else "",
        name=about.name,
        amount=row.amount,
        money=f"{row.amount / 100:,.2f} {own.currency}, below {lowest / 100:,.2f}",
        why=told_why(row.detail or {}),
        country="CA" if row.post == "canada_post" else "US",
    )
    snoozed = row.snoozed_until is not None and row.snoozed_until > now
    return Entry(
        id=context.ids.encode("attention", row.id),
        rule=rule.name,
        title=rule.title,
        state="done" if row.done_at else "snoozed" if snoozed else "open",
        live=row.live,
        about=about,
        campaign=row.campaign,
        since=row.since,
        noticed_at=row.noticed_at,
        reason=reason(noticed),
        next_step=step(rule, own.support_contact),
        assignee=Assignee(context.ids.encode("member", row.assignee_id), row.assignee_name)
        if row.assignee_id and row.assignee_name
        else None,
        snoozed_until=row.snoozed_until if snoozed else None,
        done_at=row.done_at,
        note=row.note,
    )


def _about(context: Context, row: EntryRow, rule: Rule) -> About:
    if rule.subject is Subject.SEND and row.kind is not None and row.recipient is not None:
        to = row.recipient
        name = next((to[each] for each in ("name", "company", "email", "address_line1") if to.get(each)), "")
        return About("send", context.ids.encode(Kind(row.kind).word, row.about), name)
    names = {Subject.FOLDER: "the watched folder", Subject.BALANCE: "Balance"}
    number = context.ids.encode(rule.subject.value, row.about) if row.about else None
    return About(rule.subject.value, number, names.get(rule.subject, row.name))
