"""Funding sources: the organization's, a team's, a person's. Sends are charged to them, deposits go into them."""

from datetime import datetime
from typing import Literal

import msgspec

from sendtrail.domain.money import SPENDING, EntryType
from sendtrail.domain.problems import Conflict, Forbidden, Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.owning import person_named, teams_named
from sendtrail.services.people import TeamName
from sendtrail.store import audit, funds
from sendtrail.store.database import Connection
from sendtrail.store.funds import FundRow

MAX_NAME = 100

Whose = Literal["organization", "team", "person"]


class FundOwner(msgspec.Struct, frozen=True):
    """The member whose money it is; `name` may be empty."""

    id: str
    email: str
    name: str


class Fund(msgspec.Struct, frozen=True):
    """A funding source. `main`: it pays for whatever no other does; each organization has one.

    `never_below_zero`: sends that it cannot pay for are refused. `balance` is what is left, `deposited` what was paid
    in, with adjustments, `spent` what was charged and not refunded: cents of `currency`.
    """

    id: str
    name: str
    whose: Whose
    team: TeamName | None
    owner: FundOwner | None
    main: bool
    never_below_zero: bool
    balance: int
    deposited: int
    spent: int
    currency: str
    created_at: datetime
    closed_at: datetime | None


Amounts = dict[EntryType, int]


async def list_funds(context: Context, scope: Scope) -> list[Fund]:
    """The funding sources that the scope may see; none in test mode, which has no money."""
    if not scope.live:
        return []
    async with context.database.snapshot() as connection:
        return [fund_of(context, *each) for each in await funds_within(connection, scope)]


async def add_fund(
    context: Context,
    scope: Scope,
    name: str,
    *,
    team: str = "",
    owner: str = "",
    never_below_zero: bool = False,
    request: Request | None = None,
) -> Fund:
    """A new funding source: a team's (by id or name), a person's (by id or address), else the organization's.

    Invalid names the field; Conflict where an open one has the name; Forbidden in test mode.
    """
    name = _checked(scope, name)
    if team and owner:
        raise Invalid("owner must be left out where a team is named: a source is a team's or a person's", "owner")

    async def act(connection: Connection) -> bytes:
        team_id = (await teams_named(connection, context, scope, [team])).get(team) if team else 0
        if team_id is None:
            raise Invalid(f"team {team[:60]!a} must be the id or the name of a team", "team")
        person = await person_named(connection, context, scope, owner) if owner else None
        if owner and person is None:
            raise Invalid(f"owner {owner[:60]!a} must be the id or the address of a member", "owner")
        owner_id = person.id if person else 0
        row = await funds.add(connection, scope, name, team_id, owner_id, never_below_zero=never_below_zero)
        if row is None:
            raise _taken(name)
        await audit.note(connection, scope, "fund.added", name)
        return msgspec.json.encode(fund_of(context, row, {}))

    return msgspec.json.decode(await once(context, scope, request, act), type=Fund)


async def change_fund(
    context: Context, scope: Scope, fund_id: str, *, name: str | None = None, never_below_zero: bool | None = None
) -> Fund:
    """Call a source otherwise, or let it refuse what it cannot pay for, or not any more; None leaves it as it is.

    NotFound; Conflict for a closed one, and where another open one has the name; Invalid names the field.
    """
    wanted = None if name is None else _checked(scope, name)
    async with context.database.transaction() as connection:
        row = await _held(connection, context, scope, fund_id)
        never = row.never_below_zero if never_below_zero is None else never_below_zero
        changed = await funds.change(connection, scope, row.id, wanted or row.name, never_below_zero=never)
        if changed is None:
            raise _taken(wanted or row.name)
        if (changed.name, never) != (row.name, row.never_below_zero):
            told = {"name": changed.name} if changed.name != row.name else {}
            refusing = {"never_below_zero": never} if never != row.never_below_zero else {}
            await audit.note(connection, scope, "fund.changed", row.name, **told, **refusing)
        amounts = await funds.by_type(connection, scope, [row.id])
        return fund_of(context, changed, amounts.get(row.id, {}))


