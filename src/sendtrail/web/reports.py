"""The reporting page."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from litestar import Response, get
from litestar.response import Redirect

from sendtrail.domain.problems import Invalid
from sendtrail.services import reports
from sendtrail.web import charts
from sendtrail.web.periods import PERIODS, Period, period_in
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import page, sentence, today
from sendtrail.web.visitors import Here, WebRequest, context_of

SECTORS = {
    "all": "Everything",
    "bulk": "Bulk campaigns",
    "single": "Single items",
    "triggered": "Triggered campaigns",
    "gift": "Gifts",
}


@get("/", sync_to_thread=False)
def front() -> Redirect:
    """The front page is the report."""
    return Redirect("/reports")


@get("/reports")
async def show_reports(request: WebRequest, visitor: Here) -> Response[str]:
    """How many sends of a period stand where, what they cost, how the days went, and what was sent."""
    context, scope, query = context_of(request), visitor.scope, query_of(request)
    error = ""
    try:
        period, sector = _wanted(query, today(visitor))
    except Invalid as problem:
        error = sentence(problem)
        period, sector = _wanted({}, today(visitor))
    summary = await reports.summary(context, scope, period.start, period.end, sector)
    timeline = await reports.timeline(context, scope, period.start, period.end, sector)
    days = charts.bars(timeline.data)

    def link(path: str = "/reports", **changed: str) -> str:
        kept = (period.query if path == "/reports" else period.days) | {"sector": sector} | changed
        return f"{path}?{urlencode({name: value for name, value in kept.items() if value not in ('', 'all')})}"

    def sector_link(name: str) -> str:
        return f"/reports?{urlencode({'period': name} | ({'sector': sector} if sector != 'all' else {}))}"

    return page(
        request,
        "reports.html",
        visitor,
        status=400 if error else 200,
        error=error,
        period=period,
        periods=[(name, label, sector_link(name)) for name, (label, _) in PERIODS.items()],
        periods_by_name={name: label for name, (label, _) in PERIODS.items()},
        timeline_days=len(timeline.data),
        sectors=SECTORS,
        summary=summary,
        donut=charts.donut(summary, lambda category: link("/sends", category=category)),
        bars=days,
        stacked=charts.stacked(days),
        link=link,
    )


def _wanted(query: Mapping[str, str], day: date) -> tuple[Period, reports.Sector]:
    sector = query.get("sector", "all")
    if sector not in SECTORS:
        raise Invalid(f"sector must be one of {', '.join(SECTORS)}", "sector")
    return period_in(query, day), sector  # type: ignore[return-value]
