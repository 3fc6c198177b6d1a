"""Sends as CSV: exactly those of a list, however many there are.

A file is made of pieces. While one is written and sent, the next ones are listed and read, so that the database and
this program work side by side, and no more than four pieces are ever held.
Each piece shows its sends as they are at one moment; what changes between two pieces shows in the later one only.
"""

import asyncio
from collections.abc import AsyncGenerator, Hashable, Sequence
from contextlib import aclosing
from secrets import choice
from typing import NamedTuple

from sendtrail.domain import cells
from sendtrail.domain.bulk_ids import encode_many
from sendtrail.domain.events import CODE_BY_ID, ID_BY_CODE, Evidence, Kind, Source, event_type
from sendtrail.domain.ids import Ids
from sendtrail.domain.packing import BEST, ITEM, STATUS_MASK
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.shapes import MEANING, Shape, Spelling, shape_of, tell_shape
from sendtrail.domain.tracking_numbers import tracking_url
from sendtrail.services import export_notes
from sendtrail.services.context import Context
from sendtrail.services.tracker import COUNTED, Wanted, candidates, list_sends, tally
from sendtrail.store import exports as store
from sendtrail.store.exports import Row
from sendtrail.store.meaning import selector

COLUMNS = (
    *("id", "kind", "mode", "day", "created_at", "send_date"),
    *("status", "status_label", "evidence", "since", "expected_delivery"),
    *("to.name", "to.company", "to.email", "to.phone", "to.address_line1", "to.address_line2", "to.city", "to.state"),
    *("to.postal_code", "to.country", "campaign", "sector", "sender", "owner", "team", "tags", "mailing_class"),
    *("extra_service", "supplier", "message", "external_id", "imb", "post", "carrier", "tracking_number"),
    *("tracking_url", "cost", "currency"),
    *("stannp", "postalytics_code", "postalytics", "postgrid", "postgrid_imb", "sendoso", "lob"),
    *("vendor", "vendor_id"),
)
"""docs/csv.md tells what each holds."""
BOM = "\ufeff".encode()
"""By it a spreadsheet knows the file for UTF-8."""
READ_AHEAD = 3
"""Pieces that are being read: one alone would wait for this program whenever it is busy."""
MOST_SHAPES = 20_000
"""So many are remembered with their words: some 10 MB. Real mail has about a thousand."""

_SEPARATORS = "".join(map(chr, range(1, 9))) + "".join(map(chr, range(14, 32)))
"""Control characters: six at random, chosen after everything was written, stand in nobody's text."""
_NO_CODE = ID_BY_CODE["scanned"]
_TEXTS = COLUMNS.index("tracking_url") - COLUMNS.index("to.name") + 2
"""The last two of them stand in columns that came later."""
_KINDS = {int(kind): kind.word for kind in Kind}


class Part(NamedTuple):
    """Some lines of the file, and how many sends they show."""

    content: bytes
    sends: int


async def export(
    context: Context,
    scope: Scope,
    wanted: Wanted,
    *,
    modes: Sequence[bool] | None = None,
    spreadsheet: bool = True,
) -> AsyncGenerator[Part, None]:
    """The sends that match as CSV (RFC 4180, UTF-8): a header, then a line each, in the order of the list; of two modes
    one after the other.

    For a `spreadsheet` the file begins with a byte order mark, and numbers that it would change are marked as text.
    Invalid is raised before the first byte is asked for. `modes` as `tracker.list_sends`. The audit trail tells who
    took out what.
    """
    await list_sends(context, scope, wanted, 1, modes=modes)  # refuses what cannot be listed
    async with context.database.snapshot() as connection:
        words = Words(await store.codes(connection, scope))
    number = await export_notes.begun(context, scope, wanted, tuple(modes or (scope.live,)))
    parts = _parts(_pieces(context, scope, wanted, modes), _Writer(context.ids, words, spreadsheet))
    return export_notes.counting(context, scope, number, parts)


async def contents(parts: AsyncGenerator[Part, None]) -> AsyncGenerator[bytes, None]:
    """The file alone."""
    async with aclosing(parts):
        async for part in parts:
            yield part.content


class Size(NamedTuple):
    """How many sends there are to export. Not `exact`: at least so many; longer lists are not counted."""

    sends: int
    exact: bool

    def __str__(self) -> str:
        return f"{self.sends}" if self.exact else f"{min(self.sends, COUNTED)}+"


async def size(context: Context, scope: Scope, wanted: Wanted, *, modes: Sequence[bool] | None = None) -> Size:
    """About how many `export` will tell: things change while it does."""
    counted = await tally(context, scope, wanted, modes=modes)
    return Size(counted.of(wanted), counted.exact)


class _Piece(NamedTuple):
    live: bool
    rows: list[Row]
    separator: str


