"""Money: what a send costs where nobody says so, what was paid in, and what is left.

Amounts are whole cents of the organization's currency. A new organization has no prices: nothing is invented, and a
send without a price costs 0.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

import msgspec

from sendtrail.domain.events import CODE_BY_ID, Evidence, Kind
from sendtrail.domain.packing import BEST
from sendtrail.domain.problems import Forbidden, Invalid, NotFound
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import MAX_COST, MAX_TEXT
from sendtrail.domain.vocabularies import stannp
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.store import audit, counts, deposits, organizations, prices
from sendtrail.store.database import Connection

MAX_DEPOSIT = 10**15
"""Cents: far above any real one, far below what the database's numbers hold."""


class Price(msgspec.Struct, frozen=True):
    """What a send of a kind costs; an empty `mailing_class` stands for any, and the exact class wins."""

    kind: str
    mailing_class: str
    cents: int


class Deposit(msgspec.Struct, frozen=True):
    """Money paid in; below zero it corrects another."""

    cents: int
    currency: str
    created_at: datetime


class Balance(msgspec.Struct, frozen=True):
    """What was paid in less the cost of every live send that is not cancelled, in cents. In test mode all are 0."""

    balance: int
    deposited: int
    spent: int
    currency: str


async def set_price(context: Context, scope: Scope, kind: str, cents: int, mailing_class: str = "") -> None:
    """Put one price on the list, for sends made from now on. Invalid names the field; Forbidden in test mode."""
    if not scope.live:
        raise Forbidden("test mode has no money: set prices in live mode")
    if kind not in {each.word for each in Kind}:
        raise Invalid(f"kind must be one of {', '.join(each.word for each in Kind)}", "kind")
    if not 0 <= cents <= MAX_COST:
        raise Invalid(f"cents must lie between 0 and {MAX_COST}", "cents")
    if len(mailing_class) > MAX_TEXT or "\0" in mailing_class:
        raise Invalid(f"mailing_class may be {MAX_TEXT} characters at most, none of them NUL", "mailing_class")
    async with context.database.transaction() as connection:
        await prices.put(connection, scope, Kind[kind.upper()], mailing_class, cents)
        await audit.note(connection, scope, "price.set", kind, mailing_class=mailing_class, cents=cents)


async def remove_price(context: Context, scope: Scope, kind: str, mailing_class: str = "") -> None:
    """Take one price off the list, for sends made from now on; NotFound where none stands there."""
    if not scope.live:
        raise Forbidden("test mode has no money: set prices in live mode")
    async with context.database.transaction() as connection:
        known = kind.upper() in Kind.__members__ and "\0" not in mailing_class
        if not (known and await prices.remove(connection, scope, Kind[kind.upper()], mailing_class)):
            raise NotFound(f"there is no price for {kind[:40]!a} of class {mailing_class[:40]!a}", "kind")
        await audit.note(connection, scope, "price.removed", kind, mailing_class=mailing_class)


async def list_prices(context: Context, scope: Scope) -> list[Price]:
    """The price list, by kind and mailing class."""
    async with context.database.snapshot() as connection:
        rows = await prices.listed(connection, scope)
    return [Price(Kind(kind).word, mailing_class, cents) for kind, mailing_class, cents in rows]


async def deposit(context: Context, scope: Scope, cents: int, *, request: Request | None = None) -> Balance:
    """Note money paid in, below zero to correct a deposit; the balance then. Forbidden in test mode, without money."""
    if not scope.live:
        raise Forbidden("test mode has no money: deposit in live mode")
    if not cents or abs(cents) > MAX_DEPOSIT:
        raise Invalid(f"cents must be a number other than 0, at most {MAX_DEPOSIT}", "cents")

    async def act(connection: Connection) -> bytes:
        currency = (await organizations.get(connection, scope)).currency
        await deposits.add(connection, scope, cents, currency)
        await audit.note(connection, scope, "deposit.added", f"{cents / 100:,.2f} {currency}")
        return msgspec.json.encode(await balance_within(connection, scope, currency))

    return msgspec.json.decode(await once(context, scope, request, act), type=Balance)


async def latest_deposits(context: Context, scope: Scope, limit: int) -> list[Deposit]:
    """What was paid in, newest first; nothing in test mode."""
    if not scope.live:
        return []
    async with context.database.snapshot() as connection:
        return [Deposit(*row) for row in await deposits.latest(connection, scope, limit)]


async def balance(context: Context, scope: Scope) -> Balance:
    """How the organization's money stands."""
    async with context.database.snapshot() as connection:
        currency = (await organizations.get(connection, scope)).currency
        return await balance_within(connection, scope, currency)


async def balance_within(connection: Connection, scope: Scope, currency: str) -> Balance:
    """`balance` within the caller's transaction."""
    if not scope.live:
        return Balance(0, 0, 0, currency)
    deposited = await counts.deposited(connection, scope, currency)
    spent = spent_of(await counts.spent(connection, scope, currency))
    return Balance(deposited - spent, deposited, spent, currency)


def spent_of(cents_by_status: Mapping[int, int]) -> int:
    """The cost of what is not cancelled; statuses as `counts` holds them."""
    return sum(cents for status, cents in cents_by_status.items() if category_of(status) != "cancelled")


@cache
def category_of(status: int) -> str:
    """Which of the eight categories a status of `counts` (`best & packing.STATUS_MASK`) stands in."""
    fields = BEST.unpack(status)
    return stannp.category(CODE_BY_ID[fields["code"]], Evidence(fields["evidence"]))
