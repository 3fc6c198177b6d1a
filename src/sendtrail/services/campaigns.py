"""Campaigns: what sends are grouped by, and how each of them stands."""

from collections.abc import Sequence, Set
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from sendtrail.domain.events import Kind
from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.services.categories import WORDS, ByCategory, by_category
from sendtrail.services.charging import fund_named
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.landings import CampaignLink, LinkPlan, lead, link_of_campaign, told
from sendtrail.services.owning import owner_of_campaign
from sendtrail.services.people import TeamName
from sendtrail.store import audit, campaigns, counts, histories, organizations
from sendtrail.store.campaigns import CampaignRow
from sendtrail.store.counts import Totals
from sendtrail.store.database import Connection
from sendtrail.store.histories import Move

CampaignType = Literal["bulk", "triggered"]
CampaignState = Literal["active", "archived", "deleted"]
STATES: tuple[CampaignState, ...] = get_args(CampaignState)
ListedState = Literal["active", "archived", "deleted", "all"]
MAX_NAME = 200
DAILY = 180
"""Days that a history tells one by one; a longer one goes by weeks."""


class CampaignOwner(msgspec.Struct, frozen=True):
    """The member whose campaign it is; `name` may be empty."""

    id: str
    email: str
    name: str


class FundName(msgspec.Struct, frozen=True):
    """A funding source as other things name it."""

    id: str
    name: str


class Campaign(msgspec.Struct, frozen=True):
    """`type`: `bulk` goes out at once, `triggered` one by one as something happens. `live`: false for one of test mode.

    `state`: an `archived` one takes no new sends; a `deleted` one neither, and its name is free again. What either sent
    stays in every report and list. `owner` and `team`: whose it is, null for nobody's and no team's. `funding_source`:
    who pays for what it sends, null where that goes by who sends it.
    """

    id: str
    name: str
    type: str
    live: bool
    created_at: datetime
    state: CampaignState
    archived_at: datetime | None
    deleted_at: datetime | None
    owner: CampaignOwner | None
    team: TeamName | None
    funding_source: FundName | None
    link: CampaignLink | None


class CampaignTotals(Campaign, frozen=True):
    """A campaign's sends by the category in which they stand, the days of the first and the last of them, the money.

    The days are None for a campaign without a send. `spent`: cents of `currency`, what is not
    owed (cancelled, say) left out; None for who may not know what they cost.
    """

    first_day: date | None
    last_day: date | None
    total: int
    received: int
    producing: int
    handed_over: int
    in_transit: int
    local_delivery: int
    delivered: int
    returned: int
    cancelled: int
    spent: int | None
    currency: str


class KindTotals(ByCategory, frozen=True):
    """A campaign's sends of one kind."""

    kind: str


class HistoryDay(ByCategory, frozen=True):
    """How many of a campaign's pieces stood in each category at the end of a day; `total`: of how many we knew."""

    day: date


class CampaignHistory(msgspec.Struct, frozen=True):
    """A campaign from the day of its first send up to today, day by day or week by week; empty without a send.

    Days are those on which things happened, by the organization's clocks, not those on which we heard of them. `as_of`:
    later news is not in it yet.
    """

    step: Literal["day", "week"]
    as_of: datetime
    data: list[HistoryDay]


class CampaignDetail(CampaignTotals, frozen=True):
    """One campaign; `kinds`: those that it has sent."""

    kinds: list[KindTotals]


async def add_campaign(
    context: Context,
    scope: Scope,
    name: str,
    type_: CampaignType,
    *,
    owner: str | None = None,
    team: str | None = None,
    funding_source: str = "",
    link: LinkPlan | None = None,
    request: Request | None = None,
) -> Campaign:
    """A new campaign of the scope's mode; Conflict where its name is taken, Invalid names the field.

    `owner`: a member by id or address, None for who asks; `team`: by id or name, None for the owner's first.
    `funding_source`: who pays for what it sends, by id or name; empty where that goes by who sends it. `link`: where
    the links lead that its sends get.
    """
    name = checked_name(name)
    _check_type(type_)

    async def act(connection: Connection) -> bytes:
        whose = await owner_of_campaign(connection, context, scope, owner, team)
        fund_id = await fund_named(connection, context, scope, funding_source, whose) if funding_source else 0
        row = await campaigns.add(connection, scope, name, type_, *whose, fund_id=fund_id)
        if row is None:
            raise taken(name)
        if link:
            row = await lead(connection, scope, row, link)
        await audit.note(connection, scope, "campaign.added", name, type=type_, **(told(row) if link else {}))
        return msgspec.json.encode(campaign_of(context, scope, row))

    return msgspec.json.decode(await once(context, scope, request, act), type=Campaign)


