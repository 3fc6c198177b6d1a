"""Store functions for System: sign-in, key look-up, public tokens, worker claims, sweeps (law 6).

Only in this package may a query go without a Scope; each row that comes back carries its organization.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sendtrail.store.database import Connection, statements


class MemberRow(NamedTuple):
    """Somebody who can sign in; `memberships` are organization numbers, names and roles."""

    id: int
    email: str
    name: str
    password_hash: str
    memberships: list[tuple[int, str, str]]


class Person(NamedTuple):
    """Somebody signed in. `operator`: an admin of the installation, while they are one of an organization; `codes`:
    recovery codes that are left.

    `organizations`: numbers and names of those that they belong to, with the clients of agencies whose admin they are.
    """

    email: str
    name: str
    operator: bool
    totp: bool
    codes: int
    organizations: list[tuple[int, str]]


class KeyRow(NamedTuple):
    """`idle`: not used yet today (UTC). `rights` None: everything; `agency`: for the organization's clients too."""

    id: int
    organization_id: int
    live: bool
    idle: bool
    rights: dict[str, str] | None
    agency: bool


class CredentialRow(NamedTuple):
    """A feed's credentials. `vendor`: whose webhooks they take, '' for scans and reports; `secret`: which signs those,
    '' for none."""

    id: int
    organization_id: int
    live: bool
    password_digest: bytes
    vendor: str
    secret: str


class DueHistory(NamedTuple):
    """One day's sends of a campaign (0: those without one)."""

    organization_id: int
    live: bool
    created_on: date
    campaign_id: int
    sends: int


async def id_key(connection: Connection) -> bytes:
    """The key of this installation with which public ids are enciphered."""
    cursor = await connection.execute("select id_key from installation")
    row = await cursor.fetchone()
    if row is None:
        raise LookupError("the database has no installation row: run `sendtrail migrate`")
    return bytes(row[0])


async def organization_named(connection: Connection, name: str) -> int | None:
    """The number of the organization of this name."""
    cursor = await connection.execute("select id from organization where name = %(name)s", {"name": name})
    row = await cursor.fetchone()
    return row[0] if row else None


async def organizations(connection: Connection) -> list[tuple[int, str]]:
    """Numbers and names of all organizations, by name."""
    cursor = await connection.execute("select id, name from organization order by name")
    return [(row[0], row[1]) async for row in cursor]


