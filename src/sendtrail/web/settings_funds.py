"""Settings: funding sources and budgets."""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.amounts import cents_of
from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import budgets, campaigns, funds, people
from sendtrail.web.forms import repeat_of, see, wrong_fields
from sendtrail.web.settings import FUNDS, settings_page
from sendtrail.web.statement import shown
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form

PERIODS = [("month", "Each month"), ("quarter", "Each quarter"), ("year", "Each year"), ("all", "In all")]
_CAMPAIGNS = 500
_NAMES = {
    "name": "name",
    "whose": "owner",
    "period": "period",
    "amount": "amount",
    "of": "what it is for",
}


@get("/settings/funds", needs=Permission.MONEY_WRITE)
async def show_funds(request: WebRequest, visitor: Here) -> Response[str]:
    """Who pays, and what may be spent."""
    return await _funds_page(request, visitor, {})


@post("/settings/funds", needs=Permission.MONEY_WRITE)
async def add_fund(request: WebRequest, visitor: Here) -> Response[str]:
    """Open a funding source; the same form sent twice opens one."""
    fields = await read_form(request, visitor)
    whose = fields.get("whose", "")
    try:
        await funds.add_fund(
            context_of(request),
            visitor.scope,
            fields.get("name", ""),
            team=whose if whose.startswith("team_") else "",
            owner=whose if whose and not whose.startswith("team_") else "",
            never_below_zero="never_below_zero" in fields,
            request=repeat_of(request, fields),
        )
    except SendtrailError as problem:
        return await _funds_page(request, visitor, fields, problem)
    return see("/settings/funds?done=added")


@post("/settings/funds/{fund_id:str}", needs=Permission.MONEY_WRITE)
async def change_fund(request: WebRequest, visitor: Here, fund_id: FromPath[str]) -> Response[str]:
    """Call a source otherwise, let it refuse what it cannot pay for, or close it."""
    fields = await read_form(request, visitor)
    context, scope = context_of(request), visitor.scope
    try:
        if fields.get("do") == "close":
            await funds.close_fund(context, scope, fund_id)
        else:
            never = "never_below_zero" in fields
            await funds.change_fund(context, scope, fund_id, name=fields.get("name"), never_below_zero=never)
    except SendtrailError as problem:
        if problem.type == "not_found":
            raise
        return await _funds_page(request, visitor, {}, SendtrailError(problem.message))
    return see("/settings/funds?done=saved")


@post("/settings/budgets", needs=Permission.MONEY_WRITE)
async def set_budget(request: WebRequest, visitor: Here) -> Response[str]:
    """Set a budget, in place of the one that stood there."""
    fields = await read_form(request, visitor)
    of = fields.get("of", "")
    try:
        await budgets.set_budget(
            context_of(request),
            visitor.scope,
            fields.get("period", ""),
            cents_of(fields.get("amount", "")),
            team=of if of.startswith("team_") else "",
            campaign=of if of and not of.startswith("team_") else "",
            strict="strict" in fields,
        )
    except SendtrailError as problem:
        if problem.param in ("team", "campaign"):
            problem = SendtrailError(problem.message, "of")
        if problem.param == "cents":
            problem = SendtrailError("amount must not be below zero, and below ten trillion", "amount")
        return await _funds_page(request, visitor, fields, problem)
    return see("/settings/funds?done=saved")


@post("/settings/budgets/{budget_id:str}/remove", needs=Permission.MONEY_WRITE)
async def remove_budget(request: WebRequest, visitor: Here, budget_id: FromPath[str]) -> Response[str]:
    """Remove a budget."""
    await read_form(request, visitor)
    await budgets.remove_budget(context_of(request), visitor.scope, budget_id)
    return see("/settings/funds?done=removed")


async def _funds_page(
    request: WebRequest, visitor: Visitor, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    context, scope = context_of(request), visitor.scope
    teams = [(each.id, f"Team {each.name}") for each in await people.list_teams(context, scope)]
    members = [(each.id, each.name or each.email) for each in await people.list_people(context, scope)]
    offered = await campaigns.names_of_campaigns(context, scope, _CAMPAIGNS)
    return await settings_page(
        request,
        visitor,
        "settings_funds.html",
        FUNDS,
        wrong=wrong_fields(problem, _NAMES),
        typed=typed,
        funds=await funds.list_funds(context, scope),
        budgets=[shown(each) for each in await budgets.list_budgets(context, scope)],
        owners=[("", "The organization"), *teams, *members],
        subjects=[("", "Everything"), *teams, *offered.items()],
        periods=PERIODS,
        currency=visitor.organization.currency,
    )
