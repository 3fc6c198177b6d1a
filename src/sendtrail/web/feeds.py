"""Feeds: files and pushes, what of them was refused and what matched no send."""

from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from sendtrail.domain.events import Evidence, label
from sendtrail.services import feeds
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import page
from sendtrail.web.visitors import Here, WebRequest, context_of

FORMATS = {
    "iv_mtr_json": "Informed Visibility scans, JSON",
    "iv_mtr_delimited": "Informed Visibility scans, delimited",
    "imb_tracing": "IMb Tracing records",
    "acs": "ACS records",
    "printer": "Printer reports",
}
_FILES, _REJECTS = 50, 200


@get("/feeds")
async def show_feeds(request: WebRequest, visitor: Here) -> Response[str]:
    """Files and pushes, newest first."""
    files, after = await feeds.list_files(context_of(request), visitor.scope, _FILES, query_of(request).get("after"))
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
    found, more = await feeds.list_unmatched(
        context_of(request), visitor.scope, _REJECTS, query_of(request).get("after")
    )
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
    after = query_of(request).get("after")
    rejects, more = await feeds.list_rejects(context_of(request), visitor.scope, file_id, _REJECTS, after)
    return page(
        request,
        "rejects.html",
        visitor,
        rejects=rejects,
        more=f"/feeds/{file_id}?{urlencode({'after': more})}" if more else "",
    )


def _what(fact: feeds.Unmatched) -> str:
    """What a report says, or where in the mail stream a scan was made."""
    if fact.code:
        return label(fact.code, Evidence[fact.evidence.upper()])
    return fact.phase.replace("_", " ") or "scan"
