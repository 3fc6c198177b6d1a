"""Return envelopes that were ordered: whoever puts them in stock says so. All else about them is asked in PostGrid's
words."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import post
from litestar.params import JSONBody, PathParameter

from sendtrail.api.problems import refusals
from sendtrail.api.requests import Caller, Here
from sendtrail.domain.problems import Conflict
from sendtrail.domain.roles import Permission
from sendtrail.services import stock_orders
from sendtrail.services.stock_orders import CannotFill

OrderId = Annotated[str, PathParameter(description="The `id` of an order of return envelopes.")]


class Filled(msgspec.Struct, forbid_unknown_fields=True):
    """`quantity`: how many came; without it as many as were ordered."""

    quantity: int | None = None


class StockOrder(msgspec.Struct):
    """An order of return envelopes."""

    id: str
    live: bool
    return_envelope: str
    status: Literal["placed", "filled", "cancelled"]
    quantity_ordered: int
    quantity_filled: int | None
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime


@post(
    "/return_envelope_orders/{order_id:str}/fill",
    status_code=200,
    responses=refusals(400, 401, 403, 404, 409, 413, 415),
    needs=Permission.SETTINGS_WRITE,
    tags=["stock"],
)
async def fill_order(
    context: Here, caller: Caller, order_id: OrderId, data: JSONBody[Filled | None] = None
) -> StockOrder:
    """Note that the return envelopes of an order are there: from now on letters and cheques can bring them along.

    409 for an order that is filled or cancelled already.
    """
    try:
        row = await stock_orders.fill(context, caller, order_id, data.quantity if data else None)
    except CannotFill as error:
        raise Conflict(error.message) from None
    return StockOrder(
        id=context.ids.encode("return_envelope_order", row.id),
        live=caller.live,
        return_envelope=context.ids.encode("return_envelope", row.return_envelope_id),
        status=row.status,
        quantity_ordered=row.quantity_ordered,
        quantity_filled=row.quantity_filled,
        description=row.description,
        metadata=row.metadata,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
