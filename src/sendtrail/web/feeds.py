"""Feeds: files and pushes, what of them was refused and what matched no send."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from sendtrail.domain.events import Evidence, label
from sendtrail.domain.meanings import PHASES
from sendtrail.domain.phases import Phase
from sendtrail.domain.plurals import owned
from sendtrail.domain.problems import NotFound
from sendtrail.domain.roles import Permission
from sendtrail.feeds.vendors.catalogue import VENDORS
from sendtrail.feeds.vendors.reader import is_export
from sendtrail.services import accounts, feeds, mailer_ids
from sendtrail.services.feeds import FeedFile
from sendtrail.services.mailer_ids import MailerId
from sendtrail.services.uploads import Upload
from sendtrail.web.measures import size, span
from sendtrail.web.other_mode import shown_elsewhere
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import HEADERS, page
from sendtrail.web.steps import how_known
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of

FORMATS = {
    "iv_mtr_json": "Informed Visibility scans, JSON",
    "iv_mtr_delimited": "Informed Visibility scans, delimited",
    "imb_tracing": "IMb Tracing records",
    "acs": "ACS records",
    "printer": "Printer reports",
}
_SOURCES = {
    "push": "pushed by",
    "upload": "uploaded on this page",
    "api": "uploaded through the API",
    "folder": "from the watched folder",
    "file": "given on the command line",
    "sample": "sample",
}
_FILES, _REJECTS = 50, 200
_PERIODS = (timedelta(days=1), timedelta(days=7))
_QUIET = timedelta(days=2)
"""USPS pushes several times a day while any mail is under way; two days bridge a Sunday and a holiday."""
_PRIVATE = {**HEADERS, "Content-Security-Policy": "default-src 'none'; sandbox"}


@get("/feeds", needs=Permission.FEEDS_READ, takes=("after",))
async def show_feeds(request: WebRequest, visitor: Here) -> Response[str]:
    """Files and pushes, newest first."""
    return await feeds_page(request, visitor)


async def feeds_page(
    request: WebRequest, visitor: Visitor, status: int = 200, *, taken: list[Upload] | None = None, refused: Any = ()
) -> Response[str]:
    """The list, with how an upload went: files `taken`, and names with reasons of those `refused`."""
    context, query = context_of(request), query_of(request)
    files, after = await feeds.list_files(context, visitor.scope, _FILES, query.get("after"))
    day, week = await feeds.totals(context, visitor.scope, *_PERIODS)
    credentials = [each for each in await accounts.list_feeds(context, visitor.scope) if not each.revoked_at]
    return page(
        request,
        "feeds.html",
        visitor,
        status=status,
        files=files,
        busy=any(not file.finished_at for file in files),
        day_totals=day,
        week_totals=week,
        credentials=[(each, _heard(each)) for each in credentials],
        most=context.config.max_upload * 1_000_000,
        exporters=[each for each in VENDORS.values() if each.exports],
        taken=taken or [],
        refused=list(refused),
        older=f"/feeds?{urlencode({'after': after})}" if after else "",
        **_words(),
    )


@get("/feeds/unmatched", needs=Permission.FEEDS_READ, takes=("after",))
async def show_unmatched(request: WebRequest, visitor: Here) -> Response[str]:
    """Scans and reports that match no send (yet)."""
    context = context_of(request)
    found, more = await feeds.list_unmatched(context, visitor.scope, _REJECTS, query_of(request).get("after"))
    own = await mailer_ids.list_mailer_ids(context, visitor.scope)
    return page(
        request,
        "unmatched.html",
        visitor,
        unmatched=[(fact, bool(own) and not any(_within(fact, each) for each in own)) for fact in found],
        count=await feeds.count_unmatched(context, visitor.scope),
        what=_what,
        vendors=VENDORS,
        how_known=_how_known,
        more=f"/feeds/unmatched?{urlencode({'after': more})}" if more else "",
    )


@get("/feeds/{file_id:str}", needs=Permission.FEEDS_READ, takes=("after",))
async def show_file(request: WebRequest, visitor: Here, file_id: FromPath[str]) -> Response[str]:
    """One file or push: how it stands, and the lines of it that could not be taken."""
    context, after = context_of(request), query_of(request).get("after")
    try:
        file = await feeds.get_file(context, visitor.scope, file_id)
    except NotFound:
        return await shown_elsewhere(request, visitor, feeds.get_file, file_id)
    rejects, more = await feeds.list_rejects(context, visitor.scope, file_id, _REJECTS, after)
    response = page(
        request,
        "feed.html",
        visitor,
        file=file,
        rejects=rejects,
        more=f"/feeds/{file_id}?{urlencode({'after': more})}" if more else "",
        **_words(),
    )
    if file.finished_at and "HX-Request" in request.headers:
        response.headers["HX-Refresh"] = "true"  # who watched the reading sees the whole page anew
    return response


@get("/feeds/{file_id:str}/rejects.csv", needs=Permission.FEEDS_READ)
async def download_rejects(request: WebRequest, visitor: Here, file_id: FromPath[str]) -> Stream:
    """The lines that could not be taken, with line and reason, as CSV."""
    context = context_of(request)
    file = await feeds.get_file(context, visitor.scope, file_id)
    lines = await feeds.rejects_csv(context, visitor.scope, file_id)
    return Stream(lines, media_type="text/csv", headers=_PRIVATE | _attached(f"{file.name}.rejects.csv"))


@get("/feeds/{file_id:str}/original", needs=Permission.FEEDS_READ)
async def download_original(request: WebRequest, visitor: Here, file_id: FromPath[str]) -> Stream:
    """The file as it came, byte for byte."""
    original = await feeds.original(context_of(request), visitor.scope, file_id)
    headers = _PRIVATE | _attached(original.name) | {"Content-Length": str(original.size)}
    return Stream(original.pieces, media_type="application/octet-stream", headers=headers)


def _attached(name: str) -> dict[str, str]:
    """Save, never show. Names of any letters go by RFC 6266."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in " .-_") else "_" for sign in name)
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}


