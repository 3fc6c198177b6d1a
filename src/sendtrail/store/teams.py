"""Teams of an organization, and who is in them. One that was removed keeps its row: sends and totals name it."""

from collections.abc import Sequence
from typing import NamedTuple

from psycopg.errors import UniqueViolation

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection


class TeamRow(NamedTuple):
    """`removed`: it is only the name of what it sent."""

    id: int
    name: str
    members: list[int]
    removed: bool


async def add(connection: Connection, scope: Scope, name: str) -> int | None:
    """A new team's number; None where the name is taken."""
    cursor = await connection.execute(
        "insert into team (organization_id, name) values (%(organization_id)s, %(name)s)"
        " on conflict do nothing returning id",
        {"organization_id": scope.organization_id, "name": name},
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def listed(connection: Connection, scope: Scope, *, removed: bool = False) -> list[TeamRow]:
    """The organization's teams, by name; with those that were removed, after the others, if `removed`."""
    cursor = await connection.execute(
        "select id, name, array(select member_id from team_member where team_id = team.id order by member_id),"
        "       removed_at is not null"
        "  from team where organization_id = %(organization_id)s and (removed_at is null or %(removed)s)"
        " order by removed_at is not null, lower(name), id",
        {"organization_id": scope.organization_id, "removed": removed},
    )
    return [TeamRow(*row) async for row in cursor]


async def rename(connection: Connection, scope: Scope, team_id: int, name: str) -> bool:
    """Call a team by another name; False where another team has it."""
    try:
        async with connection.transaction():
            await connection.execute(
                "update team set name = %(name)s where organization_id = %(organization_id)s and id = %(team_id)s",
                {"organization_id": scope.organization_id, "team_id": team_id, "name": name},
            )
    except UniqueViolation:
        return False
    return True


async def remove(connection: Connection, scope: Scope, team_id: int) -> None:
    """Give up a team: nobody is in it or invited to it any more, and its name is free."""
    team = {"organization_id": scope.organization_id, "team_id": team_id}
    await connection.execute(
        "delete from team_member where organization_id = %(organization_id)s and team_id = %(team_id)s", team
    )
    await connection.execute(
        "update invitation set team_id = null where organization_id = %(organization_id)s and team_id = %(team_id)s",
        team,
    )
    await connection.execute(
        "update team set removed_at = now() where organization_id = %(organization_id)s and id = %(team_id)s", team
    )


async def named(connection: Connection, scope: Scope, names: Sequence[str], ids: Sequence[int]) -> dict[str, int]:
    """Teams by name; those asked for by number are included."""
    cursor = await connection.execute(
        "select name, id from team"
        " where organization_id = %(organization_id)s and (name = any (%(names)s) or id = any (%(ids)s))"
        "   and removed_at is null",
        {"organization_id": scope.organization_id, "names": list(names), "ids": list(ids)},
    )
    return {name: number async for name, number in cursor}


async def enter(connection: Connection, scope: Scope, team_id: int, member_id: int) -> bool:
    """Put a member into a team, both of the organization; False where they are in it, or either is none of its."""
    cursor = await connection.execute(
        "insert into team_member (organization_id, team_id, member_id)"
        " select organization_id, team.id, member_id from team join membership using (organization_id)"
        "  where organization_id = %(organization_id)s and team.id = %(team_id)s and member_id = %(member_id)s"
        "    and removed_at is null"
        " on conflict do nothing",
        {"organization_id": scope.organization_id, "team_id": team_id, "member_id": member_id},
    )
    return cursor.rowcount == 1


async def exit(connection: Connection, scope: Scope, team_id: int, member_id: int) -> bool:
    """Take a member out of a team; what they sent stays the team's. Whether they were in it."""
    cursor = await connection.execute(
        "delete from team_member where organization_id = %(organization_id)s"
        " and team_id = %(team_id)s and member_id = %(member_id)s",
        {"organization_id": scope.organization_id, "team_id": team_id, "member_id": member_id},
    )
    return cursor.rowcount == 1
