"""Imports for mailing lists: files of people to send to, and what became of each row."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from psycopg.types.json import Jsonb

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.nouns import Noun

SQL = statements("list_imports.sql")


class ImportRow(NamedTuple):
    """One import. `mappings`: domain/list_rows.py: Columns; receivers and senders are counted by the status of their
    address; `errors` and `notes`: `{"type", "message"}` each."""

    id: int
    url: str
    mappings: dict[str, Any]
    status: str
    valid_rows: int
    invalid_rows: int
    verified: int
    corrected: int
    failed: int
    sender_verified: int
    sender_corrected: int
    sender_failed: int
    errors: list[dict[str, str]]
    notes: list[dict[str, str]]
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class ReadRow(NamedTuple):
    """What a line of the file became: contacts, or None and the `problem`."""

    line: int
    contact_id: int | None
    sender_id: int | None
    variables: dict[str, Any] | None
    problem: str


class Claim(NamedTuple):
    """Who reads an import holds it `until` then."""

    import_id: int
    until: datetime


class Counted(NamedTuple):
    """Rows, and receivers and senders by the status of their address."""

    valid: int
    invalid: int
    verified: int
    corrected: int
    failed: int
    sender_verified: int
    sender_corrected: int
    sender_failed: int


IMPORT = Noun("mailing_list_import", ImportRow, "url || ' ' || description || ' ' || coalesce(metadata::text, '')")


async def begin(connection: Connection, scope: Scope, claim: Claim) -> bool:
    """Begin an import anew: what an earlier reading left behind goes. False where it is not held any more."""
    cursor = await connection.execute(SQL["begin"], _own(scope, claim))
    if cursor.rowcount == 0:
        return False
    await forget(connection, scope, claim.import_id)
    return True


async def forget(connection: Connection, scope: Scope, import_id: int) -> None:
    """What the rows of an import became, which its caller holds, goes."""
    values = {"organization_id": scope.organization_id, "live": scope.live, "id": import_id}
    await connection.execute(SQL["forget_rows"], values)


async def renew(connection: Connection, scope: Scope, claim: Claim, lease: timedelta) -> Claim | None:
    """Hold an import longer; None where it is not held any more, or was deleted."""
    cursor = await connection.execute(SQL["renew"], {**_own(scope, claim), "lease": lease})
    row = await cursor.fetchone()
    return Claim(claim.import_id, row[0]) if row else None


async def put_rows(
    connection: Connection, scope: Scope, claim: Claim, lease: timedelta, rows: Sequence[ReadRow], counted: Counted
) -> Claim | None:
    """Keep what rows became, and hold the import longer; None where it is not held any more, or was deleted."""
    values = {"lease": lease, **counted._asdict()}
    cursor = await connection.execute(SQL["go_on"], {**_own(scope, claim), **values})
    row = await cursor.fetchone()
    if row is None:
        return None
    columns = list(zip(*rows, strict=True))
    variables = [None if each is None else msgspec.json.encode(each).decode() for each in columns[3]]
    await connection.execute(
        SQL["put_rows"],
        {
            "import_id": claim.import_id,
            "lines": list(columns[0]),
            "contact_ids": list(columns[1]),
            "sender_ids": list(columns[2]),
            "variables": variables,
            "problems": list(columns[4]),
        },
    )
    return Claim(claim.import_id, row[0])


async def end(
    connection: Connection,
    scope: Scope,
    claim: Claim,
    status: str,
    errors: Sequence[dict[str, str]],
    notes: Sequence[dict[str, str]],
) -> None:
    """The reading is over; nothing happens where the import is not held any more, or was deleted."""
    values = {"status": status, "errors": Jsonb(list(errors)), "notes": Jsonb(list(notes))}
    await connection.execute(SQL["end"], {**_own(scope, claim), **values})


async def problems(connection: Connection, scope: Scope, import_id: int, limit: int) -> list[tuple[int, str]]:
    """The first lines that could not be taken, and why."""
    values = {"organization_id": scope.organization_id, "live": scope.live, "id": import_id, "limit": limit}
    cursor = await connection.execute(SQL["problems"], values)
    return [(line, problem) async for line, problem in cursor]


def _own(scope: Scope, claim: Claim) -> dict[str, object]:
    return {
        "organization_id": scope.organization_id,
        "live": scope.live,
        "id": claim.import_id,
        "until": claim.until,
    }
