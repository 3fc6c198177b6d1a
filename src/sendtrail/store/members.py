"""Who belongs to an organization. Members themselves belong to none: `store.system` finds them at sign-in."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


class Standing(NamedTuple):
    """What a member is in an organization. `rights`: of a role of its own, as its row has them; `teams`: as joined."""

    role: str
    whole: bool
    rights: dict[str, str] | None
    teams: tuple[int, ...]


class MemberRow(NamedTuple):
    id: int
    email: str
    name: str
    role: str
    whole: bool
    joined_at: datetime
    teams: list[int]
    totp: bool


async def join(connection: Connection, scope: Scope, member_id: int, role: str, whole: bool = False) -> bool:
    """Make a member part of the organization; False where they are already."""
    cursor = await connection.execute(
        "insert into membership (organization_id, member_id, role, whole)"
        " values (%(organization_id)s, %(member_id)s, %(role)s, %(whole)s) on conflict do nothing",
        {"organization_id": scope.organization_id, "member_id": member_id, "role": role, "whole": whole},
    )
    return cursor.rowcount == 1


async def leave(connection: Connection, scope: Scope, member_id: int) -> bool:
    """Take somebody out of the organization and its teams; what they sent stays theirs, what needs attention and was
    given to them is nobody's. Whether they were in it."""
    who = {"organization_id": scope.organization_id, "member_id": member_id}
    await connection.execute(
        "delete from team_member where organization_id = %(organization_id)s and member_id = %(member_id)s", who
    )
    await connection.execute(
        "update attention set assignee_id = 0"
        " where organization_id = %(organization_id)s and assignee_id = %(member_id)s",
        who,
    )
    cursor = await connection.execute(
        "delete from membership where organization_id = %(organization_id)s and member_id = %(member_id)s", who
    )
    return cursor.rowcount == 1


async def change(connection: Connection, scope: Scope, member_id: int, role: str, whole: bool) -> bool:
    """Give a member another role; whether there is such a member."""
    cursor = await connection.execute(
        "update membership set role = %(role)s, whole = %(whole)s"
        " where organization_id = %(organization_id)s and member_id = %(member_id)s",
        {"organization_id": scope.organization_id, "member_id": member_id, "role": role, "whole": whole},
    )
    return cursor.rowcount == 1


async def rename_oneself(connection: Connection, scope: Scope, name: str) -> None:
    """Call the member who asks by another name, in every organization of theirs."""
    await connection.execute(
        "update member set name = %(name)s where id = %(member_id)s", {"member_id": scope.member_id, "name": name}
    )


async def standing(connection: Connection, scope: Scope, member_id: int) -> Standing | None:
    """What a member is in the organization, None for a stranger. An agency's admin is one of its clients' too."""
    cursor = await connection.execute(
        "select membership.role, whole, rights,"
        "       array(select team_id from team_member"
        "              where team_member.organization_id = membership.organization_id"
        "                and team_member.member_id = membership.member_id"
        "              order by joined_at, team_id)"
        "  from membership"
        "  left join role on role.organization_id = membership.organization_id and role.name = membership.role"
        " where membership.member_id = %(member_id)s"
        "   and (membership.organization_id = %(organization_id)s"
        "        or membership.role = 'admin' and membership.organization_id ="
        "           (select parent_id from organization where id = %(organization_id)s))"
        " order by membership.organization_id <> %(organization_id)s",
        {"organization_id": scope.organization_id, "member_id": member_id},
    )
    row = await cursor.fetchone()
    return Standing(row[0], row[1], row[2], tuple(row[3])) if row else None


async def admins(connection: Connection, scope: Scope) -> int:
    """How many admins the organization has."""
    cursor = await connection.execute(
        "select count(*) from membership where organization_id = %(organization_id)s and role = 'admin'",
        {"organization_id": scope.organization_id},
    )
    row = await cursor.fetchone()
    return row[0] if row else 0


async def listed(connection: Connection, scope: Scope) -> list[MemberRow]:
    """The members of the organization, by address."""
    cursor = await connection.execute(
        "select member.id, email, member.name, role, whole, joined_at,"
        "       array(select team_id from team_member"
        "              where team_member.organization_id = membership.organization_id and member_id = member.id"
        "              order by joined_at, team_id),"
        "       totp_secret <> ''"
        "  from membership join member on member.id = member_id"
        " where organization_id = %(organization_id)s"
        " order by email",
        {"organization_id": scope.organization_id},
    )
    return [MemberRow(*row) async for row in cursor]


async def by_email(connection: Connection, scope: Scope, emails: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Numbers and first teams (0: none) of those members of the organization who have these addresses."""
    cursor = await connection.execute(
        "select email, member.id, coalesce(team_id, 0)"
        "  from member"
        "  join membership on membership.member_id = member.id"
        "  left join lateral (select team_id from team_member"
        "                      where team_member.organization_id = membership.organization_id"
        "                        and team_member.member_id = member.id"
        "                      order by joined_at, team_id limit 1) team on true"
        " where membership.organization_id = %(organization_id)s and email = any (%(emails)s)",
        {"organization_id": scope.organization_id, "emails": list(emails)},
    )
    return {email: (member_id, team_id) async for email, member_id, team_id in cursor}
