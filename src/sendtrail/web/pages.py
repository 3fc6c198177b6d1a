"""The pages: reports, sends, feeds."""

from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from sendtrail.domain.events import EVENT_TYPES, Evidence, label
from sendtrail.domain.problems import Invalid
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services import feeds, reports, sends
from sendtrail.services.send_lists import Wanted, list_sends
from sendtrail.web.rendering import MARK, STYLE, page, sentence
from sendtrail.web.steps import how_known, steps
from sendtrail.web.visitors import Here, WebRequest, context_of

SECTORS = {
    "all": "Everything",
    "bulk": "Bulk campaigns",
    "triggered": "Triggered campaigns",
    "single": "Single items",
    "gift": "Gifts",
}
_LABELS: dict[str, str] = {}
for _type in EVENT_TYPES:
    if _type.stage:
        _LABELS.setdefault(_type.code, _type.label.removeprefix("Presumed ").capitalize())
STATUSES = dict(sorted(_LABELS.items(), key=lambda each: each[1]))
FORMATS = {
    "iv_mtr_json": "Informed Visibility scans, JSON",
    "iv_mtr_delimited": "Informed Visibility scans, delimited",
    "imb_tracing": "IMb Tracing records",
    "acs": "ACS records",
    "printer": "Printer reports",
}
_SENDS, _FILES, _REJECTS = 50, 50, 200


@get("/", sync_to_thread=False)
def front() -> Redirect:
    """The front page is the report."""
    return Redirect("/reports")


@get("/reports")
async def show_reports(request: WebRequest, visitor: Here) -> Response[str]:
    """How many sends of a period stand where, and what they cost."""
    query = _query(request)
    sector = query.get("sector", "all")
    error, start, end = "", None, None
    try:
        start, end = _day(query, "start"), _day(query, "end")
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


@get("/sends")
async def show_sends(request: WebRequest, visitor: Here) -> Response[str]:
    """The newest sends, or those that were asked for."""
    query = _query(request)
    error = ""
    try:
        wanted = Wanted(
            after=query.get("after"),
            q=query.get("q", ""),
            status=query.get("status"),
            category=query.get("category"),
            sector=query.get("sector", "all"),
            start=_day(query, "start"),
            end=_day(query, "end"),
        )
        found, after = await list_sends(context_of(request), visitor.scope, wanted, _SENDS)
    except Invalid as problem:
        error, wanted, found, after = sentence(problem), replace(Wanted(), q=query.get("q", "")), [], None
    kept = {name: value for name, value in query.items() if name != "after"}
    return page(
        request,
        "sends.html",
        visitor,
        status=400 if error else 200,
        sends=found,
        wanted=wanted,
        error=error,
        statuses=STATUSES,
        categories=CATEGORIES,
        filtered=bool(kept),
        older=f"/sends?{urlencode(kept | {'after': after})}" if after else "",
        newest=f"/sends?{urlencode(kept)}" if wanted.after else "",
    )


@get("/sends/{send_id:str}")
async def show_send(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """One send: where it stands, its way in eight steps, and every event with how we know."""
    send = await sends.get(context_of(request), visitor.scope, send_id)
    return page(
        request,
        "send.html",
        visitor,
        send=send,
        steps=steps(send["status"], send["trail"]),
        trail=sorted(send["trail"], key=lambda event: (event["occurred_at"], event["seq"]), reverse=True),
        how_known=how_known,
    )


@get("/feeds")
async def show_feeds(request: WebRequest, visitor: Here) -> Response[str]:
    """Files and pushes, newest first."""
    files, after = await feeds.list_files(context_of(request), visitor.scope, _FILES, _query(request).get("after"))
    return page(
        request,
        "feeds.html",
        visitor,
        files=files,
        formats=FORMATS,
        older=f"/feeds?{urlencode({'after': after})}" if after else "",
    )


@get("/feeds/unmatched")
async def show_unmatched(request: WebRequest, visitor: Here) -> Response[str]:
    """Scans and reports that match no send (yet)."""
    found, more = await feeds.list_unmatched(context_of(request), visitor.scope, _REJECTS, _query(request).get("after"))
    return page(
        request,
        "unmatched.html",
        visitor,
        unmatched=found,
        what=_what,
        more=f"/feeds/unmatched?{urlencode({'after': more})}" if more else "",
    )


@get("/feeds/{file_id:str}")
async def show_rejects(request: WebRequest, visitor: Here, file_id: FromPath[str]) -> Response[str]:
    """The lines of a file that could not be taken, and why."""
    after = _query(request).get("after")
    rejects, more = await feeds.list_rejects(context_of(request), visitor.scope, file_id, _REJECTS, after)
    return page(
        request,
        "rejects.html",
        visitor,
        rejects=rejects,
        more=f"/feeds/{file_id}?{urlencode({'after': more})}" if more else "",
    )


@get([STYLE.path, MARK.path], sync_to_thread=False)
def show_asset(request: WebRequest) -> Response[str]:
    """The style sheet and the mark."""
    asset = STYLE if request.url.path == STYLE.path else MARK
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def _query(request: WebRequest) -> dict[str, str]:
    """The parameters that are not empty: a form sends those of its empty fields too."""
    given = {name: str(value).strip() for name, value in request.query_params.items()}
    return {name: value for name, value in given.items() if value and "\0" not in value}


def _what(fact: feeds.Unmatched) -> str:
    """What a report says, or where in the mail stream a scan was made."""
    if fact.code:
        return label(fact.code, Evidence[fact.evidence.upper()])
    return fact.phase.replace("_", " ") or "scan"


def _day(query: dict[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(query[name]) if name in query else None
    except ValueError:
        raise Invalid(f"{name} must be a day such as 2026-03-02", name) from None
