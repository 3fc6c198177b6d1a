"""The reporting page."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple, cast
from urllib.parse import urlencode

from litestar import Response, get
from litestar.response import Redirect

from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services import performance, reports
from sendtrail.services.campaigns import CampaignTotals
from sendtrail.services.context import Context
from sendtrail.web import charts
from sendtrail.web.periods import AHEAD, PERIODS, Period, period_in
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import HEADERS, page, sentence, today
from sendtrail.web.visitors import Here, WebRequest, context_of

SECTORS = {
    "all": "Everything",
    "bulk": "Bulk campaigns",
    "single": "Single items",
    "triggered": "Triggered campaigns",
    "gift": "Gifts",
}
_FRONTS = {
    "/sends": Permission.SENDS_READ,
    "/reports": Permission.REPORTS_READ,
    "/campaigns": Permission.CAMPAIGNS_READ,
    "/feeds": Permission.FEEDS_READ,
    "/settings/members": Permission.MEMBERS_READ,
    "/settings/audit": Permission.AUDIT_READ,
}
_ITEMS, _CAMPAIGNS = 50, 50
_TEXTS = ("name", "recipient")
_PARAMETERS = ("period", "start", "end", "sector", "sort", "order", "after", "rows")


@get("/", needs=None, sync_to_thread=False)
def front(visitor: Here) -> Redirect:
    """The front page is the report; for who sees their own sends only, the list of them; else what they may see."""
    if visitor.scope.may(Permission.REPORTS_READ, Reach.TEAMS):
        return Redirect("/reports")
    return Redirect(next((page for page, needed in _FRONTS.items() if visitor.scope.may(needed)), "/help/statuses"))


@get("/reports", needs=Permission.REPORTS_READ, takes=_PARAMETERS)
async def show_reports(request: WebRequest, visitor: Here) -> Response[str]:
    """How many sends of a period stand where, what they cost, how the days went, and what was sent."""
    context, scope, query = context_of(request), visitor.scope, query_of(request)
    error = ""
    try:
        wanted = _wanted(query, today(visitor))
        sent = await _sent(context, scope, wanted)
    except Invalid as problem:
        error = sentence(problem)
        wanted = _wanted({}, today(visitor))
        sent = await _sent(context, scope, wanted)
    start, end, sector = wanted.period.start, wanted.period.end, wanted.sector
    summary, timeline = await reports.overview(context, scope, start, end, sector)
    to_deliver = await reports.days_to_deliver(context, scope, start, end, sector)
    by_team = await reports.team_rows(context, scope, start, end, sector)
    bars = charts.bars(timeline.data)
    tomorrow = today(visitor) + timedelta(1)
    return page(
        request,
        "reports.html",
        visitor,
        status=400 if error else 200,
        error=error,
        wanted=wanted,
        periods=PERIODS,
        sectors=SECTORS,
        summary=summary,
        sent=sent,
        engaged=await performance.engaged(context, scope, sent.campaigns, Permission.REPORTS_READ),
        ahead=await _ahead(context, scope, wanted, tomorrow),
        by_team=by_team if any(each.id for each in by_team) else [],
        latest=None if summary.total else await reports.latest_period_with_mail(context, scope, sector, tomorrow),
        donut=charts.donut(summary, lambda category: wanted.link("/sends", category=category)),
        bars=bars,
        grain=charts.grain(timeline.data),
        stacked=charts.stacked(bars, lambda bar: wanted.link(start=f"{bar.start}", end=f"{bar.end}")),
        to_deliver=to_deliver,
        spread=charts.spread(to_deliver),
    )


@get("/reports.csv", needs=Permission.REPORTS_READ, takes=_PARAMETERS)
async def download_reports(request: WebRequest, visitor: Here) -> Response[bytes]:
    """The days of the period as CSV."""
    wanted = _wanted(query_of(request), today(visitor))
    start, end = wanted.period.start, wanted.period.end
    content = await reports.timeline_csv(context_of(request), visitor.scope, start, end, wanted.sector)
    name = f"sends-{wanted.sector}-{start}-{end}.csv"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv", headers=headers)


class Wanted(NamedTuple):
    """What the address asks for. `sort`: '' for the newest first."""

    period: Period
    sector: reports.Sector = "all"
    sort: str = ""
    descending: bool = True
    after: str | None = None
    whole: bool = False
    """Whether all campaigns are wanted, not only the first of them."""

    def link(self, path: str = "/reports", **changed: str) -> str:
        """An address for the same period and sector, changed; '' takes a parameter away."""
        kept = self.period.query if path.startswith("/reports") else self.period.days
        order = {"sort": self.sort, "order": "" if self.descending else "asc"} if path == "/reports" else {}
        if path == "/reports" and self.whole:
            order["rows"] = "every"
        if "sector" in changed or "period" in changed or "start" in changed:
            order = {}
        if "period" in changed or "start" in changed:
            kept = {}
        asked = kept | {"sector": self.sector} | order | changed
        return f"{path}?{urlencode({name: value for name, value in asked.items() if value not in ('', 'all')})}"

    def sorted_by(self, sort: str) -> str:
        """The address of the list sorted by something, text from A and numbers from the largest; the other way round
        where it is sorted so already."""
        descending = not self.descending if sort == (self.sort or "day") else sort not in _TEXTS
        return self.link(sort=sort, order="" if descending else "asc")


class Sent(NamedTuple):
    """What was sent in a period: the campaigns or items of a sector; of everything the campaigns, and totals of the
    others by sector."""

    campaigns: list[CampaignTotals]
    items: reports.Items | None = None
    others: Mapping[str, reports.Summary] = {}
    hidden: int = 0
    """Campaigns that are not among those shown."""
    more: bool = False
    """Whether there are even more, which are reached by fewer days or by name."""


def _wanted(query: Mapping[str, str], day: date) -> Wanted:
    sector = query.get("sector", "all")
    if sector not in SECTORS:
        raise Invalid("there is no such sector: choose one of the tabs", "sector")
    if query.get("order", "desc") not in ("asc", "desc"):
        raise Invalid("order must be asc or desc", "order")
    return Wanted(
        period_in(query, day),
        cast(reports.Sector, sector),
        query.get("sort", ""),
        query.get("order") != "asc",
        query.get("after"),
        query.get("rows") == "every",
    )


async def _sent(context: Context, scope: Scope, wanted: Wanted) -> Sent:
    start, end = wanted.period.start, wanted.period.end
    sort, descending = wanted.sort or "day", wanted.descending
    if wanted.sector == "single" or wanted.sector == "gift":
        return Sent(
            [],
            await reports.item_rows(
                context, scope, start, end, wanted.sector, sort, descending, after=wanted.after, limit=_ITEMS
            ),
        )
    type_ = None if wanted.sector == "all" else wanted.sector
    found = await reports.campaign_rows(context, scope, start, end, type_, sort, descending)
    others: dict[str, reports.Summary] = {}
    rest: tuple[reports.Sector, ...] = ("single", "gift")
    if wanted.sector == "all":
        for sector in rest:
            totals = await reports.summary(context, scope, start, end, sector)
            if totals.total:
                others[sector] = totals
    shown = found.data if wanted.whole else found.data[:_CAMPAIGNS]
    return Sent(shown, None, others, len(found.data) - len(shown), found.more)


async def _ahead(context: Context, scope: Scope, wanted: Wanted, tomorrow: date) -> int:
    """How many sends lie in the 30 days after a period that ends today; 0 for any other period."""
    if wanted.period.end != tomorrow - timedelta(1):
        return 0
    _, end = PERIODS[AHEAD][1](wanted.period.end)
    return (await reports.summary(context, scope, tomorrow, end, wanted.sector)).total
