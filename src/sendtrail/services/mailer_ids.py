"""Mailer IDs: whose barcode a serial number is, and from which range we give out the next one."""

from datetime import datetime

import msgspec

from sendtrail.domain.problems import Conflict, Invalid, NotFound
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.store import audit, barcodes, mailer_ids, organizations
from sendtrail.store.database import Connection
from sendtrail.store.mailer_ids import MailerIdRow

_DIGITS = 15
"""Mailer ID and serial number together."""


class MailerId(msgspec.Struct, frozen=True):
    """`next_serial`: the one that the next piece gets, unless it was used in the last 45 days. `sample`: made up, to
    look around with."""

    id: str
    mid: str
    live: bool
    first_serial: int
    last_serial: int
    next_serial: int
    created_at: datetime
    sample: bool


async def add_mailer_id(
    context: Context,
    scope: Scope,
    mid: str,
    first_serial: int | None = None,
    last_serial: int | None = None,
    *,
    request: Request | None = None,
    sample: bool = False,
) -> MailerId:
    """Register a Mailer ID of 6 or 9 digits, or a range of its serial numbers (9 or 6 digits); without one, all.

    `sample`: it is made up, to look around with; the organization then counts as one of samples.
    Conflict where a number of the range is taken: by the organization itself, or, live, by another one.
    """
    first, last = _range(mid, first_serial, last_serial)

    async def act(connection: Connection) -> bytes:
        await organizations.lock(connection, scope)
        if await mailer_ids.overlaps(connection, scope, first, last):
            raise Conflict(f"mid {mid} is registered already, with serial numbers of this range", "mid")
        row = await mailer_ids.add(connection, scope, mid, first, last, sample=sample)
        if row is None:
            raise Conflict(f"mid {mid} is in use: ask USPS whose it is, or register another range", "mid")
        await audit.note(connection, scope, "mailer_id.added", mid)
        return msgspec.json.encode(_shown(context, scope, row))

    return msgspec.json.decode(await once(context, scope, request, act), type=MailerId)


async def remove_mailer_id(context: Context, scope: Scope, mailer_id: str) -> None:
    """Take back a range that was registered by mistake. NotFound; Conflict once a piece has one of its numbers."""
    try:
        prefix, number = context.ids.decode(mailer_id)
    except ValueError:
        prefix, number = "", 0
    async with context.database.transaction() as connection:
        await barcodes.lock(connection, scope)
        used = await mailer_ids.used(connection, scope, number) if prefix == "mailer_id" else None
        if used is None:
            raise NotFound(f"no Mailer ID {mailer_id[:60]!a}", "id")
        if used:
            raise Conflict("this Mailer ID stays: pieces carry barcodes of it", "id")
        await mailer_ids.remove(connection, scope, number)
        await audit.note(connection, scope, "mailer_id.removed", mailer_id)


async def list_mailer_ids(context: Context, scope: Scope) -> list[MailerId]:
    """The organization's ranges of the scope's mode, in the order in which serial numbers are given out."""
    async with context.database.snapshot() as connection:
        rows = await mailer_ids.listed(connection, scope)
    return [_shown(context, scope, row) for row in rows]


def _range(mid: str, first_serial: int | None, last_serial: int | None) -> tuple[int, int]:
    if len(mid) == 6 and mid.isascii() and mid.isdigit() and mid.startswith("9"):
        raise Invalid("a Mailer ID of 6 digits does not begin with 9", "mid")
    if not (mid.isascii() and mid.isdigit() and len(mid) == (9 if mid.startswith("9") else 6)):
        raise Invalid("mid must be 6 digits, or 9 digits if it begins with 9", "mid")
    size = 10 ** (_DIGITS - len(mid))
    first = 0 if first_serial is None else first_serial
    last = size - 1 if last_serial is None else last_serial
    if not 0 <= first < size:
        raise Invalid(f"first_serial must lie between 0 and {size - 1} for this mid", "first_serial")
    if not first <= last < size:
        raise Invalid(f"last_serial must lie between first_serial and {size - 1} for this mid", "last_serial")
    return int(mid) * size + first, int(mid) * size + last


def _shown(context: Context, scope: Scope, row: MailerIdRow) -> MailerId:
    size = 10 ** (_DIGITS - len(row.mid))
    return MailerId(
        id=context.ids.encode("mailer_id", row.id),
        mid=row.mid,
        live=scope.live,
        first_serial=row.first % size,
        last_serial=row.last % size,
        next_serial=(row.first if row.next > row.last else row.next) % size,
        created_at=row.created_at,
        sample=row.sample,
    )
