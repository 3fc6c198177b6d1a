"""Return envelopes and orders of them, as PostGrid's client knows them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from sendtrail.api.answers import ready
from sendtrail.api.postgrid.people import by_id
from sendtrail.api.postgrid.requests import USUAL, Body, Limit, Search, Skip, again, body_of
from sendtrail.api.postgrid.resources import Id, Resource, listing
from sendtrail.api.requests import Caller, Here
from sendtrail.domain.postgrid.contacts import new_contact
from sendtrail.domain.postgrid.return_envelopes import (
    SentReturnEnvelope,
    SentStockOrder,
    return_envelope,
    stock_order,
)
from sendtrail.domain.scope import Scope
from sendtrail.services import idempotency, return_envelopes, stock_orders
from sendtrail.services.context import Context
from sendtrail.services.return_envelopes import RETURN_ENVELOPES
from sendtrail.services.stock_orders import STOCK_ORDERS

_ORDERS = "/return_envelopes/{id_:str}/orders"
_NAME = "postgrid:return_envelopes:orders"
_Expanded = Literal["", "returnEnvelope"]
Expand = Annotated[_Expanded, QueryParameter(description="`returnEnvelope`: all of it, instead of its id.")]
Expands = Annotated[_Expanded, QueryParameter(name="expand[]", description="As PostGrid's pages write `expand`.")]


async def _show(context: Context, scope: Scope, rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        return_envelope(context.ids, stock.envelope, stock.to, stock.available, scope.live)
        for stock in await return_envelopes.stocks(context, scope, rows)
    ]


async def _make(context: Context, scope: Scope, body: Body, request: idempotency.Request | None) -> Any:
    sent = (await by_id(context, scope, body, ["to"])).read(SentReturnEnvelope)
    to = sent.to if isinstance(sent.to, str) else new_contact(sent.to, "to")
    return await return_envelopes.make(context, scope, to, sent.description, sent.metadata, request)


RESOURCE = Resource(path="return_envelopes", kept=RETURN_ENVELOPES, show=_show, make=_make, deletes=False)


@get(_ORDERS, needs=STOCK_ORDERS.reads, name=f"{_NAME}:list")
async def _list(
    context: Here, caller: Caller, id_: Id, skip: Skip = 0, limit: Limit = USUAL, search: Search = ""
) -> Response[bytes]:
    envelope = await RETURN_ENVELOPES.get(context, caller, id_)
    found = await STOCK_ORDERS.page(
        context, caller, search=search, skip=skip, limit=limit, narrowed={"return_envelope_id": envelope.id}
    )
    return listing([stock_order(context.ids, row, caller.live) for row in found.rows], skip, limit, found.total)


@post(_ORDERS, needs=STOCK_ORDERS.writes, name=f"{_NAME}:create")
async def _place(request: Request[Any, Any, Any], context: Here, caller: Caller, id_: Id) -> Response[bytes]:
    body = await body_of(request)
    sent = body.read(SentStockOrder)
    row = await stock_orders.place(
        context, caller, id_, sent.quantity_ordered, sent.description, sent.metadata, again(request, body)
    )
    return await _shown(context, caller, row, status=201)


@get(f"{_ORDERS}/{{order_id:str}}", needs=STOCK_ORDERS.reads, name=f"{_NAME}:one")
async def _one(
    context: Here, caller: Caller, id_: Id, order_id: Id, expand: Expand = "", expands: Expands = ""
) -> Response[bytes]:
    return await _shown(context, caller, await stock_orders.get(context, caller, id_, order_id), expand or expands)


@delete(f"{_ORDERS}/{{order_id:str}}", needs=STOCK_ORDERS.writes, status_code=200, name=f"{_NAME}:cancel")
async def _cancel(
    context: Here, caller: Caller, id_: Id, order_id: Id, expand: Expand = "", expands: Expands = ""
) -> Response[bytes]:
    return await _shown(context, caller, await stock_orders.cancel(context, caller, id_, order_id), expand or expands)


@post(f"{_ORDERS}/{{order_id:str}}/fills", needs=STOCK_ORDERS.writes, status_code=200, name=f"{_NAME}:fill")
async def _fill(context: Here, caller: Caller, id_: Id, order_id: Id) -> Response[bytes]:
    return await _shown(context, caller, await stock_orders.rehearse_fill(context, caller, id_, order_id))


async def _shown(context: Context, scope: Scope, row: Any, expand: str = "", status: int = 200) -> Response[bytes]:
    shown = stock_order(context.ids, row, scope.live)
    if expand:
        envelope = await RETURN_ENVELOPES.get(context, scope, shown["returnEnvelope"])
        (shown["returnEnvelope"],) = await _show(context, scope, [envelope])
    return ready(msgspec.json.encode(shown), status)


HANDLERS: list[HTTPRouteHandler] = [_list, _place, _one, _cancel, _fill]
