"""Settings: what each role may do, and roles of the organization's own."""

from collections.abc import Mapping

from litestar import Response, get, post

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import MEANINGS, Permission
from sendtrail.services import people
from sendtrail.web.forms import see, wrong_fields
from sendtrail.web.queries import query_of
from sendtrail.web.settings import ROLES, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form

REACHES = {
    True: [("", "No"), ("own", "Their own"), ("teams", "Their teams"), ("organization", "The whole organization")],
    False: [("", "No"), ("organization", "Yes")],
}
"""What a form offers, by whether the permission can go less far than the organization."""


@get("/settings/roles", needs=Permission.MEMBERS_WRITE, takes=("role",))
async def show_roles(request: WebRequest, visitor: Here) -> Response[str]:
    """All roles; the one that the address names can be changed."""
    chosen = query_of(request).get("role", "")
    roles = await people.list_roles(context_of(request), visitor.scope)
    typed = next(({"name": role.name, **role.rights} for role in roles if role.own and role.name == chosen), {})
    return await _roles_page(request, visitor, typed)


@post("/settings/roles", needs=Permission.MEMBERS_WRITE)
async def put_role(request: WebRequest, visitor: Here) -> Response[str]:
    """Keep a role, or change what it may do."""
    fields = await read_form(request, visitor)
    words = {each.value: fields[each] for each in Permission if fields.get(each)}
    try:
        await people.put_role(context_of(request), visitor.scope, fields.get("name", ""), words)
    except SendtrailError as problem:
        return await _roles_page(request, visitor, fields, problem)
    return see("/settings/roles?done=saved")


@post("/settings/roles/remove", needs=Permission.MEMBERS_WRITE)
async def remove_role(request: WebRequest, visitor: Here) -> Response[str]:
    """Remove a role that nobody has."""
    fields = await read_form(request, visitor)
    try:
        await people.remove_role(context_of(request), visitor.scope, fields.get("name", ""))
    except SendtrailError as problem:
        return await _roles_page(request, visitor, fields, problem)
    return see("/settings/roles?done=removed")


async def _roles_page(
    request: WebRequest, visitor: Visitor, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    return await settings_page(
        request,
        visitor,
        "settings_roles.html",
        ROLES,
        wrong=wrong_fields(problem, {"name": "name"}),
        typed=typed,
        roles=await people.list_roles(context_of(request), visitor.scope),
        permissions=[(each.value, text, REACHES[each.divisible]) for each, text in MEANINGS.items()],
        reached={word: text for word, text in REACHES[True] if word},
        asked={each.value: text for each, text in MEANINGS.items()},
    )
