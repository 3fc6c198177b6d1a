"""Delimited text, a block of lines at a time."""

import csv
from collections.abc import Iterable, Iterator

from sendtrail.domain.plurals import counted
from sendtrail.feeds.formats import Header, UnknownFormat, read_header
from sendtrail.feeds.intake import Damaged, Intake

MAX_LINE = 1 << 16
"""Bytes of the longest line that is read whole; what is longer is refused by its first bytes."""

Row = tuple[int, bytes, list[str]]
"""Line number, the line as it came, its cells."""


def lines(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Whole lines without their ends. Where the bytes are damaged, Damaged carries the line that was cut off."""
    begun = b""
    overlong = False
    try:
        for chunk in chunks:
            *whole, begun = (begun + chunk).split(b"\n")
            if overlong and whole:
                del whole[0]
                overlong = False
            if len(begun) > MAX_LINE:
                if not overlong:
                    whole.append(begun[:MAX_LINE])
                begun, overlong = b"", True
            if whole:
                yield whole
    except Damaged as damage:
        damage.cut_off = begun
        raise
    if begun and not overlong:
        yield [begun]


def text_of_line(line: bytes) -> str:
    """UTF-8, or else Latin-1, which reads anything."""
    try:
        return line.decode().strip("\r\n\0")
    except UnicodeDecodeError:
        return line.decode("latin-1").strip("\r\n\0")


def split(line: str, delimiter: str) -> list[str]:
    """The cells of one line. A quoted cell ends on its line: an open quote must not swallow the records after it."""
    if '"' not in line:
        return line.split(delimiter)
    cells = line[1:-1].split(f'"{delimiter}"')
    if line[0] == line[-1] == '"' and line.count('"') == 2 * len(cells):
        return cells
    return next(csv.reader([line], delimiter=delimiter), [])


def rows(chunks: Iterable[bytes], intake: Intake) -> Iterator[tuple[Header, list[Row]]]:
    """The records of a table with a header. A line that has another number of cells is refused; blank ones are not."""
    header: Header | None = None
    title = ""
    for block in lines(chunks):
        taken: list[Row] = []
        for line in block:
            intake.line += 1
            text = text_of_line(line)
            if not text or text.isspace() or text == title:
                continue
            if header is None:
                header, title = _checked(read_header(text)), text
                continue
            cells = split(text, header.delimiter)
            surplus = len(cells) - len(header.columns)
            if surplus > 0 and not any(cells[-surplus:]):
                del cells[-surplus:]
            elif surplus:
                reason = f"the line has {counted(len(cells), 'column')}, the header {len(header.columns)}"
                intake.refuse(intake.line, reason, line)
                continue
            taken.append((intake.line, line, cells))
        if header:
            yield header, taken


def _checked(header: Header) -> Header:
    for column in header.columns:
        if column and header.columns.count(column) > 1:
            raise UnknownFormat(f"the column {column!r} stands twice in the header")
    return header