async def add_organization(connection: Connection, name: str) -> int | None:
    """A new organization; None where the name is taken."""
    cursor = await connection.execute(
        "insert into organization (name) values (%(name)s) on conflict do nothing returning id", {"name": name}
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def add_member(connection: Connection, email: str, password_hash: str, name: str = "") -> int | None:
    """A new member, who belongs to no organization yet; None where the address is taken.

    The first one is an admin of the installation.
    """
    cursor = await connection.execute(
        "insert into member (email, password_hash, name, operator)"
        " values (%(email)s, %(password_hash)s, %(name)s, not exists (select from member))"
        " on conflict do nothing returning id",
        {"email": email, "password_hash": password_hash, "name": name},
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def member_by_email(connection: Connection, email: str) -> MemberRow | None:
    """Who signs in under this address, which must be in lower case."""
    cursor = await connection.execute(
        "select member.id, email, member.name, password_hash, organization.id, organization.name, role"
        "  from member"
        "  left join membership on member_id = member.id"
        "  left join organization on organization.id = organization_id"
        " where email = %(email)s"
        " order by organization.name",
        {"email": email},
    )
    rows = await cursor.fetchall()
    if not rows:
        return None
    id_, address, name, password_hash = rows[0][:4]
    return MemberRow(id_, address, name, password_hash, [row[4:] for row in rows if row[4] is not None])


async def person(connection: Connection, member_id: int) -> Person | None:
    """Somebody who is signed in, with all the organizations that they can look at."""
    cursor = await connection.execute(
        "select email, member.name,"
        "       operator and exists (select from membership where member_id = member.id and role = 'admin'),"
        "       totp_secret <> '', cardinality(recovery_digests),"
        "       (select coalesce(json_agg(json_build_array(id, name) order by lower(name)), '[]')"
        "          from (select organization.id, organization.name"
        "                  from membership own"
        "                  join organization on organization.id = own.organization_id"
        "                    or organization.parent_id = own.organization_id and own.role = 'admin'"
        "                 where own.member_id = member.id"
        "                 group by organization.id) belonging)"
        "  from member where id = %(id)s",
        {"id": member_id},
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    email, name, operator, totp, codes, belonging = row
    return Person(email, name, operator, totp, codes, [(number, each) for number, each in belonging])


async def replace_password(connection: Connection, member_id: int, password_hash: str) -> None:
    """Keep a new hash of a member's password."""
    await connection.execute(
        "update member set password_hash = %(password_hash)s where id = %(id)s",
        {"id": member_id, "password_hash": password_hash},
    )


async def keys_by_digest(connection: Connection, digests: Sequence[bytes]) -> dict[bytes, KeyRow]:
    """The keys with these SHA-256, without those that were revoked."""
    cursor = await connection.execute(
        "select digest, id, organization_id, live, last_used_on is distinct from (now() at time zone 'UTC')::date,"
        "       rights, agency"
        "  from api_key where digest = any (%(digests)s) and revoked_at is null",
        {"digests": list(digests)},
    )
    return {bytes(digest): KeyRow(*row) async for digest, *row in cursor}


async def credential_by_username(connection: Connection, username: str) -> CredentialRow | None:
    """A feed's credentials, unless they were revoked."""
    cursor = await connection.execute(
        f"{_CREDENTIALS} where username = %(username)s and revoked_at is null", {"username": username}
    )
    row = await cursor.fetchone()
    return CredentialRow(*row) if row else None


async def credential_by_digest(connection: Connection, digest: bytes) -> CredentialRow | None:
    """The feed's credentials whose password has this SHA-256, unless they were revoked."""
    cursor = await connection.execute(
        f"{_CREDENTIALS} where password_digest = %(digest)s and revoked_at is null", {"digest": digest}
    )
    row = await cursor.fetchone()
    return CredentialRow(*row) if row else None


async def credentials_of_vendor(connection: Connection, vendor: str) -> list[CredentialRow]:
    """The credentials of all organizations that take a vendor's webhooks, without those that were revoked."""
    cursor = await connection.execute(
        f"{_CREDENTIALS} where vendor = %(vendor)s and revoked_at is null order by id", {"vendor": vendor}
    )
    return [CredentialRow(*row) async for row in cursor]


_CREDENTIALS = "select id, organization_id, live, password_digest, vendor, secret from feed"


async def answers(connection: Connection) -> bool:
    """Whether the database is there and migrated."""
    cursor = await connection.execute("select exists (select from installation)")
    row = await cursor.fetchone()
    return bool(row and row[0])


async def matchable(connection: Connection, limit: int) -> list[tuple[int, bool, int]]:
    """Organization, mode and barcode of kept unmatched scans for which there is a send after all."""
    cursor = await connection.execute(statements("ingest.sql")["matchable"], {"limit": limit})
    return [row async for row in cursor]


async def reported(connection: Connection, limit: int) -> list[tuple[int, bool, int]]:
    """Organization, mode and number of sends for which a kept report waits after all."""
    cursor = await connection.execute(statements("unmatched_reports.sql")["matchable"], {"limit": limit})
    return [row async for row in cursor]


async def due_histories(connection: Connection, rest: timedelta, limit: int) -> list[DueHistory]:
    """What has changed since its history was worked out, oldest change first.

    It is due `rest` after the change, and as much later again for each 100,000 sends.
    """
    cursor = await connection.execute(statements("histories.sql")["due"], {"rest": rest, "limit": limit})
    return [DueHistory(*row) async for row in cursor]


async def claim_feed_file(connection: Connection, lease: timedelta) -> tuple[int, int, bool] | None:
    """Take the oldest feed file that nobody is ingesting: its number, organization and mode."""
    cursor = await connection.execute(
        """update feed_file set claimed_until = now() + %(lease)s
            where id = (select id from feed_file
                         where finished_at is null and claimed_until < now()
                         order by received_at limit 1 for update skip locked)
        returning id, organization_id, live""",
        {"lease": lease},
    )
    return await cursor.fetchone()


async def forget_requests(connection: Connection, age: timedelta) -> int:
    """Forget Idempotency-Keys older than `age`; how many."""
    cursor = await connection.execute("delete from idempotency where created_at < now() - %(age)s", {"age": age})
    return cursor.rowcount
