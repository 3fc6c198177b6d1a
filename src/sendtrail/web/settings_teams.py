"""Settings: teams and who is in them."""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.problems import Conflict, Invalid, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import people
from sendtrail.web.forms import see, wrong_fields
from sendtrail.web.settings import TEAMS, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form


@get("/settings/teams", needs=Permission.MEMBERS_READ)
async def show_teams(request: WebRequest, visitor: Here) -> Response[str]:
    """Teams and their members."""
    return await _teams_page(request, visitor, {})


@post("/settings/teams", needs=Permission.MEMBERS_WRITE)
async def add_team(request: WebRequest, visitor: Here) -> Response[str]:
    """Begin a team."""
    fields = await read_form(request, visitor)
    try:
        await people.add_team(context_of(request), visitor.scope, fields.get("name", ""))
    except SendtrailError as problem:
        return await _teams_page(request, visitor, fields, problem)
    return see("/settings/teams?done=added")


@post("/settings/teams/{team_id:str}/rename", needs=Permission.MEMBERS_WRITE)
async def rename_team(request: WebRequest, visitor: Here, team_id: FromPath[str]) -> Response[str]:
    """Call a team by another name."""
    fields = await read_form(request, visitor)
    try:
        await people.rename_team(context_of(request), visitor.scope, team_id, fields.get("name", ""))
    except (Conflict, Invalid) as problem:
        return await _teams_page(request, visitor, {}, SendtrailError(problem.message, ""))
    return see("/settings/teams?done=saved")


@post("/settings/teams/{team_id:str}/remove", needs=Permission.MEMBERS_WRITE)
async def remove_team(request: WebRequest, visitor: Here, team_id: FromPath[str]) -> Response[str]:
    """Give up a team."""
    await read_form(request, visitor)
    await people.remove_team(context_of(request), visitor.scope, team_id)
    return see("/settings/teams?done=given_up")


@post("/settings/teams/{team_id:str}/enter", needs=Permission.MEMBERS_WRITE)
async def enter_team(request: WebRequest, visitor: Here, team_id: FromPath[str]) -> Response[str]:
    """Put a member into a team."""
    fields = await read_form(request, visitor)
    await people.enter_team(context_of(request), visitor.scope, team_id, fields.get("member", ""))
    return see("/settings/teams?done=saved")


@post("/settings/teams/{team_id:str}/exit", needs=Permission.MEMBERS_WRITE)
async def exit_team(request: WebRequest, visitor: Here, team_id: FromPath[str]) -> Response[str]:
    """Take a member out of a team."""
    fields = await read_form(request, visitor)
    await people.exit_team(context_of(request), visitor.scope, team_id, fields.get("member", ""))
    return see("/settings/teams?done=saved")


async def _teams_page(
    request: WebRequest, visitor: Visitor, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    context = context_of(request)
    return await settings_page(
        request,
        visitor,
        "settings_teams.html",
        TEAMS,
        wrong=wrong_fields(problem, {"name": "name"}),
        typed=typed,
        teams=await people.list_teams(context, visitor.scope),
        people=await people.list_people(context, visitor.scope),
    )