async def close_fund(context: Context, scope: Scope, fund_id: str) -> Fund:
    """Let nothing be charged to a source any more; refunds still come back to it. Conflict for the main one.

    What was charged to it is charged, from then on, to whoever pays next.
    """
    async with context.database.transaction() as connection:
        row = await _held(connection, context, scope, fund_id)
        closed = await funds.close(connection, scope, row.id)
        if closed is None:
            raise Conflict("this is the main funding source, which stays: it pays for what no other does", "id")
        await audit.note(connection, scope, "fund.closed", row.name)
        amounts = await funds.by_type(connection, scope, [row.id])
        return fund_of(context, closed, amounts.get(row.id, {}))


async def funds_within(connection: Connection, scope: Scope) -> list[tuple[FundRow, Amounts]]:
    """The sources that the scope may see, with what is in them, within the caller's transaction."""
    rows = await funds.listed(connection, scope)
    amounts = await funds.by_type(connection, scope, [row.id for row in rows])
    return [(row, amounts.get(row.id, {})) for row in rows]


async def fund_row(connection: Connection, context: Context, scope: Scope, text: str) -> FundRow:
    """A source that the scope may see, by id or name, or for an empty text the main one; Invalid where there is none.

    A name means the open one that has it.
    """
    number = fund_number(context, text)
    for row in await funds.listed(connection, scope):
        if row.id == number or (row.name.lower() == text.strip().lower() and not row.closed_at):
            return row
        if not text.strip() and row.main:
            return row
    raise Invalid(f"funding_source {text[:60]!a} must be the id or the name of a funding source", "funding_source")


def fund_number(context: Context, public_id: str) -> int | None:
    """The number behind a source's public id; None for anything that is not one."""
    try:
        prefix, number = context.ids.decode(public_id.strip())
    except ValueError:
        return None
    return number if prefix == "fund" else None


def fund_of(context: Context, row: FundRow, amounts: Amounts) -> Fund:
    """A source as it is shown."""
    encode = context.ids.encode
    left = sum(amounts.values())
    spent = -sum(amounts.get(type_, 0) for type_ in SPENDING)
    return Fund(
        id=encode("fund", row.id),
        name=row.name,
        whose="team" if row.team_id else "person" if row.owner_id else "organization",
        team=TeamName(encode("team", row.team_id), row.team) if row.team_id else None,
        owner=FundOwner(encode("member", row.owner_id), row.owner_email, row.owner_name) if row.owner_id else None,
        main=row.main,
        never_below_zero=row.never_below_zero,
        balance=left,
        deposited=left + spent,
        spent=spent,
        currency=row.currency,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )


async def _held(connection: Connection, context: Context, scope: Scope, fund_id: str) -> FundRow:
    """An open source that nobody else changes until the transaction ends."""
    scope.require(Permission.MONEY_WRITE, Reach.ORGANIZATION)
    number = fund_number(context, fund_id) if scope.live else None
    await funds.hold(connection, scope, [] if number is None else [number])
    row = next((each for each in await funds.listed(connection, scope) if each.id == number), None)
    if row is None:
        raise NotFound(f"no funding source {fund_id[:60]!a}", "id")
    if row.closed_at:
        raise Conflict("this funding source is closed", "id")
    return row


def _checked(scope: Scope, text: str) -> str:
    if not scope.live:
        raise Forbidden("test mode has no money: keep funding sources in live mode")
    scope.require(Permission.MONEY_WRITE, Reach.ORGANIZATION)
    name = text.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise Invalid(f"name must be 1 to {MAX_NAME} characters on one line", "name")
    return name


def _taken(name: str) -> Conflict:
    return Conflict(f"there is a funding source named {name[:60]!a} already", "name")
