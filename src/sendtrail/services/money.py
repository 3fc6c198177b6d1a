"""Money: what a send costs where nobody says so, what was paid in, and what is left.

Amounts are whole cents of the organization's currency. A new organization has no prices: nothing is invented, and a
send without a price costs 0. Every movement stands in the ledger, which is only ever added to (docs/money.md).
"""

from datetime import datetime
from functools import cache
from typing import get_args

import msgspec

from sendtrail.domain.events import CODE_BY_ID, Evidence, Kind
from sendtrail.domain.money import SPENDING, EntryType
from sendtrail.domain.packing import BEST
from sendtrail.domain.problems import Conflict, Forbidden, Invalid, NotFound, Unaffordable
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import MAX_COST, MAX_TEXT, ExtraService
from sendtrail.domain.vocabularies import stannp
from sendtrail.services.context import Context
from sendtrail.services.funds import Fund, fund_of, fund_row, funds_within
from sendtrail.services.idempotency import Request, once
from sendtrail.store import audit, funds, ledger, mailings, organizations, prices
from sendtrail.store.database import Connection
from sendtrail.store.prices import PriceRow

MAX_DEPOSIT = 10**15
"""Cents: far above any real one, far below what the database's numbers hold."""
_NO_MONEY = "test mode has no money: book it in live mode"


class Price(msgspec.Struct, frozen=True):
    """What a send of a kind costs; an empty `mailing_class` or `extra_service` stands for any.

    The most specific one counts: of class and service, else of the service, else of the class, else of the kind.
    """

    kind: str
    mailing_class: str
    cents: int
    extra_service: str = ""


class Balance(msgspec.Struct, frozen=True):
    """What was paid in, with adjustments, less the cost of every live send that is owed. In test mode all are 0.

    Whole cents of `currency`, of the whole organization.
    """

    balance: int
    deposited: int
    spent: int
    currency: str


class Balances(msgspec.Struct, frozen=True):
    """`Balance`, and what is in each funding source; null and those alone for who does not see the whole."""

    balance: int | None
    deposited: int | None
    spent: int | None
    currency: str
    funds: list[Fund]


async def set_price(
    context: Context, scope: Scope, kind: str, cents: int, mailing_class: str = "", extra_service: str = ""
) -> None:
    """Put one price on the list, for sends made from now on. Invalid names the field; Forbidden in test mode."""
    if not scope.live:
        raise Forbidden("test mode has no money: set prices in live mode")
    if kind not in {each.word for each in Kind}:
        raise Invalid(f"kind must be one of {', '.join(each.word for each in Kind)}", "kind")
    if not 0 <= cents <= MAX_COST:
        raise Invalid(f"cents must lie between 0 and {MAX_COST}", "cents")
    if len(mailing_class) > MAX_TEXT or "\0" in mailing_class:
        raise Invalid(f"mailing_class may be {MAX_TEXT} characters at most, none of them NUL", "mailing_class")
    if extra_service not in get_args(ExtraService):
        services = ", ".join(each for each in get_args(ExtraService) if each)
        raise Invalid(f"extra_service must be empty or one of {services}", "extra_service")
    price = PriceRow(Kind[kind.upper()], mailing_class, extra_service, cents)
    async with context.database.transaction() as connection:
        await prices.put(connection, scope, price)
        await audit.note(connection, scope, "price.set", kind, **_told(mailing_class, extra_service), cents=cents)


async def remove_price(
    context: Context, scope: Scope, kind: str, mailing_class: str = "", extra_service: str = ""
) -> None:
    """Take one price off the list, for sends made from now on; NotFound where none stands there."""
    if not scope.live:
        raise Forbidden("test mode has no money: set prices in live mode")
    known = kind.upper() in Kind.__members__ and "\0" not in mailing_class + extra_service
    async with context.database.transaction() as connection:
        if not (known and await prices.remove(connection, scope, Kind[kind.upper()], mailing_class, extra_service)):
            raise NotFound(f"there is no price for {kind[:40]!a} of class {mailing_class[:40]!a}", "kind")
        await audit.note(connection, scope, "price.removed", kind, **_told(mailing_class, extra_service))


async def list_prices(context: Context, scope: Scope) -> list[Price]:
    """The price list, by kind, mailing class and extra service."""
    async with context.database.snapshot() as connection:
        rows = await prices.listed(connection, scope)
    return [Price(Kind(row.kind).word, row.mailing_class, row.cents, row.extra_service) for row in rows]


