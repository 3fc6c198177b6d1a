"""An organization's members, teams and roles. Whoever changes them gives nothing, and takes nothing away, that is more
than they have themselves; each change is noted in the audit trail."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from sendtrail.domain.problems import Conflict, Forbidden, Invalid, NotFound
from sendtrail.domain.roles import ABOUT, ROLES, Permission, Reach, Rights, covers, rights_of, widened, words_of
from sendtrail.domain.scope import Scope
from sendtrail.services.accounts import checked_name, number_of
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.store import audit, members, organizations, roles, teams
from sendtrail.store.database import Connection
from sendtrail.store.members import MemberRow
from sendtrail.store.system import sessions


class TeamName(msgspec.Struct, frozen=True):
    id: str
    name: str


class Person(msgspec.Struct, frozen=True):
    """A member. `whole`: what the role may do for teams, they may do for the organization. `totp`: they sign in with a
    code besides."""

    id: str
    email: str
    name: str
    role: str
    whole: bool
    joined_at: datetime
    teams: list[TeamName]
    totp: bool


class Standing(NamedTuple):
    """A member's role, whether for the whole organization, and the names of their teams."""

    role: str
    whole: bool
    teams: list[str]


class Team(msgspec.Struct, frozen=True):
    """A team, and who is in it."""

    id: str
    name: str
    members: list[Person]


class Role(msgspec.Struct, frozen=True):
    """A role: permissions and how far they reach. `own`: it is the organization's, and may be changed."""

    name: str
    about: str
    rights: dict[str, str]
    own: bool


async def list_people(context: Context, scope: Scope) -> list[Person]:
    """The organization's members, by address."""
    async with context.database.snapshot() as connection:
        return list((await _people(connection, context, scope)).values())


async def list_teams(context: Context, scope: Scope) -> list[Team]:
    """The organization's teams, by name."""
    async with context.database.snapshot() as connection:
        people = await _people(connection, context, scope)
        rows = await teams.listed(connection, scope)
    return [
        Team(context.ids.encode("team", row.id), row.name, [people[each] for each in row.members if each in people])
        for row in rows
    ]


async def list_roles(context: Context, scope: Scope) -> list[Role]:
    """The roles that come with Sendtrail, then the organization's own."""
    async with context.database.snapshot() as connection:
        own = await roles.listed(connection, scope)
    given = [Role(name, ABOUT[name], words_of(rights), False) for name, rights in ROLES.items()]
    return given + [Role(name, "", rights, True) for name, rights in own.items()]


async def rights_of_role(connection: Connection, scope: Scope, role: str, whole: bool = False) -> Rights:
    """What a role may do in the organization; Invalid names `role` where there is none of that name."""
    own = await roles.listed(connection, scope)
    if role not in ROLES and role not in own:
        raise Invalid(f"role must be one of {', '.join([*ROLES, *own])}", "role")
    rights = ROLES[role] if role in ROLES else rights_of(own[role])
    return widened(rights) if whole else rights


def check_teams(scope: Scope, rights: Rights, team_ids: Sequence[int]) -> None:
    """Forbidden unless whoever has such rights in these teams sees no more by them than the scope does itself."""
    for permission, reach in rights.items():
        beyond = reach is Reach.TEAMS and not scope.may(permission, Reach.ORGANIZATION)
        if beyond and not set(team_ids) <= set(scope.teams):
            raise Forbidden("you cannot let somebody see a team that you do not see, or take it from them")


async def oneself(context: Context, scope: Scope) -> Standing:
    """What the member who asks is in the organization, or in its agency."""
    async with context.database.snapshot() as connection:
        found = await members.standing(connection, scope, scope.member_id)
        names = {row.id: row.name for row in await teams.listed(connection, scope)}
    if found is None:
        raise NotFound("no such member", "id")
    return Standing(found.role, found.whole, [names[each] for each in found.teams if each in names])


