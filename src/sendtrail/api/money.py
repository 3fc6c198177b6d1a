"""What sends cost, who pays, what was paid in, and what is left."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, delete, get, patch, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from sendtrail.api.problems import refusals
from sendtrail.api.requests import After, Caller, Here, IdempotencyKey, Limit, repeatable
from sendtrail.api.shapes import Page
from sendtrail.domain.budgets import Period
from sendtrail.domain.money import EntryType
from sendtrail.domain.roles import Permission
from sendtrail.domain.send import ExtraService
from sendtrail.services import budgets, funds, money, statements
from sendtrail.services.statements import Wanted

EntryWord = Literal["deposit", "charge", "refund", "adjustment"]
FundId = Annotated[str, PathParameter(description="A funding source's `id`.")]
Source = Annotated[str, QueryParameter(description="A funding source, by id or name.")]


class NewPrice(msgspec.Struct, forbid_unknown_fields=True):
    """What a send of a kind costs from now on; an empty `mailing_class` or `extra_service` stands for any.

    The most specific price counts: of class and service, else of the service, else of the class, else of the kind.
    """

    kind: str
    cents: int
    mailing_class: str = ""
    extra_service: ExtraService = ""


class NewDeposit(msgspec.Struct, forbid_unknown_fields=True):
    """Money paid in; below zero it takes an earlier deposit back. `funding_source`: the main one if it is left out."""

    cents: int
    funding_source: str = ""
    note: str = ""


class NewAdjustment(msgspec.Struct, forbid_unknown_fields=True):
    """What corrects a balance, above or below zero, and why. `funding_source`: the main one if it is left out."""

    cents: int
    note: str
    funding_source: str = ""


class NewFund(msgspec.Struct, forbid_unknown_fields=True):
    """`team`: by id or name; `owner`: a member by id or e-mail address; without either it is the organization's."""

    name: str
    team: str = ""
    owner: str = ""
    never_below_zero: bool = False


