"""Settings: who belongs to the organization, and who is invited."""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import invitations, people
from sendtrail.web.forms import see, wrong_fields
from sendtrail.web.settings import MEMBERS, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, public_address, read_form


@get("/settings/members", needs=Permission.MEMBERS_READ)
async def show_members(request: WebRequest, visitor: Here) -> Response[str]:
    """Members and open invitations."""
    return await _members_page(request, visitor, {})


@post("/settings/members", needs=Permission.MEMBERS_WRITE)
async def invite(request: WebRequest, visitor: Here) -> Response[str]:
    """Send somebody a link with which they join."""
    fields = await read_form(request, visitor)
    role, whole = _role(fields)
    try:
        await invitations.invite(
            context_of(request),
            visitor.scope,
            fields.get("email", ""),
            role,
            whole,
            fields.get("team", ""),
            public_address(request),
        )
    except SendtrailError as problem:
        return await _members_page(request, visitor, fields, problem)
    return see("/settings/members?done=invited")


@post("/settings/invitations/{invitation_id:str}/withdraw", needs=Permission.MEMBERS_WRITE)
async def withdraw(request: WebRequest, visitor: Here, invitation_id: FromPath[str]) -> Response[str]:
    """From now on the link of an invitation opens nothing."""
    await read_form(request, visitor)
    await invitations.withdraw(context_of(request), visitor.scope, invitation_id)
    return see("/settings/members?done=withdrawn")


@post("/settings/members/{member_id:str}/role", needs=Permission.MEMBERS_WRITE)
async def change_role(request: WebRequest, visitor: Here, member_id: FromPath[str]) -> Response[str]:
    """Give a member another role."""
    role, whole = _role(await read_form(request, visitor))
    try:
        await people.change_role(context_of(request), visitor.scope, member_id, role, whole)
    except SendtrailError as problem:
        if problem.param not in ("role", None):
            raise
        return await _members_page(request, visitor, {}, problem)
    return see("/settings/members?done=role")


@post("/settings/members/{member_id:str}/remove", needs=Permission.MEMBERS_WRITE)
async def remove(request: WebRequest, visitor: Here, member_id: FromPath[str]) -> Response[str]:
    """Take somebody out of the organization."""
    await read_form(request, visitor)
    try:
        await people.remove(context_of(request), visitor.scope, member_id)
    except SendtrailError as problem:
        if problem.param not in ("role", None):
            raise
        return await _members_page(request, visitor, {}, problem)
    return see("/settings/members?done=gone")


def _role(fields: Mapping[str, str]) -> tuple[str, bool]:
    """The role that a form names, and whether it is granted the whole organization: `manager` or `manager, whole`."""
    role, _, whole = fields.get("role", "").partition("|")
    return role, whole == "whole"


async def _members_page(
    request: WebRequest, visitor: Visitor, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    context, scope = context_of(request), visitor.scope
    roles = await people.list_roles(context, scope)
    choices = []
    for role in roles:
        choices.append((role.name, role.name.capitalize() if not role.own else role.name))
        if "teams" in role.rights.values():
            choices.append((f"{role.name}|whole", f"{choices[-1][1]} of the whole organization"))
    problem = SendtrailError(problem.message, "") if problem and problem.param == "role" and not typed else problem
    return await settings_page(
        request,
        visitor,
        "settings_members.html",
        MEMBERS,
        wrong=wrong_fields(problem, {"email": "address", "role": "role", "team": "team"}),
        typed=typed,
        people=await people.list_people(context, scope),
        invitations=await invitations.list_invitations(context, scope) if scope.may(Permission.MEMBERS_WRITE) else [],
        teams=[("", "No team"), *((team.id, team.name) for team in await people.list_teams(context, scope))],
        choices=choices,
        named=dict(choices),
        outbox=visitor.person.operator and not context.config.smtp_host,
    )