async def rename_oneself(context: Context, scope: Scope, name: str) -> None:
    """What the member who asks is called, in every organization; empty for no name."""
    name = checked_name(name, "name") if name.strip() else ""
    async with context.database.transaction() as connection:
        await members.rename_oneself(connection, scope, name)


async def change_role(context: Context, scope: Scope, member_id: str, role: str, whole: bool) -> Person:
    """Give a member another role; the member as they are then.

    They sign in again: what they could do before, an open page cannot do any more. Invalid names `role`; Forbidden for
    more than one has; Conflict where no admin would be left.
    """
    number = number_of(context, "member", member_id)
    async with context.database.transaction() as connection:
        person = await _person(connection, scope, number)
        rights = await rights_of_role(connection, scope, role, whole)
        if not covers(scope.rights, rights):
            raise Forbidden("you cannot give a role that may do more than you may")
        check_teams(scope, rights, person.teams)
        await _keep_an_admin(connection, scope, person, role)
        await members.change(connection, scope, number, role, whole)
        await sessions.remove_all(connection, number)
        await audit.note(
            connection, scope, "member.role_changed", person.email, role=role, whole=whole, before=person.role
        )
        return (await _people(connection, context, scope))[number]


async def remove(context: Context, scope: Scope, member_id: str) -> None:
    """Take somebody out of the organization. What they sent stays, and stays theirs."""
    number = number_of(context, "member", member_id)
    async with context.database.transaction() as connection:
        person = await _person(connection, scope, number)
        await _keep_an_admin(connection, scope, person, "")
        await members.leave(connection, scope, number)
        await sessions.remove_all(connection, number)
        await audit.note(connection, scope, "member.removed", person.email, role=person.role)


async def add_team(context: Context, scope: Scope, name: str, *, request: Request | None = None) -> TeamName:
    """A new team without members; Conflict where its name is taken."""
    name = checked_name(name, "name")

    async def act(connection: Connection) -> bytes:
        number = await teams.add(connection, scope, name)
        if number is None:
            raise Conflict(f"there is a team named {name[:60]!a} already", "name")
        await audit.note(connection, scope, "team.added", name)
        return msgspec.json.encode(TeamName(context.ids.encode("team", number), name))

    return msgspec.json.decode(await once(context, scope, request, act), type=TeamName)


async def rename_team(context: Context, scope: Scope, team_id: str, name: str) -> TeamName:
    """Call a team by another name, also where it stands beside what it sent; Conflict where another has it."""
    number, name = number_of(context, "team", team_id), checked_name(name, "name")
    async with context.database.transaction() as connection:
        await organizations.lock(connection, scope)
        before = await _team(connection, scope, number)
        if not await teams.rename(connection, scope, number, name):
            raise Conflict(f"there is a team named {name[:60]!a} already", "name")
        if name != before:
            await audit.note(connection, scope, "team.renamed", before, name=name)
    return TeamName(context.ids.encode("team", number), name)


async def remove_team(context: Context, scope: Scope, team_id: str) -> None:
    """Give up a team: its members leave it, and its name is free.

    What was sent for it keeps its name and counts as before. Whoever saw it by way of the team sees of it only what is
    their own; those who see the whole organization see all of it. Forbidden where somebody in it may do more than who
    asks.
    """
    number = number_of(context, "team", team_id)
    async with context.database.transaction() as connection:
        await organizations.lock(connection, scope)
        name = await _team(connection, scope, number)
        for person in await members.listed(connection, scope):
            if number in person.teams:
                await _person(connection, scope, person.id)
        await teams.remove(connection, scope, number)
        await audit.note(connection, scope, "team.removed", name)


