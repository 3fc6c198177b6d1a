"""Which send a barcode means, and the serial numbers that we give out.

Serial numbers come around again: a barcode may mean another send 45 days after it was last used at the earliest (USPS
asks that a barcode be unique for 45 days). Within an organization and its clients a window never overlaps another.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store import ingest
from sendtrail.store.database import Connection, statements

_SQL = statements("barcodes.sql")
REUSE_MS = (45 * 24 - 1) * 3_600_000
"""45 days, the first of which may have 23 hours."""


class Claim(NamedTuple):
    """A send's claim of a barcode from its day on. `mid_serial`, `label` and `send_id` as in the table `barcode`."""

    mid_serial: int
    valid_from: int
    label: int
    send_id: int


async def lock(connection: Connection, scope: Scope) -> None:
    """One claimant at a time in an organization, its agency and clients, until the transaction ends."""
    await connection.execute(_SQL["lock"], {"organization_id": scope.organization_id, "live": scope.live})


async def refused(connection: Connection, scope: Scope, claims: Sequence[Claim]) -> dict[int, str]:
    """Which claims cannot be granted, by send: `taken` (used within 45 days) or `foreign` (another's Mailer ID)."""
    if not claims:
        return {}
    cursor = await connection.execute(_SQL["refused"], _columns(scope, claims))
    return {send_id: reason async for send_id, reason in cursor}


async def grant(connection: Connection, scope: Scope, claims: Sequence[Claim]) -> None:
    """Open the windows of claims that are not refused; those that they follow end, and let go of later scans."""
    if not claims:
        return
    parameters = _columns(scope, claims)
    cursor = await connection.execute(_SQL["cut"], parameters)
    if cuts := [ingest.Cut(*row) async for row in cursor]:
        await ingest.release(connection, scope, cuts)
        await connection.execute(_SQL["close"], parameters)
    await connection.execute(_SQL["open"], parameters)


async def withdraw(connection: Connection, scope: Scope, mid_serial: int, send_id: int) -> None:
    """A send's window goes; the one that it ended goes on as far as it did."""
    parameters = {
        "mid_serial": mid_serial,
        "send_id": send_id,
        "organization_id": scope.organization_id,
        "live": scope.live,
    }
    await connection.execute(_SQL["withdraw"], parameters)


async def take_serials(connection: Connection, scope: Scope, number: int, day_ms: int) -> list[int] | None:
    """The next serial numbers (with their Mailer ID) that nothing was sent under in the last 45 days.

    Fewer than asked for where they run out; None where the organization has no Mailer ID in this mode.
    """
    cursor = await connection.execute(_SQL["ranges"], {"organization_id": scope.organization_id, "live": scope.live})
    ranges = await cursor.fetchall()
    taken: list[int] = []
    for mailer_id, first, last, next_ in ranges:
        size, offset, looked = last - first + 1, next_ - first, 0
        while len(taken) < number and looked < size:
            block = min(size - looked, max(1_000, 2 * (number - len(taken))))
            candidates = [first + (offset + looked + i) % size for i in range(block)]
            cursor = await connection.execute(
                _SQL["busy"],
                {
                    "candidates": candidates,
                    "organization_id": scope.organization_id,
                    "live": scope.live,
                    "since": day_ms - REUSE_MS,
                },
            )
            busy = {row[0] async for row in cursor}
            for candidate in candidates:
                looked += 1
                if candidate not in busy:
                    taken.append(candidate)
                    if len(taken) == number:
                        break
        await connection.execute(
            "update mailer_id set next = %s where id = %s", [first + (offset + looked) % size, mailer_id]
        )
        if len(taken) == number:
            break
    return taken if ranges else None


def _columns(scope: Scope, claims: Sequence[Claim]) -> dict[str, object]:
    mid_serials, valid_froms, labels, send_ids = (list(column) for column in zip(*claims, strict=True))
    return {
        "mid_serials": mid_serials,
        "valid_froms": valid_froms,
        "labels": labels,
        "send_ids": send_ids,
        "organization_id": scope.organization_id,
        "live": scope.live,
        "reuse": REUSE_MS,
    }
