"""Settings: prices, and money that is booked by hand."""

from collections.abc import Mapping

from litestar import Response, get, post

from sendtrail.domain.amounts import cents_of
from sendtrail.domain.events import Kind
from sendtrail.domain.money import EntryType
from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.domain.service_types import MAILING_CLASSES
from sendtrail.services import funds, money
from sendtrail.web.forms import repeat_of, see, wrong_fields
from sendtrail.web.settings import MONEY, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form
from sendtrail.web.wording import spelled

KINDS = [(kind.word, spelled(kind.word)) for kind in Kind]
CLASSES = [
    ("", "Any class"),
    *((word, spelled(word)) for word in (*MAILING_CLASSES, "lettermail") if not word.startswith("usps_")),
]
"""Of the United States post, without the longer names of the PostGrid API, and Canada Post's letters. Prices for other
classes can be set through the API."""
SERVICES = [
    ("", "Any service"),
    *((word, spelled(word)) for word in ("certified", "certified_return_receipt", "registered")),
]
BOOKABLE = {"deposit": EntryType.DEPOSIT, "adjustment": EntryType.ADJUSTMENT}


@get("/settings/money", needs=Permission.MONEY_WRITE)
async def show_money(request: WebRequest, visitor: Here) -> Response[str]:
    """The price list, and how the money stands."""
    return await _money_page(request, visitor, {})


@post("/settings/money/prices", needs=Permission.MONEY_WRITE)
async def set_price(request: WebRequest, visitor: Here) -> Response[str]:
    """Put a price on the list, or change it."""
    fields = await read_form(request, visitor)
    try:
        cents = cents_of(fields.get("price", ""), "price")
        what = (fields.get("mailing_class", ""), fields.get("extra_service", ""))
        await money.set_price(context_of(request), visitor.scope, fields.get("kind", ""), cents, *what)
    except SendtrailError as problem:
        if problem.param == "cents":
            problem = SendtrailError("price must not be below zero, nor above a million", "price")
        return await _money_page(request, visitor, fields, problem)
    return see("/settings/money?done=saved")


@post("/settings/money/prices/remove", needs=Permission.MONEY_WRITE)
async def remove_price(request: WebRequest, visitor: Here) -> Response[str]:
    """Take a price off the list."""
    fields = await read_form(request, visitor)
    what = (fields.get("kind", ""), fields.get("mailing_class", ""), fields.get("extra_service", ""))
    await money.remove_price(context_of(request), visitor.scope, *what)
    return see("/settings/money?done=removed")


@post("/settings/money/deposits", needs=Permission.MONEY_WRITE)
async def deposit(request: WebRequest, visitor: Here) -> Response[str]:
    """Book a deposit or an adjustment; the same form sent twice books it once."""
    fields = await read_form(request, visitor)
    try:
        type_ = BOOKABLE.get(fields.get("type", "deposit"))
        if type_ is None:
            raise SendtrailError("type must be a deposit or an adjustment", "type")
        await money.book(
            context_of(request),
            visitor.scope,
            type_,
            cents_of(fields.get("amount", "")),
            fund=fields.get("funding_source", ""),
            note=fields.get("note", ""),
            request=repeat_of(request, fields),
        )
    except SendtrailError as problem:
        if problem.param == "cents":
            told = problem.message if problem.type == "insufficient_funds" else _NO_AMOUNT
            problem = SendtrailError(told, "amount")
        return await _money_page(request, visitor, fields, problem)
    return see("/settings/money?done=deposited")


_NO_AMOUNT = "amount must be other than zero, and below ten trillion"


async def _money_page(
    request: WebRequest, visitor: Visitor, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    names = {
        "price": "price",
        "kind": "kind",
        "mailing_class": "class",
        "extra_service": "service",
        "amount": "amount",
        "type": "type",
        "note": "note",
        "funding_source": "source",
    }
    context = context_of(request)
    return await settings_page(
        request,
        visitor,
        "settings_money.html",
        MONEY,
        wrong=wrong_fields(problem, names),
        typed=typed,
        prices=await money.list_prices(context, visitor.scope),
        balance=await money.balance(context, visitor.scope),
        sources=[(each.id, each.name) for each in await funds.list_funds(context, visitor.scope) if not each.closed_at],
        kinds=KINDS,
        classes=CLASSES,
        services=SERVICES,
        spelled=spelled,
    )
