"""What people change of sends that were made: each send is held while they do, and who they are is told."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from psycopg.types.json import Jsonb

from sendtrail.domain.events import Kind
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address
from sendtrail.domain.trail import Status, status_of_best
from sendtrail.store import ledger
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import reaching, within

_SQL = statements("changes.sql")


class Held(NamedTuple):
    """A send that nothing changes until the transaction ends."""

    kind: Kind
    status: Status


async def hold(
    connection: Connection, scope: Scope, send_ids: Sequence[int], permission: Permission
) -> dict[int, Held]:
    """Those of the sends with which the scope may do what `permission` says, in the order of their numbers.

    `ingest.take_part` comes first, or two transactions could wait for each other in a ring.
    """
    query = reaching(_SQL["hold"], scope, permission)
    cursor = await connection.execute(query, {**within(scope), "send_ids": list(send_ids)})
    return {send_id: Held(Kind(kind), status_of_best(best)) async for send_id, kind, best in cursor}


class Subject(NamedTuple):
    """What of a send decides how it may change. Columns in the order of the statement `subject`."""

    created_at: datetime
    created_on: date
    send_date: date | None
    recipient: dict[str, Any]
    kind: int
    mailing_class: str
    extra_service: str
    post: str
    imb: str
    imb_given: bool
    tags: list[str]
    sender: str
    supplier: str
    tracking_number: str
    carrier: str
    team_id: int
    campaign_id: int
    cost_cents: int


async def subject(connection: Connection, scope: Scope, send_id: int) -> Subject | None:
    """A send of the scope's organization and mode. Whether the scope reaches it, `hold` says."""
    cursor = await connection.execute(_SQL["subject"], {**within(scope), "send_id": send_id})
    row = await cursor.fetchone()
    return Subject(*row) if row else None


async def put(
    connection: Connection, scope: Scope, send_id: int, to: Address, send_date: date | None, imb: str
) -> None:
    """Give a send, which is held, another recipient, send date and barcode.

    Whichever of them differ: `move` sees to its day, `barcodes.withdraw` to the barcode's window, `terms` to its words.
    """
    recipient = Jsonb(to, dumps=msgspec.json.encode)
    new = {"send_id": send_id, "recipient": recipient, "send_date": send_date, "imb": imb}
    await connection.execute(_SQL["put"], {**within(scope), **new})


async def renumber(connection: Connection, scope: Scope, send_id: int, number: str, carrier: str) -> None:
    """Give a send, which is held, another tracking number: feeds and searches know it by that from now on."""
    new = {**within(scope), "send_id": send_id, "number": number, "carrier": carrier, "day": None}
    for step in ("unname", "number", "name", "outdate"):
        await connection.execute(_SQL[step], new)


async def move(connection: Connection, scope: Scope, send_id: int, day: date) -> None:
    """Give a send, which is held, another day than it has: ledger, totals and histories follow."""
    await ledger.rebook(connection, scope, send_id, day)
    for step in ("outdate", "recount", "recount_empty", "move", "move_state", "move_responses"):
        await connection.execute(_SQL[step], {**within(scope), "send_id": send_id, "day": day})


async def actor_name(connection: Connection, scope: Scope) -> str:
    """A member's e-mail address, or `API key` with its name; empty for parts of the program."""
    cursor = await connection.execute(_SQL["actor"], {"actor": scope.actor})
    row = await cursor.fetchone()
    return str(row[0]) if row else ""
