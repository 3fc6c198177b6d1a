"""What sends cost, what was paid in, and what is left."""

from typing import Any

import msgspec
from litestar import Controller, Request, get, post, put
from litestar.params import JSONBody

from sendtrail.api.problems import refusals
from sendtrail.api.requests import Caller, Here, IdempotencyKey, repeatable
from sendtrail.api.shapes import Page
from sendtrail.domain.roles import Permission
from sendtrail.services import money


class NewPrice(msgspec.Struct, forbid_unknown_fields=True):
    """What a send of a kind costs from now on; an empty `mailing_class` stands for any, and the exact class wins."""

    kind: str
    cents: int
    mailing_class: str = ""


class NewDeposit(msgspec.Struct, forbid_unknown_fields=True):
    """Money paid in; below zero it corrects an earlier deposit."""

    cents: int


class Money(Controller):
    tags = ["money"]  # noqa: RUF012 — read once, by the framework

    @get("/balance", responses=refusals(400, 401, 403), needs=Permission.MONEY_READ)
    async def balance(self, context: Here, caller: Caller) -> money.Balances:
        """What was paid in, less what was spent, in cents."""
        return await money.balances(context, caller)

    @post("/balance", responses=refusals(400, 401, 403, 409, 413, 415), needs=Permission.MONEY_WRITE)
    async def add_deposit(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewDeposit],
        idempotency_key: IdempotencyKey = None,
    ) -> money.Balances:
        """Note money paid in; the balance as it is then. Test mode has no money."""
        again = repeatable(request, idempotency_key, await request.body())
        return await money.deposit(context, caller, data.cents, request=again)

    @get("/prices", responses=refusals(400, 401, 403), needs=Permission.MONEY_READ)
    async def prices(self, context: Here, caller: Caller) -> Page[money.Price]:
        """The price list. A send that names no cost is charged by it; without a price it costs 0."""
        return Page(await money.list_prices(context, caller), None)

    @put("/prices", responses=refusals(400, 401, 403, 413, 415), needs=Permission.MONEY_WRITE)
    async def set_price(self, context: Here, caller: Caller, data: JSONBody[NewPrice]) -> Page[money.Price]:
        """Put one price on the list, or change it; the list as it is then."""
        await money.set_price(context, caller, data.kind, data.cents, data.mailing_class)
        return Page(await money.list_prices(context, caller), None)
