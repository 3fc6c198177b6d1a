"""What a printer merges: the links of a campaign as CSV, and with their QR codes as a ZIP archive.

Texts are those that were given, for they are what is printed; the CSV can be asked for as a spreadsheet needs it
instead. Pieces that were cancelled or failed are left out.
Both are made while they are sent, some thousand links at a time, so memory stays the same however many there are.
"""

import asyncio
import zipfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import BinaryIO, NamedTuple, cast

from sendtrail.documents.qr import FORMATS, Format, draw
from sendtrail.domain import cells
from sendtrail.domain.bulk_ids import encode_many
from sendtrail.domain.events import Kind
from sendtrail.domain.problems import Invalid
from sendtrail.domain.scope import Scope
from sendtrail.services import campaigns
from sendtrail.services.context import Context
from sendtrail.services.exports import BOM, Part
from sendtrail.services.link_addresses import base
from sendtrail.store import audit
from sendtrail.store import links as store
from sendtrail.store.links import PrintedRow

COLUMNS = (
    *("id", "external_id", "kind", "to.name", "to.company", "to.address_line1", "to.address_line2", "to.city"),
    *("to.state", "to.postal_code", "to.country", "imb", "code", "link", "qr"),
)
"""docs/links.md tells what each holds."""
PART = 20_000
"""Links in one archive: what it holds is listed at its end, so a greater one would take memory as it grows."""
_PIECE = 5_000
_DRAWN = 100
_KINDS = {int(kind): kind.word for kind in Kind}


class Printed(NamedTuple):
    """A campaign whose links are to be printed, and how many of them are."""

    landing_id: int
    name: str
    links: int

    @property
    def parts(self) -> int:
        """Into how many archives they go; one at least."""
        return max(1, -(-self.links // PART))


async def printed(context: Context, scope: Scope, campaign: str) -> Printed:
    """What there is to print of a campaign, by id or name. Invalid names `campaign`."""
    async with context.database.snapshot() as connection:
        row = (await campaigns.called(connection, context, scope, [campaign])).get(campaign)
        if row is None:
            raise Invalid(f"campaign {campaign[:60]!a} does not exist", "campaign")
        if not row.landing_id:
            raise Invalid(f"campaign {row.name[:60]!a} has no links: give it a link.url first", "campaign")
        return Printed(row.landing_id, row.name, await store.count(connection, scope, row.landing_id))


async def csv(context: Context, scope: Scope, of: Printed, *, spreadsheet: bool = False) -> AsyncGenerator[Part, None]:
    """The links of a campaign, the first made first; with `spreadsheet`, a byte order mark, and an apostrophe before
    what a spreadsheet would run or change. The audit trail tells who took them out."""
    async with context.database.transaction() as connection:
        await audit.note(connection, scope, "links.exported", of.name, format="csv")
    return _csv(context, scope, of, spreadsheet)


async def archive(
    context: Context, scope: Scope, of: Printed, format_: str = "svg", part: int = 1
) -> AsyncGenerator[bytes, None]:
    """The same with the pictures of the QR codes, 20,000 links an archive. Invalid names `format` or `part`."""
    if format_ not in FORMATS:
        raise Invalid(f"format must be one of {', '.join(FORMATS)}", "format")
    if not 1 <= part <= of.parts:
        raise Invalid(f"part must lie between 1 and {of.parts}", "part")
    async with context.database.transaction() as connection:
        await audit.note(connection, scope, "links.exported", of.name, format=f"zip of {format_}", part=part)
        after = await store.place(connection, scope, of.landing_id, (part - 1) * PART)
    return _archive(context, scope, of, format_, after)


async def _csv(context: Context, scope: Scope, of: Printed, spreadsheet: bool) -> AsyncGenerator[Part, None]:
    yield Part((BOM if spreadsheet else b"") + cells.line(COLUMNS).encode(), 0)
    async with aclosing(_pieces(context, scope, of, 0)) as pieces:
        async for rows in pieces:
            yield Part(await asyncio.to_thread(_lines, context, rows, spreadsheet, ""), len(rows))


async def _archive(
    context: Context, scope: Scope, of: Printed, format_: Format, after: int
) -> AsyncGenerator[bytes, None]:
    sink = _Sink()
    with zipfile.ZipFile(cast(BinaryIO, sink), "w", zipfile.ZIP_DEFLATED) as made:
        listed = cells.line(COLUMNS).encode()
        left = PART
        async with aclosing(_pieces(context, scope, of, after)) as pieces:
            async for rows in pieces:
                some = rows[:left]
                left -= len(some)
                listed += await asyncio.to_thread(_lines, context, some, False, format_)
                for start in range(0, len(some), _DRAWN):
                    await asyncio.to_thread(_draw, context, made, some[start : start + _DRAWN], format_)
                    yield sink.take()
                if not left:
                    break
        made.writestr("links.csv", listed)
    yield sink.take()


async def _pieces(context: Context, scope: Scope, of: Printed, after: int) -> AsyncGenerator[list[PrintedRow], None]:
    while True:
        async with context.database.snapshot() as connection:
            rows = await store.rows(connection, scope, of.landing_id, after, _PIECE)
        if rows:
            yield rows
        if len(rows) < _PIECE:
            return
        after = rows[-1].id


def _lines(context: Context, rows: list[PrintedRow], spreadsheet: bool, format_: str) -> bytes:
    """Lines of the CSV; with a format, the pictures are files beside it, else addresses."""
    ids = encode_many(context.ids, [_KINDS[row.kind] for row in rows], [row.send_id for row in rows])
    start = f"{base(context)}/r/"
    lines = []
    for id_, code, row in zip(ids, _codes(context, rows), rows, strict=True):
        given = [row.external_id, *row[4:]]
        texts = cells.marked(given, numbers=True) if spreadsheet else given
        qr = f"qr/{code}.{format_}" if format_ else f"{start}{code}.svg"
        lines.append(cells.joined([id_, texts[0], _KINDS[row.kind], *texts[1:], code, start + code, qr]) + "\r\n")
    return "".join(lines).encode()


def _codes(context: Context, rows: list[PrintedRow]) -> list[str]:
    ids = encode_many(context.ids, ["link"] * len(rows), [row.id for row in rows])
    return [each.removeprefix("link_") for each in ids]


def _draw(context: Context, into: zipfile.ZipFile, rows: list[PrintedRow], format_: Format) -> None:
    for code in _codes(context, rows):
        picture = draw(f"{base(context)}/r/{code}".upper(), format_)
        into.writestr(f"qr/{code}.{format_}", picture)


class _Sink:
    """Takes what an archive writes until it is sent. It cannot be sought in, so the archive is written straight on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._parts.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        """What was written since it was last asked."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken
