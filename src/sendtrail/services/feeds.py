"""What feeds brought: files and pushes, lines that could not be taken, scans that match no send."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from sendtrail.domain import cells
from sendtrail.domain.events import CODE_BY_ID, SCAN_EVIDENCE, Evidence, Source
from sendtrail.domain.packing import ITEM, META, NO_OPERATION, from_ms
from sendtrail.domain.phases import Phase
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.scope import Scope
from sendtrail.services import archive
from sendtrail.services.context import Context
from sendtrail.services.ingest import Summary, ingest_stream
from sendtrail.store import credentials, feed_files, unmatched_reports
from sendtrail.store.feed_files import FeedFileRow, UnmatchedRow
from sendtrail.store.unmatched_reports import ReportRow

MAX_NAME = 255
_CSV_PAGE = 1_000
_REPORTS = "r"
"""What a cursor among reports begins with."""
_MAX_BIGINT = (1 << 63) - 1


State = Literal["waiting", "reading", "done", "incomplete", "failed"]
SourceWord = Literal["push", "upload", "api", "folder", "file", "sample"]
_SOURCES: dict[str, SourceWord] = {"feed": "push", "member": "upload", "key": "api", "feed-dir": "folder"}
"""By the actor who brought it; whatever else is a file given on the command line."""


class FeedFile(msgspec.Struct, frozen=True):
    """A file or push. `finished_at`: when it was first read to its end; null while it is being read, also once more.

    `new`: the events that it brought, however often it came; `duplicate`: what was known from elsewhere when it first
    came. `state`: `failed` where nothing of it could be taken, `incomplete` where its end was missing or damaged.
    `feed`: the name of the credentials that it was pushed with. `bytes_read`: how far its reading has come.
    `oldest_at`, `newest_at`: from when to when it tells, null of nothing.
    """

    id: str
    name: str
    format: str
    state: State
    source: SourceWord
    feed: str | None
    live: bool
    sha256: str
    bytes: int
    received_at: datetime
    finished_at: datetime | None
    bytes_read: int
    oldest_at: datetime | None
    newest_at: datetime | None
    new: int
    duplicate: int
    unmatched: int
    rejected: int


class Totals(msgspec.Struct, frozen=True):
    """What came in over some time."""

    files: int
    new: int
    duplicate: int
    unmatched: int
    rejected: int


class Original(NamedTuple):
    """A file as it came. `size`: in bytes."""

    name: str
    size: int
    pieces: AsyncIterator[bytes]


class Received(msgspec.Struct, frozen=True):
    """How a push went. Its bytes are kept as `file` whatever the counts are; empty for a vendor's trial of an address,
    which says nothing."""

    file: str
    new: int
    duplicate: int
    unmatched: int
    rejected: int


class Reject(msgspec.Struct, frozen=True):
    """A line, record or array element that could not be taken; `raw`: its first 4,096 bytes as text."""

    line: int
    reason: str
    raw: str


class Unmatched(msgspec.Struct, frozen=True):
    """A scan or report of a barcode that is no send of ours (yet).

    `imb`: the 20 digits as read; `recipient_zip`: of its routing code; `phase` and `operation` of a scan, `code` of a
    report; `zip`: of the facility. `send`: how a vendor (`lob:ltr_1`) or a carrier (a tracking number) names it instead
    of a barcode. Empty where not given.
    """

    imb: str
    send: str
    recipient_zip: str
    occurred_at: datetime
    source: str
    evidence: str
    phase: str
    operation: str
    code: str
    zip: str
    file: str | None


async def receive_file(context: Context, scope: Scope, chunks: AsyncIterator[bytes], name: str) -> FeedFile:
    """Keep an uploaded file, then read it. Invalid for an empty one."""
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise Invalid(f"name must be 1 to {MAX_NAME} characters on one line", "name")
    summary = await ingest_stream(context, scope, await _not_empty(chunks), name)
    return await get_file(context, scope, context.ids.encode("file", summary.feed_file_id))


async def receive_push(
    context: Context,
    scope: Scope,
    chunks: AsyncIterator[bytes],
    feed_id: int,
    *,
    what: str = "push",
    format_: str = "",
) -> Received:
    """Keep what a feed pushes to us, then read it. Invalid for an empty body. `format_`: of what a vendor sends."""
    name = f"{what} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    async with context.database.transaction() as connection:
        await credentials.heard(connection, scope, feed_id)
    summary: Summary = await ingest_stream(context, scope, await _not_empty(chunks), name, feed_id, format_=format_)
    return Received(
        file=context.ids.encode("file", summary.feed_file_id),
        new=summary.new,
        duplicate=summary.duplicate,
        unmatched=summary.unmatched,
        rejected=summary.rejected,
    )


async def list_files(
    context: Context, scope: Scope, limit: int, after: str | None = None
) -> tuple[list[FeedFile], str | None]:
    """Files and pushes, newest first, and the cursor of the next page."""
    before = None
    if after is not None:
        try:
            before = _file_number(context, after)
        except NotFound:
            raise _bad_cursor() from None
    async with context.database.snapshot() as connection:
        rows = await feed_files.page(connection, scope, before, limit + 1)
    shown = [_shown_file(context, scope, row) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else None


async def get_file(context: Context, scope: Scope, file_id: str) -> FeedFile:
    """One file or push; NotFound."""
    return _shown_file(context, scope, await _row(context, scope, file_id))


async def totals(context: Context, scope: Scope, *ages: timedelta) -> list[Totals]:
    """What came in since each of these times ago."""
    async with context.database.snapshot() as connection:
        return [Totals(*await feed_files.totals(connection, scope, age)) for age in ages]


async def original(context: Context, scope: Scope, file_id: str) -> Original:
    """A file as it came, byte for byte. NotFound, also where the archive has lost it."""
    row = await _row(context, scope, file_id)
    try:
        pieces = await archive.contents(context.config.archive, row.digest)
    except FileNotFoundError:
        raise NotFound(f"the archive does not have {row.name[:60]!a} any more", "id") from None
    return Original(row.name, row.bytes, pieces)


async def list_rejects(
    context: Context, scope: Scope, file_id: str, limit: int, after: str | None = None
) -> tuple[list[Reject], str | None]:
    """What could not be taken from a file, in the order of its lines, and the cursor of the next page.

    A page ends with a whole line, so it may be a little shorter or longer than `limit`.
    """
    number = _file_number(context, file_id)
    line = 0 if after is None else _whole(after)
    async with context.database.snapshot() as connection:
        if await feed_files.read(connection, scope, number) is None:
            raise NotFound(f"no feed file {file_id[:60]!a}", "id")
        asked = limit
        rows = await feed_files.rejects(connection, scope, number, line, asked + 1)
        while len(rows) > asked and rows[0].line == rows[-1].line:
            asked *= 2
            rows = await feed_files.rejects(connection, scope, number, line, asked + 1)
    more = len(rows) > asked
    whole = [row for row in rows if row.line < rows[-1].line] if more else rows
    return [Reject(row.line, row.reason, _text(row.raw)) for row in whole], str(whole[-1].line) if more else None


async def rejects_csv(context: Context, scope: Scope, file_id: str) -> AsyncIterator[bytes]:
    """The same as CSV with a header, page by page. NotFound is raised before the first byte is asked for."""
    first = await list_rejects(context, scope, file_id, _CSV_PAGE)

    async def lines() -> AsyncIterator[bytes]:
        yield cells.line(("line", "reason", "raw")).encode()
        rejects, after = first
        while True:
            yield "".join(cells.line((each.line, each.reason, each.raw)) for each in rejects).encode()
            if after is None:
                return
            rejects, after = await list_rejects(context, scope, file_id, _CSV_PAGE, after)

    return lines()


async def list_unmatched(
    context: Context, scope: Scope, limit: int, after: str | None = None
) -> tuple[list[Unmatched], str | None]:
    """What vendors and carriers say of sends that we do not know, in the order in which it came, then scans that match
    no send, by barcode and time; and the cursor of the next page.

    The reports are few, and each may be a send that somebody forgot; of scans there may be thousands.
    """
    in_scans = after is not None and not after.startswith(_REPORTS)
    reported = _whole(after.removeprefix(_REPORTS)) if after and not in_scans else 0
    async with context.database.snapshot() as connection:
        reports = [] if in_scans else await unmatched_reports.page(connection, scope, reported, limit + 1)
        rest = limit + 1 - len(reports)
        at = _unmatched_cursor(after if in_scans else None)
        rows = await feed_files.unmatched(connection, scope, at, rest) if rest else []
    told, scans = reports[:limit], rows[: limit - len(reports[:limit])]
    shown = [_shown_report(context, row) for row in told] + [_shown_unmatched(context, row) for row in scans]
    if len(rows) + len(reports) <= limit:
        return shown, None
    return shown, _cursor_of(scans[-1]) if scans else f"{_REPORTS}{told[-1].id}"


async def count_unmatched(context: Context, scope: Scope) -> int:
    """How many scans and reports match no send."""
    async with context.database.snapshot() as connection:
        scans = await feed_files.count_unmatched(connection, scope)
        return scans + await unmatched_reports.count(connection, scope)


async def _not_empty(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for first in chunks:
        if first:
            break
    else:
        raise Invalid("the body is empty: send the bytes of the file")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return all_of_them()


async def _row(context: Context, scope: Scope, file_id: str) -> FeedFileRow:
    async with context.database.snapshot() as connection:
        row = await feed_files.read(connection, scope, _file_number(context, file_id))
    if row is None:
        raise NotFound(f"no feed file {file_id[:60]!a}", "id")
    return row


def _state(row: FeedFileRow) -> State:
    if not row.finished_at:
        return "reading" if row.claimed else "waiting"
    if not row.format or (row.rejected and not row.new + row.duplicate + row.unmatched):
        return "failed"
    return "incomplete" if row.incomplete else "done"


def _shown_file(context: Context, scope: Scope, row: FeedFileRow) -> FeedFile:
    return FeedFile(
        id=context.ids.encode("file", row.id),
        name=row.name,
        format=row.format,
        state=_state(row),
        source="sample" if row.sample else _SOURCES.get(row.brought_by.partition(":")[0], "file"),
        feed=row.feed_name,
        live=scope.live,
        sha256=row.digest.hex(),
        bytes=row.bytes,
        received_at=row.received_at,
        finished_at=row.finished_at,
        bytes_read=row.bytes_read,
        oldest_at=row.oldest_at,
        newest_at=row.newest_at,
        new=row.new,
        duplicate=row.duplicate,
        unmatched=row.unmatched,
        rejected=row.rejected,
    )


def _shown_unmatched(context: Context, row: UnmatchedRow) -> Unmatched:
    item, meta = ITEM.unpack(row.item), META.unpack(row.meta)
    printed, zip_ = divmod(row.label, 100_000)
    source, evidence, sub = Source(item["source"]), Evidence(item["evidence"]), item["sub"]
    scan = source is Source.USPS and evidence in SCAN_EVIDENCE
    return Unmatched(
        imb=f"{printed:05d}{row.mid_serial:015d}",
        send="",
        recipient_zip=f"{zip_:05d}" if zip_ else "",
        occurred_at=from_ms(item["ms"]),
        source=source.word,
        evidence=evidence.word,
        phase=Phase(sub).name.lower() if scan and sub else "",
        operation="" if item["op"] == NO_OPERATION else f"{item['op']:03d}",
        code="" if scan else CODE_BY_ID[sub],
        zip=f"{meta['zip']:05d}" if meta["zip"] else "",
        file=context.ids.encode("file", row.feed_file_id) if row.feed_file_id else None,
    )


def _shown_report(context: Context, row: ReportRow) -> Unmatched:
    item, meta = ITEM.unpack(row.item), META.unpack(row.meta)
    return Unmatched(
        imb="",
        send=row.name,
        recipient_zip="",
        occurred_at=from_ms(item["ms"]),
        source=Source(item["source"]).word,
        evidence=Evidence(item["evidence"]).word,
        phase="",
        operation="",
        code=CODE_BY_ID[item["sub"]],
        zip=f"{meta['zip']:05d}" if meta["zip"] else "",
        file=context.ids.encode("file", row.feed_file_id) if row.feed_file_id else None,
    )


def _cursor_of(row: UnmatchedRow) -> str:
    return f"{row.mid_serial}-{row.item}-{row.label}"


def _file_number(context: Context, public_id: str) -> int:
    try:
        prefix, number = context.ids.decode(public_id)
    except ValueError:
        prefix, number = "", 0
    if prefix != "file":
        raise NotFound(f"no feed file {public_id[:60]!a}", "id")
    return number


def _unmatched_cursor(after: str | None) -> tuple[int, int, int]:
    if after is None:
        return 0, 0, 0
    parts = after.split("-")
    if len(parts) != 3:
        raise _bad_cursor()
    barcode, item, label = map(_whole, parts)
    return barcode, item, label


def _whole(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19 and int(digits) <= _MAX_BIGINT):
        raise _bad_cursor()
    return int(digits)


def _bad_cursor() -> Invalid:
    return Invalid("after must be a cursor that a list answered as next", "after")


def _text(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace").replace("\0", "\\x00")
