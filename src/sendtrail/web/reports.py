"""The reporting page."""

from urllib.parse import urlencode

from litestar import Response, get
from litestar.response import Redirect

from sendtrail.domain.problems import Invalid
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services import reports
from sendtrail.web.queries import day_in, query_of
from sendtrail.web.rendering import page, sentence
from sendtrail.web.visitors import Here, WebRequest, context_of

SECTORS = {
    "all": "Everything",
    "bulk": "Bulk campaigns",
    "triggered": "Triggered campaigns",
    "single": "Single items",
    "gift": "Gifts",
}


@get("/", sync_to_thread=False)
def front() -> Redirect:
    """The front page is the report."""
    return Redirect("/reports")


@get("/reports")
async def show_reports(request: WebRequest, visitor: Here) -> Response[str]:
    """How many sends of a period stand where, and what they cost."""
    query = query_of(request)
    sector = query.get("sector", "all")
    error, start, end = "", None, None
    try:
        start, end = day_in(query, "start"), day_in(query, "end")
        summary = await reports.summary(context_of(request), visitor.scope, start, end, sector)  # type: ignore[arg-type]
    except Invalid as problem:
        error = sentence(problem)
        summary = await reports.summary(context_of(request), visitor.scope)
    period = {"start": summary.start.isoformat(), "end": summary.end.isoformat()}

    def link(path: str, **changed: str) -> str:
        kept = period | {"sector": summary.sector} | changed
        return f"{path}?{urlencode({name: value for name, value in kept.items() if value != 'all'})}"

    return page(
        request,
        "reports.html",
        visitor,
        status=400 if error else 200,
        summary=summary,
        rows=[(category, getattr(summary, category.word)) for category in CATEGORIES],
        sectors=SECTORS,
        error=error,
        link=link,
    )
