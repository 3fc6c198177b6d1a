"""Settings: return envelopes, for whoever keeps them."""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.problems import Invalid, NotFound, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import stock, stock_orders
from sendtrail.web.forms import see, wrong_fields
from sendtrail.web.settings import STOCK, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form


@get("/settings/stock", needs=Permission.SETTINGS_WRITE)
async def show_stock(request: WebRequest, visitor: Here) -> Response[str]:
    """What is there and what is to come, in the mode that the visitor looks at."""
    return await _stock_page(request, visitor)


@post("/settings/stock/{order_id:str}", needs=Permission.SETTINGS_WRITE)
async def fill_order(request: WebRequest, visitor: Here, order_id: FromPath[str]) -> Response[str]:
    """Note that the envelopes of an order came. Pressed twice, it says that they came already."""
    fields = await read_form(request, visitor)
    try:
        await stock_orders.fill(context_of(request), visitor.scope, order_id, _quantity(fields))
    except NotFound:
        raise
    except SendtrailError as problem:
        return await _stock_page(request, visitor, problem)
    return see("/settings/stock?done=filled")


async def _stock_page(request: WebRequest, visitor: Visitor, problem: SendtrailError | None = None) -> Response[str]:
    awaited, shelved = await stock.look(context_of(request), visitor.scope)
    return await settings_page(
        request,
        visitor,
        "settings_stock.html",
        STOCK,
        wrong=wrong_fields(problem, {}),
        typed={},
        awaited=awaited,
        shelved=shelved,
    )


def _quantity(fields: Mapping[str, str]) -> int | None:
    digits = "".join(fields.get("quantity", "").replace(",", "").split())
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise Invalid("quantity must be a whole number of up to 9 digits", "quantity")
    return int(digits)
