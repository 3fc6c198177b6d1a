"""Statements: what was booked in a period, day by day and campaign by campaign, or entry by entry.

The period counts the days on which something was booked, by the organization's clocks; reports count a send's cost on
the send's own day instead.
"""

from collections.abc import AsyncGenerator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain import cells
from sendtrail.domain.events import CODE_BY_ID, Evidence, Kind, label
from sendtrail.domain.money import EntryType
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.campaigns import FundName, called
from sendtrail.services.context import Context
from sendtrail.services.funds import fund_row
from sendtrail.services.owning import teams_named
from sendtrail.services.people import TeamName
from sendtrail.services.send_ids import send_number
from sendtrail.store import organizations
from sendtrail.store import statements as store
from sendtrail.store.database import Connection
from sendtrail.store.statements import Chosen, EntryRow, LineRow, TotalRow

TYPES = tuple(each.word for each in EntryType)
MAX_DAYS = 3_660
NO_CAMPAIGN = "none"
"""How to ask for what belongs to no campaign."""
BOM = "\ufeff"
_PIECE = 5_000
_BACK = timedelta(29)


class Wanted(NamedTuple):
    """What to tell; empty texts: of any. Both days are in it; without them the 30 days up to today.

    `funding_source`, `campaign` (or `none`) and `team`: by id or name. `type`: deposit, charge, refund or adjustment.
    """

    start: date | None = None
    end: date | None = None
    funding_source: str = ""
    campaign: str = ""
    team: str = ""
    type: str = ""
    send: str = ""

    @property
    def whole(self) -> bool:
        """Whether it is all that was booked in what it names: only of that there is a balance."""
        return not (self.campaign or self.team or self.type or self.send)


class CampaignName(msgspec.Struct, frozen=True):
    """A campaign as other things name it."""

    id: str
    name: str


class Entry(msgspec.Struct, frozen=True):
    """One entry of the ledger. `cents`: what it adds to its source, so charges are below zero.

    `booked_on`: the day of `at` by the organization's clocks. `send`: the id of the send that it is about, null for
    none, and for one that is not the reader's to see; `day` is the send's own. `reason`: the event that was the reason.
    """

    id: str
    type: str
    cents: int
    currency: str
    at: datetime
    booked_on: date
    funding_source: FundName
    send: str | None
    recipient: str
    day: date | None
    campaign: CampaignName | None
    team: TeamName | None
    reason: str
    note: str
    who: str


class Line(msgspec.Struct, frozen=True):
    """The `n` charges or refunds of one day, source and campaign, or one deposit or adjustment, which has a note."""

    day: date
    type: str
    funding_source: FundName
    campaign: CampaignName | None
    n: int
    cents: int
    note: str
    who: str


class TypeTotal(msgspec.Struct, frozen=True):
    """How many entries of a type there are, and their sum."""

    type: str
    n: int
    cents: int


class Summary(msgspec.Struct, frozen=True):
    """What a period did to the money. `opening` and `closing`: null where only a part of the entries is asked for."""

    start: date
    end: date
    currency: str
    opening: int | None
    closing: int | None
    totals: list[TypeTotal]


async def summary(context: Context, scope: Scope, wanted: Wanted) -> Summary:
    """The totals of a statement. Invalid names the field."""
    async with context.database.snapshot() as connection:
        chosen, currency = await _chosen(connection, context, scope, wanted)
        rows = await store.totals(connection, scope, chosen, currency) if scope.live else []
    before, after = store.sums(rows)
    told = wanted.whole and (bool(wanted.funding_source) or scope.may(Permission.MONEY_READ, Reach.ORGANIZATION))
    by_type = {row.type: row for row in rows}
    return Summary(
        start=chosen.start,
        end=chosen.end,
        currency=currency,
        opening=before if told else None,
        closing=after if told else None,
        totals=[_total(type_, by_type.get(type_)) for type_ in EntryType],
    )


