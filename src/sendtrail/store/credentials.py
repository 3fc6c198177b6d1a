"""Feeds' credentials: the user name and password under which somebody pushes scans to us."""

from datetime import datetime
from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


class CredentialRow(NamedTuple):
    """`vendor`: whose webhooks they take, '' for scans and reports; `signed`: whether a secret verifies these."""

    id: int
    name: str
    username: str
    created_at: datetime
    revoked_at: datetime | None
    last_heard_at: datetime | None
    vendor: str
    signed: bool


async def add(
    connection: Connection,
    scope: Scope,
    name: str,
    username: str,
    password_digest: bytes,
    vendor: str = "",
    secret: str = "",
) -> tuple[int, datetime]:
    """Keep credentials of the scope's mode; their number and when they were made."""
    cursor = await connection.execute(
        "insert into feed (organization_id, live, name, username, password_digest, vendor, secret)"
        " values (%(organization_id)s, %(live)s, %(name)s, %(username)s, %(digest)s, %(vendor)s, %(secret)s)"
        " returning id, created_at",
        {
            **_within(scope),
            "name": name,
            "username": username,
            "digest": password_digest,
            "vendor": vendor,
            "secret": secret,
        },
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 — an insert returns its row
    return int(row[0]), row[1]


async def listed(connection: Connection, scope: Scope) -> list[CredentialRow]:
    """The organization's credentials of the scope's mode, revoked ones too, newest first."""
    cursor = await connection.execute(
        "select id, name, username, created_at, revoked_at, last_heard_at, vendor, secret <> '' from feed"
        " where organization_id = %(organization_id)s and live = %(live)s order by id desc",
        _within(scope),
    )
    return [CredentialRow(*row) async for row in cursor]


async def revoke(connection: Connection, scope: Scope, feed_id: int) -> bool:
    """Whether there were such credentials; those revoked before keep their date."""
    cursor = await connection.execute(
        "update feed set revoked_at = coalesce(revoked_at, now())"
        " where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s",
        {**_within(scope), "id": feed_id},
    )
    return cursor.rowcount == 1


async def vendor_of(connection: Connection, scope: Scope, feed_id: int) -> str | None:
    """Whose webhooks credentials take, '' for scans and reports; None where there are none, or revoked ones."""
    cursor = await connection.execute(
        "select vendor from feed"
        " where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s and revoked_at is null",
        {**_within(scope), "id": feed_id},
    )
    row = await cursor.fetchone()
    return str(row[0]) if row else None


async def change_secret(connection: Connection, scope: Scope, feed_id: int, secret: str) -> None:
    """Verify by another secret from now on; '' for none."""
    await connection.execute(
        "update feed set secret = %(secret)s"
        " where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s",
        {**_within(scope), "id": feed_id, "secret": secret},
    )


async def heard(connection: Connection, scope: Scope, feed_id: int) -> None:
    """Note that something is pushed with these credentials."""
    await connection.execute(
        "update feed set last_heard_at = now()"
        " where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s",
        {**_within(scope), "id": feed_id},
    )


def _within(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
