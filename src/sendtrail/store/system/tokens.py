"""What the links in e-mails open, found by the SHA-256 of their token: no Scope yet."""

from datetime import timedelta
from typing import NamedTuple

from sendtrail.store.database import Connection


class Invited(NamedTuple):
    """An open invitation. `member_id`: of the account that the address has already, else None."""

    id: int
    organization_id: int
    organization: str
    email: str
    role: str
    whole: bool
    team_id: int | None
    member_id: int | None


async def invitation(connection: Connection, digest: bytes) -> Invited | None:
    """The invitation of a link, unless it is over; held until the transaction ends where that may write."""
    cursor = await connection.execute(
        "select invitation.id, organization_id, organization.name, invitation.email, role, whole, team_id, member.id"
        "  from invitation"
        "  join organization on organization.id = organization_id"
        "  left join member on member.email = invitation.email"
        " where digest = %(digest)s and expires_at > now()",
        {"digest": digest},
    )
    row = await cursor.fetchone()
    return Invited(*row) if row else None


async def put_reset(connection: Connection, member_id: int, digest: bytes, lifetime: timedelta) -> None:
    """Let the holder of a token choose a new password; earlier tokens of the member are void."""
    await void_resets(connection, member_id)
    await connection.execute(
        "insert into password_reset (digest, member_id, expires_at) values (%(digest)s, %(id)s, now() + %(lifetime)s)",
        {"digest": digest, "id": member_id, "lifetime": lifetime},
    )


async def reset(connection: Connection, digest: bytes) -> tuple[int, str] | None:
    """Number and address of the member whose password a link may change, unless it is over."""
    cursor = await connection.execute(
        "select member.id, email from password_reset join member on member.id = member_id"
        " where digest = %(digest)s and expires_at > now()",
        {"digest": digest},
    )
    return await cursor.fetchone()


async def void_resets(connection: Connection, member_id: int) -> None:
    """From now on no link opens that was given out before."""
    await connection.execute("delete from password_reset where member_id = %(id)s", {"id": member_id})


async def use_reset(connection: Connection, digest: bytes) -> bool:
    """Use a link up; whether it was open."""
    cursor = await connection.execute(
        "delete from password_reset where digest = %(digest)s and expires_at > now()", {"digest": digest}
    )
    return cursor.rowcount == 1


async def purge(connection: Connection) -> int:
    """Forget reset links that are over; how many."""
    cursor = await connection.execute("delete from password_reset where expires_at <= now()")
    return cursor.rowcount
