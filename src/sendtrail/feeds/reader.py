"""The one entry to feeds: bytes of any known format to batches of observations and problems, in constant memory."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, tzinfo
from itertools import chain
from typing import BinaryIO, cast

from sendtrail.feeds import acs, delimited, iv_mtr, printer
from sendtrail.feeds.containers import plain
from sendtrail.feeds.formats import (
    ACS,
    HEAD,
    IMB_TRACING,
    IV_MTR_DELIMITED,
    IV_MTR_JSON,
    PRINTER,
    UnknownFormat,
    recognise,
)
from sendtrail.feeds.intake import Batch, Damaged, Intake

READERS: dict[str, Callable[[Iterable[bytes], Intake], Iterator[None]]] = {
    IV_MTR_JSON: iv_mtr.read,
    IV_MTR_DELIMITED: delimited.read,
    IMB_TRACING: delimited.read_legacy,
    ACS: acs.read,
    PRINTER: printer.read,
}

_FILE = "the file"
"""In reasons, whatever its name: the same bytes under another name have the same problems."""


def read(
    stream: BinaryIO,
    *,
    now_ms: int,
    format: str = "",
    zone: tzinfo = UTC,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Batch]:
    """Everything that a feed file says, plain or in gzip or zip. `stream` needs `read` only.

    `now_ms` in milliseconds from 2020, as packing has times; `format` one of READERS, '' to recognise it. `zone`: the
    organization's, for days and times of reports that name none. `progress` is told how many bytes of the stream have
    been read so far. A file that cannot be read, in whole or in part, gives a Problem
    on the line after its last; lines count on through all parts of a zip. A batch may be empty. ValueError: no such
    format.
    """
    if format and format not in READERS:
        raise ValueError(f"format {format!r} is none of {', '.join(READERS)}")
    intake = Intake(now_ms, zone)
    found_any = False
    for part in plain(cast(BinaryIO, Told(stream, progress)) if progress else stream, _FILE):
        found_any = True
        head, chunks = _looked_into(part.chunks)
        try:
            intake.format = (format or recognise(head, part.name)) if head.strip() else format
            for _ in READERS[intake.format](chunks, intake) if head.strip() else _empty(chunks, part.name):
                if intake.is_full():
                    yield intake.batch()
        except (Damaged, UnknownFormat) as error:
            intake.refuse_rest(str(error), error.cut_off if isinstance(error, Damaged) else head)
        yield intake.batch()
    if not found_any:
        intake.refuse_rest(f"{_FILE} is a zip file without files", b"")
        yield intake.batch()


def _looked_into(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, and all of them again."""
    seen: list[bytes] = []
    try:
        while sum(map(len, seen)) < HEAD and (chunk := next(chunks, None)) is not None:
            seen.append(chunk)
    except Damaged as damage:
        chunks = _raising(damage)
    return b"".join(seen)[:HEAD], chain(seen, chunks)


def _raising(damage: Damaged) -> Iterator[bytes]:
    raise damage
    yield b""  # makes this an iterator


def _empty(chunks: Iterator[bytes], name: str) -> Iterator[None]:
    """A part in whose first bytes nothing stands: all blank, or damaged before anything could be read."""
    for chunk in chunks:
        if chunk.strip():
            raise UnknownFormat(f"{name} begins with {HEAD:,} blanks")
        yield
    raise UnknownFormat(f"{name or _FILE} is empty")


class Told:
    """A stream whose reading somebody watches."""

    def __init__(self, stream: BinaryIO, progress: Callable[[int], None]) -> None:
        self._stream = stream
        self._progress = progress
        self._size = 0

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._size += len(data)
        self._progress(self._size)
        return data
