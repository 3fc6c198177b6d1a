"""The statement: what money did in a period, day by day and campaign by campaign, or entry by entry."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from litestar import Response, get
from litestar.response import Stream

from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission, Reach
from sendtrail.services import budgets, campaigns, funds, people, statements
from sendtrail.services.budgets import Budget
from sendtrail.services.statements import NO_CAMPAIGN, TYPES
from sendtrail.web.periods import PERIODS, Period, period_in
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import HEADERS, page, sentence, today
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of

CHOICES = ("funding_source", "type", "campaign", "team")
"""What a statement can be narrowed to."""
PARAMETERS = ("period", "start", "end", *CHOICES, "show", "after")
TYPE_NAMES = {word: f"{word.capitalize()}s" for word in TYPES}
_PAST = {name: about for name, about in PERIODS.items() if not name.startswith("next")}
_LINES, _CAMPAIGNS = 50, 500


class Wanted(NamedTuple):
    """What the address asks for. `single`: entry by entry."""

    period: Period
    chosen: Mapping[str, str]
    single: bool = False
    after: str | None = None

    @property
    def asked(self) -> statements.Wanted:
        return statements.Wanted(self.period.start, self.period.end, **self.chosen)

    def link(self, path: str = "/statement", **changed: str) -> str:
        """An address for the same statement, changed; '' takes a parameter away. It leads to the first page."""
        period = {} if "period" in changed or "start" in changed else self.period.query
        shown = {"show": "entries" if self.single and path == "/statement" else ""}
        values = {**period, **self.chosen, **shown, **changed}
        return f"{path}?{urlencode({name: value for name, value in values.items() if value})}"

    def entries_of(self, line: statements.Line) -> str:
        """Where the single entries of a line are."""
        day = line.day.isoformat()
        campaign = line.campaign.id if line.campaign else NO_CAMPAIGN
        named = {"funding_source": line.funding_source.id, "type": line.type, "campaign": campaign}
        return self.link(start=day, end=day, show="entries", **named)


@get("/statement", needs=Permission.MONEY_READ, takes=PARAMETERS)
async def show_statement(request: WebRequest, visitor: Here) -> Response[str]:
    """Opening balance, what was booked, closing balance; budgets and what is in each source."""
    context, scope, query = context_of(request), visitor.scope, query_of(request)
    error = ""
    try:
        wanted = _wanted(query, today(visitor))
        summary = await statements.summary(context, scope, wanted.asked)
        lines, entries, after = await _booked(request, visitor, wanted)
    except Invalid as problem:
        error = sentence(problem)
        wanted = _wanted({}, today(visitor))
        summary = await statements.summary(context, scope, wanted.asked)
        lines, entries, after = await _booked(request, visitor, wanted)
    return page(
        request,
        "statement.html",
        visitor,
        status=400 if error else 200,
        error=error,
        wanted=wanted,
        periods=_PAST,
        choices=await _choices(request, visitor),
        summary=summary,
        lines=lines,
        entries=entries,
        older=wanted.link(after=after) if after else "",
        newest=wanted.link() if wanted.after else "",
        funds=await funds.list_funds(context, scope),
        budgets=[shown(each) for each in await budgets.list_budgets(context, scope)],
        type_names=TYPE_NAMES,
    )


@get("/statement.csv", needs=Permission.MONEY_READ, takes=PARAMETERS)
async def download_statement(request: WebRequest, visitor: Here) -> Stream:
    """All entries of the statement as CSV."""
    wanted = _wanted(query_of(request), today(visitor))
    parts = await statements.csv(context_of(request), visitor.scope, wanted.asked)
    name = f"statement-{wanted.period.start}-{wanted.period.end}.csv"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(parts, media_type="text/csv", headers=headers)


class ShownBudget(NamedTuple):
    """A budget in words; `beyond`: more than it allows is spent."""

    budget: Budget
    of: str
    when: str
    beyond: bool


def shown(budget: Budget) -> ShownBudget:
    """A budget as pages tell it."""
    of = f"Team {budget.team.name}" if budget.team else budget.campaign.name if budget.campaign else "Everything"
    return ShownBudget(budget, of, _when(budget), budget.left < 0)


def _when(budget: Budget) -> str:
    start = budget.start
    if start is None:
        return "in all"
    if budget.period == "month":
        return f"{start:%B %Y}"
    return f"{start.year}" if budget.period == "year" else f"quarter {(start.month + 2) // 3} of {start.year}"


async def _booked(
    request: WebRequest, visitor: Visitor, wanted: Wanted
) -> tuple[list[statements.Line], list[statements.Entry], str | None]:
    context, scope = context_of(request), visitor.scope
    if wanted.single:
        entries, after = await statements.entries(context, scope, wanted.asked, wanted.after, _LINES)
        return [], entries, after
    lines, after = await statements.lines(context, scope, wanted.asked, wanted.after, _LINES)
    return lines, [], after


def _wanted(query: Mapping[str, str], day: date) -> Wanted:
    if query.get("show", "entries") != "entries":
        raise Invalid("show must be entries, or left out", "show")
    chosen = {name: query[name] for name in CHOICES if name in query}
    return Wanted(period_in(query, day), chosen, "show" in query, query.get("after"))


async def _choices(request: WebRequest, visitor: Visitor) -> dict[str, tuple[str, dict[str, str]]]:
    """For each filter its name and what it offers, by the value that the address has."""
    context, scope = context_of(request), visitor.scope
    sources = {fund.id: fund.name for fund in await funds.list_funds(context, scope)}
    offered = await campaigns.names_of_campaigns(context, scope, _CAMPAIGNS)
    teams: dict[str, str] = {}
    if scope.may(Permission.MONEY_READ, Reach.TEAMS):
        whole = scope.may(Permission.MONEY_READ, Reach.ORGANIZATION)
        numbers = {context.ids.encode("team", number) for number in scope.teams}
        teams = {team.id: team.name for team in await people.list_teams(context, scope) if whole or team.id in numbers}
    return {
        "funding_source": ("Source", sources),
        "type": ("Type", TYPE_NAMES),
        "campaign": ("Campaign", offered | {NO_CAMPAIGN: "No campaign"}),
        "team": ("Team", teams),
    }
