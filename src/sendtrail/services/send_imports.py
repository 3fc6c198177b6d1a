"""Sends from a CSV file, of any length, a thousand rows at a time.

Each thousand is remembered under the file's hash, as a request with an Idempotency-Key is: an import that broke off is
begun again and goes on, and a file given twice by mistake makes nothing twice. A campaign that a row names and that
does not exist begins as a bulk campaign: a file is a mailing.
"""

import csv
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from sendtrail.domain.events import MAIL, Kind
from sendtrail.domain.problems import Invalid, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import NewSend, settle
from sendtrail.domain.send_table import Path as Column
from sendtrail.domain.send_table import columns, send
from sendtrail.feeds.tables import text_of_line
from sendtrail.services.barcoding import wants_barcode
from sendtrail.services.campaigns import begin_missing
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.sends import admit
from sendtrail.store import mailer_ids
from sendtrail.store.database import Connection

ROWS = 1_000
_DELIMITERS = ",;\t|"
_FIELD = 1 << 17

Progress = Callable[[int, int], None]
"""Told the bytes read so far and all bytes."""


class Row(NamedTuple):
    """One record of the file; `line` is its last."""

    line: int
    cells: list[str]


class CampaignName(NamedTuple):
    """The campaign into which a file goes."""

    id: str
    name: str


class Reject(NamedTuple):
    """A row that could not be taken."""

    row: Row
    reason: str


@dataclass(slots=True)
class Imported:
    """How an import went, so far. `before`: rows that an earlier import of the same file had taken; `bare`: mail among
    `created` that got no barcode because the organization has no Mailer ID."""

    header: list[str]
    created: int = 0
    before: int = 0
    rejected: int = 0
    bare: int = 0


async def import_sends(
    context: Context,
    scope: Scope,
    path: Path,
    progress: Progress | None = None,
    *,
    kind: str = "",
    campaign: CampaignName | None = None,
) -> AsyncIterator[tuple[Imported, list[Reject]]]:
    """Take the rows of a CSV file; after each thousand, how it goes and what was rejected of them.

    `kind`: of rows that name none. `campaign`: of all rows, which go into it to be printed: one that names another is
    rejected, and so is mail without a name or an address line. OSError where the file cannot be opened; Invalid for a
    header that is none.
    """
    given = {name: text for name, text in (("kind", kind), ("campaign", campaign.id if campaign else "")) if text}
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
        file.seek(0)
        rows = rows_of(file)
        header = next(rows, Row(0, [])).cells
        paths = columns(header, given)
        read = partial(_send, paths, given, campaign)
        turn = "".join(f"{text}:" for text in given.values())
        imported = Imported(header)
        yield imported, []
        number = 0
        while some := list(islice(rows, ROWS)):
            request = Request(f"import:{turn}{digest}:{number}", digest.encode())
            fresh, taken, bare, rejects = await _take(context, scope, read, some, request)
            imported.bare += bare
            imported.created += taken if fresh else 0
            imported.before += 0 if fresh else taken
            imported.rejected += len(rejects)
            number += 1
            if progress:
                progress(file.tell(), size)
            yield imported, rejects


async def _take(
    context: Context,
    scope: Scope,
    send_of: Callable[[Row], NewSend | SendtrailError],
    rows: list[Row],
    request: Request,
) -> tuple[bool, int, int, list[Reject]]:
    """Whether the rows are taken only now, how many could be, how many of these got no barcode, and the others."""
    fresh, bare = False, 0

    async def act(connection: Connection) -> bytes:
        nonlocal fresh, bare
        fresh = True
        read = [send_of(row) for row in rows]
        new = [each for each in read if isinstance(each, NewSend)]
        await begin_missing(connection, context, scope, {each.campaign for each in new if each.campaign})
        admitted = await admit(connection, context, scope, new)
        if not await mailer_ids.listed(connection, scope):
            made = [each for each, outcome in zip(new, admitted, strict=True) if isinstance(outcome, int)]
            bare = sum(wants_barcode(settle(each)) for each in made)
        results = iter(admitted)
        outcomes = [next(results) if isinstance(each, NewSend) else each for each in read]
        return msgspec.json.encode([each.message if isinstance(each, SendtrailError) else None for each in outcomes])

    reasons = msgspec.json.decode(await once(context, scope, request, act), type=list[str | None])
    rejects = [Reject(row, reason) for row, reason in zip(rows, reasons, strict=True) if reason is not None]
    return fresh, len(rows) - len(rejects), bare, rejects


def _send(
    paths: list[Column], given: Mapping[str, str], campaign: CampaignName | None, row: Row
) -> NewSend | SendtrailError:
    try:
        read = send(paths, row.cells, given)
    except Invalid as refusal:
        return refusal
    if campaign and read.campaign not in (campaign.id, campaign.name):
        return Invalid(f"campaign {read.campaign[:60]!a} is another than {campaign.name[:60]!a}", "campaign")
    if campaign and Kind[read.kind.upper()] in MAIL:
        if not read.to.address_line1.strip():
            return Invalid("to.address_line1 is missing: a printer needs it", "to.address_line1")
        if not (read.to.name.strip() or read.to.company.strip()):
            return Invalid("to.name is missing: a printer needs it, or to.company", "to.name")
    return read


def rows_of(file: BinaryIO) -> Iterator[Row]:
    """The records of a CSV file that are not blank, the header first; UTF-8, or Latin-1 where a line is not.

    Invalid for one that cannot be read.
    """
    head = file.readline()
    delimiter = max(_DELIMITERS, key=lambda each: head.decode("latin-1").count(each))
    file.seek(0)
    csv.field_size_limit(_FIELD)
    reader = csv.reader(_lines(file), delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Invalid(f"line {reader.line_num}: {error}") from None
        if any(cell.strip() for cell in cells):
            yield Row(reader.line_num, cells)


def _lines(file: BinaryIO) -> Iterator[str]:
    first = True
    while line := file.readline():
        yield text_of_line(line.removeprefix(b"\xef\xbb\xbf") if first else line) + "\n"
        first = False