def _words() -> dict[str, Any]:
    """What the templates need to tell of a file."""
    return {"format_of": _format, "source_of": _source, "lag_of": _lag, "read_share": _read_share, "size": size}


def _format(file: FeedFile) -> str:
    if vendor := VENDORS.get(file.format.partition(".")[0]):
        return f"{owned(vendor.label)} {'export' if is_export(file.format) else 'webhook'}"
    return FORMATS.get(file.format, "not recognised" if file.finished_at else "not read yet")


def _source(file: FeedFile) -> str:
    words = _SOURCES[file.source]
    return f"{words} {file.feed or 'credentials'}" if file.source == "push" else words


def _lag(file: FeedFile) -> str:
    """How old what it tells was when it came, by the newest of it; empty where it tells nothing."""
    return span(file.received_at - file.newest_at) if file.newest_at else ""


def _read_share(file: FeedFile) -> int:
    """Per cent; what is not finished is never all."""
    return min(99, 100 * file.bytes_read // file.bytes) if file.bytes else 0


def last_heard(at: datetime | None) -> tuple[bool, str]:
    """Whether somebody should look, and when something was last pushed, in words."""
    if at is None:
        return False, "nothing yet"
    silence = datetime.now(UTC) - at
    return silence >= _QUIET, f"quiet for {span(silence)}" if silence >= _QUIET else f"heard {span(silence)} ago"


def _heard(feed: accounts.Feed) -> tuple[bool, str]:
    """As `last_heard`; a vendor is quiet while nothing happens to what it sends, and nobody need look."""
    quiet, words = last_heard(feed.last_heard_at)
    return quiet and not feed.vendor, words


def _what(fact: feeds.Unmatched) -> str:
    """What a report says, or where in the mail stream a scan was made."""
    if fact.code:
        return label(fact.code, Evidence[fact.evidence.upper()])
    return PHASES.get(Phase[fact.phase.upper()], "") if fact.phase else "Seen by the post"


def _how_known(fact: feeds.Unmatched) -> str:
    return how_known({"source": fact.source, "evidence": fact.evidence})


def _within(fact: feeds.Unmatched, mailer_id: MailerId) -> bool:
    """Whether its barcode is one of the range."""
    if not fact.imb:
        return True
    mid, serial = fact.imb[5 : 5 + len(mailer_id.mid)], int(fact.imb[5 + len(mailer_id.mid) :])
    return mid == mailer_id.mid and mailer_id.first_serial <= serial <= mailer_id.last_serial