async def lines(
    context: Context, scope: Scope, wanted: Wanted, after: str | None = None, limit: int = 50
) -> tuple[list[Line], str | None]:
    """What was booked by day and campaign, the latest day first, and the cursor of the next page."""
    place = _line_cursor(after)
    async with context.database.snapshot() as connection:
        chosen, currency = await _chosen(connection, context, scope, wanted)
        rows = await store.lines(connection, scope, chosen, currency, place, limit + 1) if scope.live else []
    last = rows[limit - 1] if len(rows) > limit else None
    return [_line(context, row) for row in rows[:limit]], f"{last.day}.{last.place}" if last else None


async def entries(
    context: Context, scope: Scope, wanted: Wanted, after: str | None = None, limit: int = 100
) -> tuple[list[Entry], str | None]:
    """Entries one by one, the latest first, and the cursor of the next page; none in test mode, which has no money."""
    async with context.database.snapshot() as connection:
        chosen, _ = await _chosen(connection, context, scope, wanted)
        before = await _entry_cursor(connection, context, scope, after)
        rows = await _entries(connection, context, scope, wanted, chosen, before, limit + 1)
    shown = [_entry(context, scope, row) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else None


async def of_send(context: Context, scope: Scope, public_id: str) -> list[Entry]:
    """What was booked for a send, the first entry first, as far as the scope may know it."""
    wanted = Wanted(date.min, date.max, send=public_id)
    chosen = Chosen(date.min, date.max)
    async with context.database.snapshot() as connection:
        rows = await _entries(connection, context, scope, wanted, chosen, None, _PIECE)
    return [_entry(context, scope, row) for row in reversed(rows)]


COLUMNS = (
    *(
        "booked_on",
        "at",
        "type",
        "amount",
        "currency",
        "funding_source",
        "send",
        "recipient",
        "day",
        "campaign",
        "team",
    ),
    *("reason", "note", "who", "id"),
)
"""docs/money.md tells what each holds."""


async def csv(context: Context, scope: Scope, wanted: Wanted) -> AsyncGenerator[bytes, None]:
    """All entries of a statement as CSV for a spreadsheet, the latest first, in pieces. Invalid names the field.

    What is wrong is raised before the first piece.
    """
    async with context.database.snapshot() as connection:
        chosen, _ = await _chosen(connection, context, scope, wanted)

    async def parts() -> AsyncGenerator[bytes, None]:
        yield (BOM + cells.line(COLUMNS)).encode()
        before: tuple[date, int] | None = None
        while True:
            async with context.database.snapshot() as connection:
                rows = await _entries(connection, context, scope, wanted, chosen, before, _PIECE)
            if not rows:
                return
            before = rows[-1].day, rows[-1].id
            yield "".join([_csv_line(_entry(context, scope, row)) for row in rows]).encode()

    return parts()


async def _entries(
    connection: Connection,
    context: Context,
    scope: Scope,
    wanted: Wanted,
    chosen: Chosen,
    before: tuple[date, int] | None,
    limit: int,
) -> list[EntryRow]:
    if not scope.live:
        return []
    send_id = None
    if wanted.send:
        try:
            send_id = send_number(context, wanted.send)
        except NotFound:
            raise Invalid(f"send {wanted.send[:60]!a} must be the id of a send", "send") from None
    return await store.entries(connection, scope, chosen, before, limit, send_id)


async def _chosen(connection: Connection, context: Context, scope: Scope, wanted: Wanted) -> tuple[Chosen, str]:
    """What is meant, by numbers, and the organization's currency."""
    organization = await organizations.get(connection, scope)
    end = wanted.end or max(datetime.now(ZoneInfo(organization.time_zone)).date(), wanted.start or date.min)
    start = wanted.start or max(end, date.min + _BACK) - _BACK
    if start > end:
        raise Invalid(f"start must not lie after end, which is {end}", "start")
    if (end - start).days >= MAX_DAYS and not wanted.send:
        raise Invalid(f"start and end may be {MAX_DAYS:,} days apart at most", "start")
    if wanted.type and wanted.type not in TYPES:
        raise Invalid(f"type must be one of {', '.join(TYPES)}", "type")
    fund_id = campaign_id = team_id = None
    if wanted.funding_source:
        fund_id = (await fund_row(connection, context, scope, wanted.funding_source)).id
    if wanted.campaign == NO_CAMPAIGN:
        campaign_id = 0
    elif wanted.campaign:
        row = (await called(connection, context, scope, [wanted.campaign])).get(wanted.campaign)
        if row is None:
            raise Invalid(f"campaign {wanted.campaign[:60]!a} does not exist", "campaign")
        campaign_id = row.id
    if wanted.team:
        team_id = (await teams_named(connection, context, scope, [wanted.team])).get(wanted.team)
        if team_id is None:
            raise Invalid(f"team {wanted.team[:60]!a} must be the id or the name of a team", "team")
    type_ = EntryType[wanted.type.upper()] if wanted.type else None
    return Chosen(start, end, fund_id, campaign_id, team_id, type_), organization.currency


def _line_cursor(after: str | None) -> tuple[date, int] | None:
    if after is None:
        return None
    day, _, place = after.partition(".")
    try:
        return date.fromisoformat(day), int(place)
    except ValueError:
        raise Invalid("after must be a cursor that a list answered as next", "after") from None


async def _entry_cursor(
    connection: Connection, context: Context, scope: Scope, after: str | None
) -> tuple[date, int] | None:
    if after is None:
        return None
    try:
        prefix, number = context.ids.decode(after)
    except ValueError:
        prefix, number = "", 0
    day = await store.day_of(connection, scope, number) if prefix == "entry" else None
    if day is None:
        raise Invalid("after must be a cursor that a list answered as next", "after")
    return day, number


def _total(type_: EntryType, row: TotalRow | None) -> TypeTotal:
    return TypeTotal(type_.word, row.n, row.cents) if row else TypeTotal(type_.word, 0, 0)


def _line(context: Context, row: LineRow) -> Line:
    return Line(
        day=row.day,
        type=EntryType(row.type).word,
        funding_source=FundName(context.ids.encode("fund", row.fund_id), row.fund),
        campaign=_campaign(context, row.campaign_id, row.campaign),
        n=row.n,
        cents=row.cents,
        note=row.note,
        who=_who(row.actor, row.email, row.key),
    )


def _entry(context: Context, scope: Scope, row: EntryRow) -> Entry:
    encode = context.ids.encode
    seen = row.kind is not None and _reaches(scope, row)
    return Entry(
        id=encode("entry", row.id),
        type=EntryType(row.type).word,
        cents=row.cents,
        currency=row.currency,
        at=row.at,
        booked_on=row.day,
        funding_source=FundName(encode("fund", row.fund_id), row.fund),
        send=encode(Kind(row.kind).word, row.send_id) if seen and row.kind is not None else None,
        recipient=row.recipient if seen else "",
        day=row.sent_on,
        campaign=_campaign(context, row.campaign_id, row.campaign),
        team=TeamName(encode("team", row.team_id), row.team) if row.team else None,
        reason=label(CODE_BY_ID[row.code], Evidence.REPORTED) if row.code else "",
        note=row.note,
        who=_who(row.actor, row.email, row.key),
    )


def _reaches(scope: Scope, row: EntryRow) -> bool:
    """Whether the send that an entry is about may be seen: of one's fund all entries are, whoever sent it."""
    reach = scope.reach(Permission.SENDS_READ)
    own = row.owner_id != 0 and row.owner_id == scope.member_id
    return (
        reach is Reach.ORGANIZATION
        or (reach is Reach.TEAMS and (own or (row.team_id != 0 and row.team_id in scope.teams)))
        or (reach is Reach.OWN and own)
    )


def _campaign(context: Context, number: int, name: str) -> CampaignName | None:
    return CampaignName(context.ids.encode("campaign", number), name) if number else None


def _who(actor: str, email: str, key: str) -> str:
    return email or (f"API key {key}" if key else "Sendtrail" if actor else "")


def _csv_line(entry: Entry) -> str:
    values = (
        entry.booked_on,
        f"{entry.at:%Y-%m-%d %H:%M:%S}",
        entry.type,
        Decimal(entry.cents).scaleb(-2),
        entry.currency,
        entry.funding_source.name,
        entry.send or "",
        entry.recipient,
        entry.day or "",
        entry.campaign.name if entry.campaign else "",
        entry.team.name if entry.team else "",
        entry.reason,
        entry.note,
        entry.who,
        entry.id,
    )
    return cells.line(values)