async def begin_missing(connection: Connection, context: Context, scope: Scope, names: Set[str]) -> None:
    """Begin a bulk campaign for each name that none has or had, within the caller's transaction."""
    known = await called(connection, context, scope, sorted(names))
    whose = await owner_of_campaign(connection, context, scope)
    missing = (name for name in sorted(names - known.keys()) if _is_name(name) and number_of(context, name) is None)
    for name in missing:
        if await campaigns.add(connection, scope, name, "bulk", *whose):
            await audit.note(connection, scope, "campaign.added", name, type="bulk")


async def called(
    connection: Connection, context: Context, scope: Scope, texts: Sequence[str]
) -> dict[str, CampaignRow]:
    """Campaigns given by id or name, by the text given, in whatever state: what sends are made into, or listed by.

    A name means the campaign that has it; where none has, the last one that had it.
    """
    if not texts:
        return {}
    ids = {number: text for text in texts if (number := number_of(context, text)) is not None}
    found = await campaigns.called(connection, scope, texts, list(ids))
    return {row.name: row for row in found if row.name in texts} | {ids[row.id]: row for row in found if row.id in ids}


def check_open(scope: Scope, text: str, row: CampaignRow | None) -> None:
    """Invalid unless a campaign that was given as `text`, and found or not, takes new sends of the scope's mode.

    Whether the other mode has such a campaign is not said: what is sent to a test campaign is a test send (law 5), so a
    live key that names one by mistake sends nothing.
    """
    if row is None:
        mode = "live" if scope.live else "test"
        raise Invalid(f"campaign {text[:60]!a} does not exist in {mode} mode: create it there first", "campaign")
    if row.state != "active":
        state = "is archived" if row.state == "archived" else "was deleted"
        raise Invalid(f"campaign {text[:60]!a} {state} and takes no sends: restore it, or name another", "campaign")


async def names_of_campaigns(context: Context, scope: Scope, limit: int) -> dict[str, str]:
    """Id → name of the newest campaigns in any state, which is said of those that are not active; newest first."""
    async with context.database.snapshot() as connection:
        rows = await campaigns.page(connection, scope, "", None, STATES, None, limit)
    return {
        context.ids.encode("campaign", row.id): row.name if row.state == "active" else f"{row.name} ({row.state})"
        for row in rows
    }