async def deposit(
    context: Context,
    scope: Scope,
    cents: int,
    *,
    fund: str = "",
    note: str = "",
    request: Request | None = None,
    at: datetime | None = None,
) -> Balances:
    """Note money paid into a fund; below zero it takes a deposit back. As `book`."""
    return await book(context, scope, EntryType.DEPOSIT, cents, fund=fund, note=note, request=request, at=at)


async def book(
    context: Context,
    scope: Scope,
    type_: EntryType,
    cents: int,
    *,
    fund: str = "",
    note: str = "",
    request: Request | None = None,
    at: datetime | None = None,
) -> Balances:
    """Book a deposit or an adjustment in a fund, by id or name, or in the main one; how all stands then.

    Below zero it takes money away: Unaffordable where the fund may not go below zero. Invalid names the field; an
    adjustment needs a `note`. Conflict for a closed fund. Forbidden in test mode, which has no money. `at` (aware) is
    another moment than this one only where a past is invented.
    """
    if not scope.live:
        raise Forbidden(_NO_MONEY)
    if not cents or abs(cents) > MAX_DEPOSIT:
        raise Invalid(f"cents must be a number other than 0, at most {MAX_DEPOSIT}", "cents")
    note = note.strip()
    if len(note) > MAX_TEXT or not (note.isprintable() or not note):
        raise Invalid(f"note may be {MAX_TEXT} characters at most, on one line", "note")
    if type_ is EntryType.ADJUSTMENT and not note:
        raise Invalid("note must say why the balance is adjusted", "note")

    async def act(connection: Connection) -> bytes:
        row = await fund_row(connection, context, scope, fund)
        if row.closed_at:
            raise Conflict(f"funding source {row.name!a} is closed: name another", "funding_source")
        await funds.hold(connection, scope, [row.id])
        if cents < 0 and row.never_below_zero:
            left = (await funds.left(connection, scope, [row.id])).get(row.id, 0)
            if left + cents < 0:
                raise Unaffordable(f"{row.name!a} has {left} cents and may not go below zero", "cents")
        await ledger.add(connection, scope, row.id, type_, cents, note, at)
        await mailings.go_on(connection, scope)
        told = {"funding_source": row.name} if not row.main else {}
        await audit.note(connection, scope, f"{type_.word}.added", f"{cents / 100:,.2f} {row.currency}", **told)
        return msgspec.json.encode(await _balances(connection, context, scope))

    return msgspec.json.decode(await once(context, scope, request, act), type=Balances)


async def balance(context: Context, scope: Scope) -> Balance:
    """How the organization's money stands."""
    async with context.database.snapshot() as connection:
        currency = (await organizations.get(connection, scope)).currency
        return await balance_within(connection, scope, currency)


async def balances(context: Context, scope: Scope) -> Balances:
    """How the money stands that the scope may see."""
    async with context.database.snapshot() as connection:
        return await _balances(connection, context, scope)


async def balance_within(connection: Connection, scope: Scope, currency: str) -> Balance:
    """`balance` within the caller's transaction."""
    if not scope.live:
        return Balance(0, 0, 0, currency)
    totals = await funds.totals(connection, scope, currency)
    spent = -sum(totals.get(type_, 0) for type_ in SPENDING)
    left = sum(totals.values())
    return Balance(left, left + spent, spent, currency)


async def _balances(connection: Connection, context: Context, scope: Scope) -> Balances:
    currency = (await organizations.get(connection, scope)).currency
    whole = await balance_within(connection, scope, currency)
    own = [fund_of(context, *each) for each in await funds_within(connection, scope)] if scope.live else []
    if not scope.may(Permission.MONEY_READ, Reach.ORGANIZATION):
        return Balances(None, None, None, currency, own)
    return Balances(whole.balance, whole.deposited, whole.spent, currency, own)


def _told(mailing_class: str, extra_service: str) -> dict[str, str]:
    service = {"extra_service": extra_service} if extra_service else {}
    return {"mailing_class": mailing_class, **service}


@cache
def category_of(status: int) -> str:
    """Which of the eight categories a status of `counts` (`best & packing.STATUS_MASK`) stands in."""
    fields = BEST.unpack(status)
    return stannp.category(CODE_BY_ID[fields["code"]], Evidence(fields["evidence"]))