async def _pieces(
    context: Context, scope: Scope, wanted: Wanted, modes: Sequence[bool] | None
) -> AsyncGenerator[_Piece, None]:
    money = scope.sees_money(Permission.SENDS_READ)
    separator = "".join(choice(_SEPARATORS) for _ in range(6))

    async def read(each: Scope, numbers: list[int], patterns: list[str]) -> _Piece:
        async with context.database.snapshot() as connection:
            rows = await store.rows(connection, each, numbers, separator, money, patterns)
        return _Piece(each.live, rows, separator)

    ahead: asyncio.Queue[asyncio.Task[_Piece] | None] = asyncio.Queue()
    room = asyncio.Semaphore(READ_AHEAD)
    reading: asyncio.Task[_Piece] | None = None

    async def read_ahead() -> None:
        try:
            async with aclosing(candidates(context, scope, wanted, modes=modes)) as found:
                async for some in found:
                    await room.acquire()
                    ahead.put_nowait(asyncio.create_task(read(*some)))
        finally:
            ahead.put_nowait(None)

    listing = asyncio.create_task(read_ahead())
    try:
        while (reading := await ahead.get()) is not None:
            piece = await reading
            room.release()
            yield piece
        await listing
    finally:
        listing.cancel()
        await asyncio.gather(listing, return_exceptions=True)
        left = [task for task in [reading, *(ahead.get_nowait() for _ in range(ahead.qsize()))] if task]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _parts(pieces: AsyncGenerator[_Piece, None], writer: "_Writer") -> AsyncGenerator[Part, None]:
    yield Part(writer.header(), 0)
    async with aclosing(pieces):
        async for piece in pieces:
            yield Part(await asyncio.to_thread(writer.lines, piece), len(piece.rows))


class Words:
    """The cells of the five vocabularies: told once for each shape, and remembered."""

    def __init__(self, codes: dict[int, int]) -> None:
        self._meanings = _Meanings(codes)
        self._spelling = Spelling(self._meanings.__getitem__)
        self._told: dict[Hashable, str] = {}

    def cells(self, rows: Sequence[Row]) -> list[str]:
        """For each row the columns of the vocabularies, joined."""
        items, lengths = store.items([row[4] for row in rows])
        spelled = self._spelling.spelled(items, lengths)
        found = []
        end = 0
        for row, text, n in zip(rows, spelled, lengths, strict=True):
            end += n
            told = None if text is None else self._told.get((row[1], row[2], text))
            found.append(told or self._tell(row, text, items[end - n : end].tolist()))
        return found

    def _tell(self, row: Row, text: bytes | None, trail: Sequence[int]) -> str:
        _, kind, post, *_ = row
        shape = shape_of(kind, post, trail, self._meanings)
        key: Hashable = shape if text is None else (kind, post, text)
        told = self._told.get(key)
        if told is None:
            if len(self._told) >= MOST_SHAPES:
                self._told.clear()
            told = self._told[key] = cells.joined(_told(shape))
        return told


def _told(shape: Shape) -> list[str]:
    words: dict[str, object] = tell_shape(shape)
    postalytics, postgrid = words["postalytics"], words["postgrid"]
    code, name = (postalytics["code"], postalytics["name"]) if isinstance(postalytics, dict) else (None, None)
    order = postgrid if isinstance(postgrid, dict) else {}
    found = (words["stannp"], code, name, order.get("status"), order.get("imbStatus"), words["sendoso"], words["lob"])
    return ["" if word is None else str(word) for word in found]


class _Meanings(dict[int, int]):
    """What an item says besides its time, by its lower bits; worked out when it is first asked for."""

    def __init__(self, codes: dict[int, int]) -> None:
        super().__init__()
        self._codes = codes

    def __missing__(self, low: int) -> int:
        item = ITEM.unpack(low)
        source, evidence = Source(item["source"]), Evidence(item["evidence"])
        code = self._codes.get(selector(item["sub"], item["op"], source, evidence), _NO_CODE)
        found = self[low] = MEANING.pack(code=code, source=source, evidence=evidence)
        return found


class _Statuses(dict[int, str]):
    """Code, label and evidence of a status, joined."""

    def __missing__(self, status: int) -> str:
        fields = BEST.unpack(status & STATUS_MASK)
        code, evidence = CODE_BY_ID[fields["code"]], Evidence(fields["evidence"])
        found = self[status] = cells.joined([code, event_type(code, evidence).label, evidence.word])
        return found


class _Writer:
    """Makes lines of rows. Nothing here waits, so it may run in a thread of its own."""

    def __init__(self, ids: Ids, words: Words, spreadsheet: bool) -> None:
        self._ids = ids
        self._words = words
        self._statuses = _Statuses()
        self._spreadsheet = spreadsheet

    def header(self) -> bytes:
        return (BOM if self._spreadsheet else b"") + cells.line(COLUMNS).encode()

    def lines(self, piece: _Piece) -> bytes:
        mode = "live" if piece.live else "test"
        ids = encode_many(self._ids, [_KINDS[row[1]] for row in piece.rows], [row[0] for row in piece.rows])
        lines = []
        words = self._words.cells(piece.rows)
        for id_, row, told in zip(ids, piece.rows, words, strict=True):
            _, kind, _, status, _, made, stands, money, text = row
            texts = text.split(piece.separator)
            if len(texts) != _TEXTS:
                raise ValueError(f"a row has {len(texts)} texts: the separator stands in one of them")
            carrier, number = texts[-4:-2]
            url = tracking_url(carrier, number) if number else ""
            marked = cells.marked(texts, numbers=self._spreadsheet)
            given, vendor = cells.joined(marked[:-2]), cells.joined(marked[-2:])
            lines.append(
                f"{id_},{_KINDS[kind]},{mode},{made},{self._statuses[status]},{stands},{given},{url},{money},{told},"
                f"{vendor}\r\n"
            )
        return "".join(lines).encode()