class FundPatch(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change; a field that is left out stays as it is."""

    name: str | None = None
    never_below_zero: bool | None = None


class NewBudget(msgspec.Struct, forbid_unknown_fields=True):
    """What may be spent in a period, by the sends' days: on everything, or by one `team`, or on one `campaign`.

    `strict`: sends that go beyond it are refused; else it is only shown.
    """

    period: Period
    cents: int
    team: str = ""
    campaign: str = ""
    strict: bool = False


class Money(Controller):
    tags = ["money"]  # noqa: RUF012 — read once, by the framework

    @get("/balance", responses=refusals(400, 401, 403), needs=Permission.MONEY_READ)
    async def balance(self, context: Here, caller: Caller) -> money.Balances:
        """What was paid in, less what was spent, in cents: of the whole organization, and by funding source."""
        return await money.balances(context, caller)

    @post("/balance", responses=refusals(400, 401, 402, 403, 409, 413, 415), needs=Permission.MONEY_WRITE)
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
        return await money.deposit(context, caller, data.cents, fund=data.funding_source, note=data.note, request=again)

    @post("/adjustments", responses=refusals(400, 401, 402, 403, 409, 413, 415), needs=Permission.MONEY_WRITE)
    async def adjust(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewAdjustment],
        idempotency_key: IdempotencyKey = None,
    ) -> money.Balances:
        """Correct a balance, with a reason; the balance as it is then. Entries of the ledger never change."""
        again = repeatable(request, idempotency_key, await request.body())
        return await money.book(
            context,
            caller,
            EntryType.ADJUSTMENT,
            data.cents,
            fund=data.funding_source,
            note=data.note,
            request=again,
        )

    @get("/prices", responses=refusals(400, 401, 403), needs=Permission.MONEY_READ)
    async def prices(self, context: Here, caller: Caller) -> Page[money.Price]:
        """The price list. A send that names no cost is charged by it; without a price it costs 0."""
        return Page(await money.list_prices(context, caller), None)

    @put("/prices", responses=refusals(400, 401, 403, 413, 415), needs=Permission.MONEY_WRITE)
    async def set_price(self, context: Here, caller: Caller, data: JSONBody[NewPrice]) -> Page[money.Price]:
        """Put one price on the list, or change it; the list as it is then."""
        await money.set_price(context, caller, data.kind, data.cents, data.mailing_class, data.extra_service)
        return Page(await money.list_prices(context, caller), None)

    @delete("/prices", status_code=200, responses=refusals(400, 401, 403, 404), needs=Permission.MONEY_WRITE)
    async def remove_price(
        self,
        context: Here,
        caller: Caller,
        kind: Annotated[str, QueryParameter(description="As `kind` of a send.")],
        mailing_class: Annotated[str, QueryParameter(description="Empty: the price for any.")] = "",
        extra_service: Annotated[str, QueryParameter(description="Empty: the price without one.")] = "",
    ) -> Page[money.Price]:
        """Take one price off the list, for sends made from now on; the list as it is then."""
        await money.remove_price(context, caller, kind, mailing_class, extra_service)
        return Page(await money.list_prices(context, caller), None)

    @get("/ledger", responses=refusals(400, 401, 403), needs=Permission.MONEY_READ)
    async def ledger(
        self,
        context: Here,
        caller: Caller,
        limit: Limit = 100,
        after: After = None,
        start: FromQuery[date | None] = None,
        end: FromQuery[date | None] = None,
        funding_source: Source = "",
        type: FromQuery[EntryWord | None] = None,
        campaign: Annotated[
            str, QueryParameter(description="A campaign, by id or name, or `none` for what belongs to no campaign.")
        ] = "",
        team: Annotated[str, QueryParameter(description="A team, by id or name.")] = "",
        send: Annotated[str, QueryParameter(description="A send's `id`.")] = "",
    ) -> Page[statements.Entry]:
        """The entries of the ledger that were booked in a period, the latest first; by default of the last 30 days."""
        wanted = Wanted(start, end, funding_source, campaign, team, type or "", send)
        if send and start is None and end is None:
            wanted = wanted._replace(start=date.min, end=date.max)
        return Page(*await statements.entries(context, caller, wanted, after, limit))

    @get("/statement", responses=refusals(400, 401, 403), needs=Permission.MONEY_READ)
    async def statement(
        self,
        context: Here,
        caller: Caller,
        start: FromQuery[date | None] = None,
        end: FromQuery[date | None] = None,
        funding_source: Source = "",
    ) -> statements.Summary:
        """What a period did to the money: opening balance, the sum of each type, closing balance."""
        return await statements.summary(context, caller, Wanted(start, end, funding_source))

    @get(
        "/statement.csv",
        responses={
            200: ResponseSpec(str, generate_examples=False, media_type="text/csv", description="docs/money.md"),
            **refusals(400, 401, 403),
        },
        needs=Permission.MONEY_READ,
    )
    async def statement_csv(
        self,
        context: Here,
        caller: Caller,
        start: FromQuery[date | None] = None,
        end: FromQuery[date | None] = None,
        funding_source: Source = "",
    ) -> Stream:
        """All entries of a period as CSV, the latest first."""
        parts = await statements.csv(context, caller, Wanted(start, end, funding_source))
        name = f'attachment; filename="statement-{datetime.now(UTC).date()}.csv"'
        return Stream(parts, media_type="text/csv", headers={"Content-Disposition": name})

    @get("/funding_sources", responses=refusals(400, 401, 403), needs=Permission.MONEY_READ)
    async def sources(self, context: Here, caller: Caller) -> Page[funds.Fund]:
        """The funding sources and what is in them, the closed ones last."""
        return Page(await funds.list_funds(context, caller), None)

    @post("/funding_sources", responses=refusals(400, 401, 403, 409, 413, 415), needs=Permission.MONEY_WRITE)
    async def add_source(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewFund],
        idempotency_key: IdempotencyKey = None,
    ) -> funds.Fund:
        """Open a funding source for the organization, a team or a person."""
        again = repeatable(request, idempotency_key, await request.body())
        return await funds.add_fund(
            context,
            caller,
            data.name,
            team=data.team,
            owner=data.owner,
            never_below_zero=data.never_below_zero,
            request=again,
        )

    @patch(
        "/funding_sources/{fund_id:str}",
        responses=refusals(400, 401, 403, 404, 409, 413, 415),
        needs=Permission.MONEY_WRITE,
    )
    async def change_source(
        self, context: Here, caller: Caller, fund_id: FundId, data: JSONBody[FundPatch]
    ) -> funds.Fund:
        """Call a funding source otherwise, or let it refuse what it cannot pay for."""
        return await funds.change_fund(context, caller, fund_id, name=data.name, never_below_zero=data.never_below_zero)

    @post(
        "/funding_sources/{fund_id:str}/close",
        status_code=200,
        responses=refusals(400, 401, 403, 404, 409),
        needs=Permission.MONEY_WRITE,
    )
    async def close_source(self, context: Here, caller: Caller, fund_id: FundId) -> funds.Fund:
        """Close a funding source: nothing is charged to it any more, and refunds still come back to it."""
        return await funds.close_fund(context, caller, fund_id)

    @get("/budgets", responses=refusals(400, 401, 403), needs=Permission.MONEY_READ)
    async def list_budgets(self, context: Here, caller: Caller) -> Page[budgets.Budget]:
        """The budgets, and how much of each is spent in the period of today."""
        return Page(await budgets.list_budgets(context, caller), None)

    @put("/budgets", responses=refusals(400, 401, 403, 413, 415), needs=Permission.MONEY_WRITE)
    async def set_budget(self, context: Here, caller: Caller, data: JSONBody[NewBudget]) -> budgets.Budget:
        """Set a budget, in place of the one of the same team or campaign and period, if there is one."""
        return await budgets.set_budget(
            context,
            caller,
            data.period,
            data.cents,
            team=data.team,
            campaign=data.campaign,
            strict=data.strict,
        )

    @delete("/budgets/{budget_id:str}", responses=refusals(400, 401, 403, 404), needs=Permission.MONEY_WRITE)
    async def remove_budget(
        self, context: Here, caller: Caller, budget_id: Annotated[str, PathParameter(description="A budget's `id`.")]
    ) -> None:
        """Remove a budget."""
        await budgets.remove_budget(context, caller, budget_id)