async def enter_team(context: Context, scope: Scope, team_id: str, member_id: str) -> None:
    """Put a member into a team; to do so twice changes nothing. Forbidden where they would see more than one does."""
    team, number = number_of(context, "team", team_id), number_of(context, "member", member_id)
    async with context.database.transaction() as connection:
        person, name = await _person(connection, scope, number), await _team(connection, scope, team)
        check_teams(scope, await rights_of_role(connection, scope, person.role, person.whole), [team])
        if await teams.enter(connection, scope, team, number):
            await audit.note(connection, scope, "team.entered", person.email, team=name)


async def exit_team(context: Context, scope: Scope, team_id: str, member_id: str) -> None:
    """Take a member out of a team; what they sent for it stays the team's."""
    team, number = number_of(context, "team", team_id), number_of(context, "member", member_id)
    async with context.database.transaction() as connection:
        person, name = await _person(connection, scope, number), await _team(connection, scope, team)
        if await teams.exit(connection, scope, team, number):
            await audit.note(connection, scope, "team.left", person.email, team=name)


async def put_role(context: Context, scope: Scope, name: str, words: Mapping[str, str]) -> None:
    """Keep a role of the organization's own, by permissions and how far they reach, or change what it may do.

    Invalid names `name` or `rights`; Forbidden for more than one has.
    """
    name = checked_name(name, "name")
    if name.lower() in ROLES:
        raise Conflict(f"name {name} is that of a role that comes with Sendtrail", "name")
    rights = rights_of(words)
    if not rights:
        raise Invalid("rights: choose at least one", "rights")
    async with context.database.transaction() as connection:
        known = await roles.listed(connection, scope)
        for each in (rights, rights_of(known.get(name, {}))):
            if not covers(scope.rights, each):
                raise Forbidden("you cannot make or change a role that may do more than you may")
        await roles.put(connection, scope, name, words_of(rights))
        await audit.note(connection, scope, "role.saved", name, rights=words_of(rights))


async def remove_role(context: Context, scope: Scope, name: str) -> None:
    """Remove a role of the organization's own; Conflict where somebody has it, NotFound where there is none."""
    async with context.database.transaction() as connection:
        if name not in await roles.listed(connection, scope):
            raise NotFound(f"no role {name[:60]!a}", "name")
        if not await roles.remove(connection, scope, name):
            raise Conflict("somebody has this role, or is invited to it: give them another one first", "name")
        await audit.note(connection, scope, "role.removed", name)


async def _people(connection: Connection, context: Context, scope: Scope) -> dict[int, Person]:
    names = {row.id: row.name for row in await teams.listed(connection, scope)}
    return {
        row.id: Person(
            context.ids.encode("member", row.id),
            row.email,
            row.name,
            row.role,
            row.whole,
            row.joined_at,
            [TeamName(context.ids.encode("team", each), names[each]) for each in row.teams],
            row.totp,
        )
        for row in await members.listed(connection, scope)
    }


async def _person(connection: Connection, scope: Scope, number: int) -> MemberRow:
    """A member whom the scope may change; one writer at a time. NotFound, Forbidden."""
    scope.require(Permission.MEMBERS_WRITE)
    await organizations.lock(connection, scope)
    for row in await members.listed(connection, scope):
        if row.id == number:
            own = await roles.listed(connection, scope)
            rights = rights_of(own[row.role]) if row.role in own else ROLES.get(row.role, {})
            rights = widened(rights) if row.whole else rights
            if not covers(scope.rights, rights):
                raise Forbidden("you cannot change somebody who may do more than you may")
            check_teams(scope, rights, row.teams)
            return row
    raise NotFound("no such member", "id")


async def _team(connection: Connection, scope: Scope, number: int) -> str:
    for row in await teams.listed(connection, scope):
        if row.id == number:
            return row.name
    raise NotFound("no such team", "id")


async def _keep_an_admin(connection: Connection, scope: Scope, person: MemberRow, role: str) -> None:
    if person.role == "admin" and role != "admin" and await members.admins(connection, scope) < 2:
        raise Conflict("an organization needs an admin: make somebody else one first", "role")