async def list_campaigns(
    context: Context,
    scope: Scope,
    *,
    q: str = "",
    type_: str | None = None,
    state: str = "active",
    after: str | None = None,
    limit: int = 100,
) -> tuple[list[CampaignTotals], str | None]:
    """Campaigns with their totals, newest first, and the cursor of the next page. Invalid names the field.

    `q`: letters that stand in the name, whatever their case. `state`: active, archived, deleted or all.
    """
    if type_ is not None:
        _check_type(type_)
    if state not in get_args(ListedState):
        raise Invalid(f"state must be one of {', '.join(get_args(ListedState))}", "state")
    states = STATES if state == "all" else [state]
    before = None
    if after is not None:
        before = number_of(context, after)
        if before is None:
            raise Invalid("after must be a cursor that a list answered as next", "after")
    async with context.database.snapshot() as connection:
        rows = await campaigns.page(connection, scope, q.strip(), type_, states, before, limit + 1)
        currency = (await organizations.get(connection, scope)).currency
        totals = await counts.campaigns_of(connection, scope, [row.id for row in rows[:limit]], currency)
    shown = [totals_of(context, scope, row, totals.get(row.id), currency) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else None


async def tally(context: Context, scope: Scope, *, q: str = "", type_: str | None = None) -> dict[CampaignState, int]:
    """How many campaigns `list_campaigns` finds in each state."""
    async with context.database.snapshot() as connection:
        found = await campaigns.tally(connection, scope, q.strip(), type_)
    return {state: found.get(state, 0) for state in STATES}


async def get(context: Context, scope: Scope, campaign_id: str) -> CampaignDetail:
    """One campaign with its totals; NotFound where the scope has none of that id."""
    async with context.database.snapshot() as connection:
        row = await read(connection, context, scope, campaign_id)
        currency = (await organizations.get(connection, scope)).currency
        totals = (await counts.campaigns_of(connection, scope, [row.id], currency)).get(row.id)
        kinds = await counts.kinds(connection, scope, row.id)
    return CampaignDetail(
        **_totals(context, scope, row, totals, currency), kinds=[_of_kind(*each) for each in kinds.items()]
    )


async def history(context: Context, scope: Scope, campaign_id: str) -> CampaignHistory:
    """How a campaign came to stand where it does; by weeks after 180 days. NotFound where the scope has it not."""
    async with context.database.snapshot() as connection:
        row = await read(connection, context, scope, campaign_id)
        organization = await organizations.get(connection, scope)
        totals = (await counts.campaigns_of(connection, scope, [row.id], organization.currency)).get(row.id)
        moves = await histories.moves(connection, scope, row.id)
        as_of = await histories.as_of(connection, scope, campaign_id=row.id)
    if totals is None or totals.first_day is None:
        return CampaignHistory("day", as_of, [])
    today = datetime.now(ZoneInfo(organization.time_zone)).date()
    first = min(totals.first_day, today)
    step = timedelta(1 if (today - first).days < DAILY else 7)
    days = [today - n * step for n in range((today - first) // step, -1, -1)]
    return CampaignHistory("day" if step.days == 1 else "week", as_of, _standings(days, moves))


def _standings(days: list[date], moves: list[Move]) -> list[HistoryDay]:
    """Where all stood at the end of each of these days; both in order."""
    standing = [0] * len(WORDS)
    data, place = [], 0
    for day in days:
        while place < len(moves) and moves[place].day <= day:
            standing[moves[place].category] += moves[place].n
            place += 1
        data.append(HistoryDay(day=day, **by_category(standing)))
    return data


async def read(connection: Connection, context: Context, scope: Scope, campaign_id: str) -> CampaignRow:
    """The campaign of a public id, within the caller's transaction; NotFound where the scope has none of that id."""
    number = number_of(context, campaign_id)
    row = None if number is None else await campaigns.get(connection, scope, number)
    if row is None:
        raise NotFound(f"no campaign {campaign_id[:60]!a}", "id")
    return row


def totals_of(
    context: Context,
    scope: Scope,
    row: CampaignRow,
    totals: Totals | None,
    currency: str,
    permission: Permission = Permission.CAMPAIGNS_READ,
) -> CampaignTotals:
    """A campaign as lists show it; `totals` None: it has sent nothing. `permission`: by which they were counted."""
    return CampaignTotals(**_totals(context, scope, row, totals, currency, permission))


def _totals(
    context: Context,
    scope: Scope,
    row: CampaignRow,
    totals: Totals | None,
    currency: str,
    permission: Permission = Permission.CAMPAIGNS_READ,
) -> dict[str, Any]:
    totals = totals or Totals(None, None, 0, [0] * len(WORDS), 0)
    return {
        **_named(context, scope, row),
        "first_day": totals.first_day,
        "last_day": totals.last_day,
        **by_category(totals.categories),
        "spent": totals.spent if scope.sees_money(permission) else None,
        "currency": currency,
    }


def _of_kind(kind: Kind, categories: list[int]) -> KindTotals:
    return KindTotals(kind=kind.word, **by_category(categories))


def campaign_of(context: Context, scope: Scope, row: CampaignRow) -> Campaign:
    """A campaign without its totals."""
    return Campaign(**_named(context, scope, row))


def checked_name(text: str) -> str:
    """A campaign's name without blanks around it; Invalid where it can be none."""
    name = text.strip()
    if not _is_name(name):
        raise Invalid(f"name must be 1 to {MAX_NAME} characters on one line", "name")
    return name


def taken(name: str) -> Conflict:
    """The refusal of a name that another campaign has."""
    return Conflict(f"there is a campaign named {name[:60]!a} already", "name")


def number_of(context: Context, public_id: str) -> int | None:
    """The number behind a campaign's public id; None for anything that is not one."""
    try:
        prefix, number = context.ids.decode(public_id)
    except ValueError:
        return None
    return number if prefix == "campaign" else None


def _named(context: Context, scope: Scope, row: CampaignRow) -> dict[str, Any]:
    encode = context.ids.encode
    return {
        "id": encode("campaign", row.id),
        "name": row.name,
        "type": row.type,
        "live": scope.live,
        "created_at": row.created_at,
        "state": row.state,
        "archived_at": row.archived_at,
        "deleted_at": row.deleted_at,
        "owner": CampaignOwner(encode("member", row.owner_id), row.owner_email, row.owner_name)
        if row.owner_email
        else None,
        "team": TeamName(encode("team", row.team_id), row.team) if row.team else None,
        "funding_source": FundName(encode("fund", row.fund_id), row.fund) if row.fund else None,
        "link": link_of_campaign(context, row),
    }


def _check_type(type_: str) -> None:
    if type_ not in ("bulk", "triggered"):
        raise Invalid("type must be bulk or triggered", "type")


def _is_name(text: str) -> bool:
    return 0 < len(text) <= MAX_NAME and text.isprintable()
