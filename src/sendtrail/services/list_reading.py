"""What a worker makes of an import: it fetches the file, and of each row come contacts that a mailing list can take.

A thousand rows are a transaction. A reading that broke off begins again from the first row: contacts that are there
already are the same contacts then.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import BinaryIO, NamedTuple

import msgspec

from sendtrail.clients.http import Outside, Unreachable
from sendtrail.domain.list_rows import Columns, Person, reader
from sendtrail.domain.plurals import counted
from sendtrail.domain.problems import Invalid
from sendtrail.domain.scope import Scope
from sendtrail.services import contacts
from sendtrail.services.context import Context
from sendtrail.services.send_imports import Row, rows_of
from sendtrail.store import list_imports as store
from sendtrail.store import nouns
from sendtrail.store.database import Connection
from sendtrail.store.list_imports import IMPORT, Claim, Counted, ImportRow, ReadRow
from sendtrail.store.system import mailings

ROWS = 1_000
MOST_BYTES = 512 << 20
WITHIN = 300.0
"""Seconds for the file to come."""
_LEASE = timedelta(seconds=30)
"""For which an import is ours, from when that was said last: what a dead worker read is read again that soon."""
_RENEWED = 10.0
"""Seconds after which we say so again."""
_SHOWN = 3
"""So many rows that could not be taken are told."""
_NO_CONTACTS = "no_valid_contacts_error"
_HEAD = 1024
"""Bytes in which a file shows that it is none of text."""
_OTHERS = {
    b"\x1f\x8b": "compressed by gzip",
    b"PK\x03\x04": "a workbook or another ZIP archive",
    b"%PDF-": "a PDF",
    b"\xff\xfe": "in UTF-16",
    b"\xfe\xff": "in UTF-16",
}


class _Unusable(Exception):
    """Nothing can be made of the file: the type of error and why."""

    def __init__(self, type_: str, message: str) -> None:
        self.type = type_
        self.message = message


class _Read(NamedTuple):
    """A row of the file, and the person it tells of or why it cannot be taken."""

    line: int
    person: Person | None
    problem: str


async def read_waiting(context: Context) -> int:
    """Read all imports that wait; how many. Any number of workers: each takes what no other has."""
    done = 0
    while await _next(context):
        done += 1
    return done


async def _next(context: Context) -> bool:
    async with context.database.transaction() as connection:
        claimed = await mailings.claim_import(connection, _LEASE)
    if claimed is None:
        return False
    scope = Scope(claimed.organization_id, claimed.live, f"import:{claimed.claim.import_id}")
    async with context.database.transaction() as connection:
        held = await store.begin(connection, scope, claimed.claim)
        rows = await nouns.read(connection, scope, IMPORT, [claimed.claim.import_id])
    if held:
        await _read(context, scope, claimed.claim, rows[claimed.claim.import_id])
    return True


async def _read(context: Context, scope: Scope, claim: Claim, row: ImportRow) -> None:
    context.config.archive.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=context.config.archive) as file:
        reading = _Reading(context, scope, claim)
        holding = asyncio.create_task(reading.hold())
        try:
            await _fetch(context, row.url, file)
            await reading.take(file, msgspec.convert(row.mappings, Columns))
        except _Unusable as error:
            await reading.end([{"type": error.type, "message": error.message}])
        except _Lost:
            return
        finally:
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)


async def _fetch(context: Context, url: str, file: BinaryIO) -> None:
    try:
        async with Outside.opened(private_allowed=context.config.allow_private_hooks) as outside:
            async for piece in outside.chunks(url, within=WITHIN, most=MOST_BYTES):
                await asyncio.to_thread(file.write, piece)
    except Unreachable as error:
        raise _Unusable("internal_service_error", f"the file could not be fetched: {error}") from None
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    for beginning, what in _OTHERS.items():
        if head.startswith(beginning):
            raise _Unusable(_NO_CONTACTS, f"the file is {what}: it must be CSV in UTF-8")
    if b"\0" in head:
        raise _Unusable(_NO_CONTACTS, "the file is no text: it must be CSV in UTF-8")


class _Lost(Exception):
    """The import was deleted, or somebody else reads it by now."""


class _Reading:
    """The reading of one file, which holds its import by `claim`."""

    def __init__(self, context: Context, scope: Scope, claim: Claim) -> None:
        self._context = context
        self._scope = scope
        self._claim = claim
        self._counts: Counter[str] = Counter()
        self._claiming = asyncio.Lock()

    async def hold(self) -> None:
        """Keep the import ours for as long as this runs; whoever took too long finds out with the next rows."""
        while True:
            await asyncio.sleep(_RENEWED)
            async with self._claiming, self._context.database.transaction() as connection:
                claim = await store.renew(connection, self._scope, self._claim, _LEASE)
                if claim is None:
                    return
            self._claim = claim

    async def take(self, file: BinaryIO, columns: Columns) -> None:
        """Keep what each row becomes, and how it went."""
        try:
            rows = rows_of(file)
            read = reader(next(rows, Row(0, [])).cells, columns)
            while some := list(islice(rows, ROWS)):
                told = [_person(read, row) for row in some]
                async with self._claiming:
                    self._claim, counts = await self._context.database.run(partial(self._keep, told=told))
                self._counts += counts
        except Invalid as error:
            raise _Unusable(_NO_CONTACTS, error.message) from None
        if not self._counts["valid"]:
            first = await self._problems()
            raise _Unusable(_NO_CONTACTS, f"no row of the file can be taken{': ' if first else ''}{first}")
        await self.end([])

    async def end(self, errors: Sequence[dict[str, str]]) -> None:
        """Say how it went; with `errors` the import has to be made anew."""
        notes = []
        if invalid := self._counts["invalid"]:
            message = f"{counted(invalid, 'row')} could not be taken: {await self._problems()}"
            notes.append({"type": "skipped_invalid_contacts", "message": message})
        status = "changes_required" if errors else "completed"
        async with self._claiming, self._context.database.transaction() as connection:
            await store.end(connection, self._scope, self._claim, status, errors, notes)

    async def _keep(self, connection: Connection, told: Sequence[_Read]) -> tuple[Claim, Counter[str]]:
        """One transaction's rows."""
        people = [each.person for each in told if each.person]
        wanted = [each for person in people for each in (person.receiver, person.sender) if each]
        ensured = iter(await contacts.ensure(connection, self._scope, wanted))
        counts: Counter[str] = Counter()
        rows = []
        for line, person, problem in told:
            receiver = next(ensured) if person else None
            sender = next(ensured) if person and person.sender else None
            counts["valid" if receiver else "invalid"] += 1
            counts += Counter([receiver.address_status] if receiver else [])
            counts += Counter([f"sender_{sender.address_status}"] if sender else [])
            rows.append(
                ReadRow(
                    line,
                    receiver.id if receiver else None,
                    sender.id if sender else None,
                    person.variables if person else None,
                    problem,
                )
            )
        tally = Counted(**{name: counts[name] for name in Counted._fields})
        claim = await store.put_rows(connection, self._scope, self._claim, _LEASE, rows, tally)
        if claim is None:
            raise _Lost
        return claim, counts

    async def _problems(self) -> str:
        async with self._context.database.snapshot() as connection:
            found = await store.problems(connection, self._scope, self._claim.import_id, _SHOWN)
        return "; ".join(f"line {line}: {problem}" for line, problem in found)


def _person(read: Callable[[Sequence[str]], Person], row: Row) -> _Read:
    try:
        return _Read(row.line, read(row.cells), "")
    except Invalid as error:
        return _Read(row.line, None, error.message)
