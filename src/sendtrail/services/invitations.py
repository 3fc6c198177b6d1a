"""Invitations: a link by e-mail, with which somebody joins an organization under the role that they were invited to."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from sendtrail.domain.problems import Conflict, Forbidden, Invalid, NotFound
from sendtrail.domain.roles import Permission, covers
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, mail, sessions
from sendtrail.services.accounts import checked_email, checked_name, checked_password, number_of
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.people import TeamName, check_teams, rights_of_role
from sendtrail.services.sessions import Session
from sendtrail.store import audit, invitations, members, organizations, system, teams
from sendtrail.store.database import Connection
from sendtrail.store.invitations import InvitationRow
from sendtrail.store.system import tokens
from sendtrail.store.system.tokens import Invited

LIFETIME = timedelta(days=7)
"""Long enough for a holiday's first week, short enough for a forgotten mailbox."""


class Invitation(msgspec.Struct, frozen=True):
    """Somebody who was invited and has not come yet."""

    id: str
    email: str
    role: str
    whole: bool
    team: TeamName | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Welcome:
    """What an invited person reads. `known`: the address has an account already, whose password is asked for."""

    organization: str
    email: str
    role: str
    known: bool


async def invite(
    context: Context,
    scope: Scope,
    email: str,
    role: str,
    whole: bool,
    team: str,
    address: str,
    *,
    request: Request | None = None,
) -> Invitation:
    """Send somebody a link to `address`; an earlier one is void. `team`: by id or name, or empty.

    Invalid names `email`, `role` or `team`; Conflict where they are a member; Forbidden for more than one has.
    """
    scope.require(Permission.MEMBERS_WRITE)
    email = checked_email(email)
    token = secrets.token_urlsafe(32)

    async def act(connection: Connection) -> bytes:
        rights = await rights_of_role(connection, scope, role, whole)
        if not covers(scope.rights, rights):
            raise Forbidden("you cannot invite somebody to a role that may do more than you may")
        if email in await members.by_email(connection, scope, [email]):
            raise Conflict(f"email {email} is a member's already", "email")
        names = {row.id: row.name for row in await teams.listed(connection, scope)}
        wanted = [each for each, called in names.items() if team in (called, context.ids.encode("team", each))]
        if team and not wanted:
            raise Invalid(f"team {team[:60]!a} must be the id or the name of a team", "team")
        check_teams(scope, rights, wanted)
        row = await invitations.put(
            connection, scope, email, role, whole, wanted[0] if wanted else None, _digest(token), LIFETIME
        )
        name = (await organizations.get(connection, scope)).name
        await mail.write(
            connection,
            email,
            f"You are invited to {name} on Sendtrail",
            f"You are invited to join {name} on Sendtrail, where its letters, postcards and gifts are tracked.",
            f"To accept, open this link within {LIFETIME.days} days:\n{address}/invite/{token}",
            "If you did not expect this, leave it be: nothing happens.",
        )
        await audit.note(connection, scope, "member.invited", email, role=role, whole=whole)
        return msgspec.json.encode(_told(context, row, names))

    return msgspec.json.decode(await once(context, scope, request, act), type=Invitation)


async def list_invitations(context: Context, scope: Scope) -> list[Invitation]:
    """Who was invited and has not come, newest first."""
    async with context.database.snapshot() as connection:
        names = {row.id: row.name for row in await teams.listed(connection, scope)}
        rows = await invitations.listed(connection, scope)
    return [_told(context, row, names) for row in rows]


async def withdraw(context: Context, scope: Scope, invitation_id: str) -> None:
    """From now on the link opens nothing; NotFound where the scope has no such invitation."""
    number = number_of(context, "invitation", invitation_id)
    async with context.database.transaction() as connection:
        email = await invitations.remove(connection, scope, number)
        if email is None:
            raise NotFound("no such invitation", "id")
        await audit.note(connection, scope, "invitation.withdrawn", email)


async def look(context: Context, token: str) -> Welcome:
    """What an invitation says; NotFound for a link that was never given out, was used or withdrawn, or is over."""
    async with context.database.snapshot() as connection:
        found = _open(await tokens.invitation(connection, _digest(token)))
    return Welcome(found.organization, found.email, found.role, found.member_id is not None)


async def accept(context: Context, token: str, name: str, password: str) -> Session:
    """Join: with a new account, or with the password of the account that the address has.

    Invalid names `name` or `password`; Unauthorized, TooManyTries for a known account; NotFound as `look`.
    """
    async with context.database.snapshot() as connection:
        found = _open(await tokens.invitation(connection, _digest(token)))
    name = checked_name(name, "name") if name.strip() else ""
    password_hash = ""
    if found.member_id is not None:
        async with sessions.counted(context, f"invitation {found.id}"):
            await accounts.sign_in(context, found.email, password)
    else:
        password_hash = await accounts.hashed(checked_password(password, found.email))
    async with context.database.transaction() as connection:
        scope = Scope(found.organization_id, True, "invitation")
        if await invitations.remove(connection, scope, found.id) is None:
            raise NotFound(_OVER)
        member_id = found.member_id or await system.add_member(connection, found.email, password_hash, name)
        if member_id is None:
            raise Conflict("this address has got an account meanwhile: open the link again")
        scope = Scope(found.organization_id, True, f"member:{member_id}")
        await members.join(connection, scope, member_id, found.role, found.whole)
        if found.team_id is not None:
            await teams.enter(connection, scope, found.team_id, member_id)
        await audit.note(connection, scope, "member.joined", found.email, role=found.role)
    return await sessions.waiting(context, Session(member_id, found.email, found.organization_id))


_OVER = "this invitation was used, withdrawn or is over: ask for another one"


def _open(found: Invited | None) -> Invited:
    if found is None:
        raise NotFound(_OVER)
    return found


def _told(context: Context, row: InvitationRow, teams_: Mapping[int, str]) -> Invitation:
    return Invitation(
        context.ids.encode("invitation", row.id),
        row.email,
        row.role,
        row.whole,
        TeamName(context.ids.encode("team", row.team_id), teams_[row.team_id]) if row.team_id else None,
        row.created_at,
        row.expires_at,
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()
