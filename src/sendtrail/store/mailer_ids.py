"""Mailer IDs and the ranges of their serial numbers that belong to an organization."""

from datetime import datetime
from typing import NamedTuple

from psycopg.errors import ExclusionViolation

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


class MailerIdRow(NamedTuple):
    """`first`, `last`, `next`: Mailer ID and serial number as one number of 15 digits."""

    id: int
    mid: str
    first: int
    last: int
    next: int
    created_at: datetime
    sample: bool


async def add(
    connection: Connection, scope: Scope, mid: str, first: int, last: int, *, sample: bool = False
) -> MailerIdRow | None:
    """Keep a range that begins with its first number; None where one of its live numbers is another organization's.

    `sample`: it was made up, to look around with.
    """
    try:
        async with connection.transaction():
            cursor = await connection.execute(
                "insert into mailer_id (organization_id, live, mid, first, last, next, sample)"
                " values (%(organization_id)s, %(live)s, %(mid)s, %(first)s, %(last)s, %(first)s, %(sample)s)"
                " returning id, mid, first, last, next, created_at, sample",
                {**_within(scope), "mid": mid, "first": first, "last": last, "sample": sample},
            )
            row = await cursor.fetchone()
    except ExclusionViolation:
        return None
    assert row is not None  # noqa: S101 — an insert returns its row
    return MailerIdRow(*row)


async def listed(connection: Connection, scope: Scope) -> list[MailerIdRow]:
    """The organization's ranges of the scope's mode, in the order in which serial numbers are given out."""
    cursor = await connection.execute(
        "select id, mid, first, last, next, created_at, sample from mailer_id"
        " where organization_id = %(organization_id)s and live = %(live)s order by sample, id",
        _within(scope),
    )
    return [MailerIdRow(*row) async for row in cursor]


async def used(connection: Connection, scope: Scope, mailer_id: int) -> bool | None:
    """Whether a piece of the organization, its agency or clients has a number of the range; None: no such range."""
    cursor = await connection.execute(
        "select exists (select from barcode where mid_serial between first and last"
        " and barcode.live = mailer_id.live and barcode.organization_id in (select family(mailer_id.organization_id)))"
        "  from mailer_id"
        " where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s",
        {**_within(scope), "id": mailer_id},
    )
    row = await cursor.fetchone()
    return bool(row[0]) if row else None


async def remove(connection: Connection, scope: Scope, mailer_id: int) -> None:
    await connection.execute(
        "delete from mailer_id where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s",
        {**_within(scope), "id": mailer_id},
    )


async def overlaps(connection: Connection, scope: Scope, first: int, last: int) -> bool:
    """Whether one of these numbers is the organization's already, in the scope's mode."""
    cursor = await connection.execute(
        "select exists (select from mailer_id where organization_id = %(organization_id)s and live = %(live)s"
        " and first <= %(last)s and last >= %(first)s)",
        {**_within(scope), "first": first, "last": last},
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


def _within(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
