"""Orders of return envelopes: placed, then filled, or cancelled before that. Of each of them hooks are told.

In test mode whoever asks fills one; in live mode the person does who put the envelopes in stock.
"""

from typing import Any, Literal

from sendtrail.domain.described import check_described
from sendtrail.domain.postgrid.return_envelopes import stock_order
from sendtrail.domain.problems import Conflict, Invalid, SendtrailError
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request
from sendtrail.services.nouns import Kept
from sendtrail.services.return_envelopes import RETURN_ENVELOPES
from sendtrail.services.telling_of import tell_of
from sendtrail.store import audit, mailings, nouns
from sendtrail.store.database import Connection
from sendtrail.store.return_envelopes import STOCK_ORDER, StockOrderRow

STOCK_ORDERS = Kept(
    word="return_envelope_order",
    noun=STOCK_ORDER,
    reads=Permission.SENDS_READ,
    writes=Permission.SENDS_WRITE,
)
LEAST, MOST = 5_000, 10_000_000
"""Envelopes of one order."""


class CannotFill(SendtrailError):
    """Nothing can come of this order any more, or not by this way."""

    type = "return_envelope_order_cannot_fill_error"


async def place(
    context: Context,
    scope: Scope,
    envelope_id: str,
    quantity: int,
    description: str | None,
    metadata: dict[str, Any] | None,
    request: Request | None = None,
) -> StockOrderRow:
    """A new order; NotFound; Invalid names the field as PostGrid's client does; Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    if not LEAST <= quantity <= MOST:
        raise Invalid(f"quantityOrdered must lie between {LEAST:,} and {MOST:,}", "quantityOrdered")
    described = check_described(description, metadata)

    async def act(connection: Connection) -> StockOrderRow:
        envelope = await RETURN_ENVELOPES.read(connection, context, scope, envelope_id)
        columns = {"return_envelope_id": envelope.id, "quantity_ordered": quantity, **described}
        row = await nouns.add(connection, scope, STOCK_ORDER, columns)
        await _tell(connection, context, scope, "created", row, None)
        return row

    return await STOCK_ORDERS.once(context, scope, request, act)


async def get(context: Context, scope: Scope, envelope_id: str, order_id: str) -> StockOrderRow:
    """An order of one return envelope; NotFound; Forbidden."""
    row = await STOCK_ORDERS.get(context, scope, order_id)
    _check_belongs(context, row, envelope_id, order_id)
    return row


async def cancel(context: Context, scope: Scope, envelope_id: str, order_id: str) -> StockOrderRow:
    """Take an order back that was not filled yet; Conflict; NotFound; Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)

    async def act(connection: Connection) -> StockOrderRow:
        row = await STOCK_ORDERS.hold(connection, context, scope, order_id)
        _check_belongs(context, row, envelope_id, order_id)
        if row.status != "placed":
            raise Conflict(f"the order is {row.status} already: only a placed one can be cancelled", "id")
        return await _become(connection, context, scope, row, {"status": "cancelled"})

    return await context.database.run(act)


async def rehearse_fill(context: Context, scope: Scope, envelope_id: str, order_id: str) -> StockOrderRow:
    """Fill an order of test mode as if all of it had come; CannotFill; NotFound; Forbidden."""
    scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
    await get(context, scope, envelope_id, order_id)
    if scope.live:
        raise CannotFill("orders are filled by this way in test mode only: live ones once the envelopes are there")
    return await _fill(context, scope, order_id, None)


async def fill(context: Context, scope: Scope, order_id: str, quantity: int | None = None) -> StockOrderRow:
    """Note that what was ordered is there, or another `quantity` of it; CannotFill; NotFound; Invalid; Forbidden."""
    scope.require(Permission.SETTINGS_WRITE, Reach.ORGANIZATION)
    if quantity is not None and not 0 < quantity <= MOST:
        raise Invalid(f"quantity must lie between 1 and {MOST:,}", "quantity")
    return await _fill(context, scope, order_id, quantity)


async def _fill(context: Context, scope: Scope, order_id: str, quantity: int | None) -> StockOrderRow:
    async def act(connection: Connection) -> StockOrderRow:
        row = await STOCK_ORDERS.hold(connection, context, scope, order_id)
        if row.status != "placed":
            raise CannotFill(f"the order is {row.status} already: only a placed one can be filled")
        await mailings.go_on(connection, scope)
        came = quantity or row.quantity_ordered
        await audit.note(connection, scope, "return_envelope_order.filled", order_id.lower(), quantity=came)
        return await _become(connection, context, scope, row, {"status": "filled", "quantity_filled": came})

    return await context.database.run(act)


async def _become(
    connection: Connection, context: Context, scope: Scope, row: StockOrderRow, columns: dict[str, object]
) -> StockOrderRow:
    changed = await nouns.change(connection, scope, STOCK_ORDER, row.id, columns)
    assert changed is not None  # noqa: S101 — it is held
    before, now = (stock_order(context.ids, each, scope.live) for each in (row, changed))
    others = {name: value for name, value in now.items() if value != before.get(name) and name != "updatedAt"}
    await _tell(connection, context, scope, "updated", changed, others)
    return changed


async def _tell(
    connection: Connection,
    context: Context,
    scope: Scope,
    what: Literal["created", "updated"],
    row: StockOrderRow,
    updated: dict[str, Any] | None,
) -> None:
    type_, subject = f"return_envelope_order.{what}", ("return_envelope_order", row.id)
    await tell_of(connection, context, scope, type_, subject, stock_order(context.ids, row, scope.live), updated)


def _check_belongs(context: Context, row: StockOrderRow, envelope_id: str, order_id: str) -> None:
    if row.return_envelope_id != RETURN_ENVELOPES.number(context, envelope_id):
        raise STOCK_ORDERS.missing(order_id)
