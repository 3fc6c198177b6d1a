"""Teams, and who is in them."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, patch, post, put
from litestar.params import JSONBody, PathParameter

from sendtrail.api.problems import refusals
from sendtrail.api.requests import Caller, Here, IdempotencyKey, live_only, repeatable
from sendtrail.api.shapes import Page
from sendtrail.domain.roles import Permission
from sendtrail.services import people
from sendtrail.services.people import Team, TeamName

TeamId = Annotated[str, PathParameter(description="A team's `id`.")]
MemberId = Annotated[str, PathParameter(description="A member's `id`.")]


class TeamWanted(msgspec.Struct, forbid_unknown_fields=True):
    """A team's name."""

    name: str


class Teams(Controller):
    path = "/teams"
    tags = ["people"]  # noqa: RUF012 — read once, by the framework

    @get(responses=refusals(400, 401, 403), needs=Permission.MEMBERS_READ)
    async def page(self, context: Here, caller: Caller) -> Page[Team]:
        """The organization's teams with their members, by name."""
        return Page(await people.list_teams(context, caller), None)

    @post(responses=refusals(400, 401, 403, 409, 413, 415), needs=Permission.MEMBERS_WRITE)
    async def add(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[TeamWanted],
        idempotency_key: IdempotencyKey = None,
    ) -> TeamName:
        """Begin a team."""
        live_only(caller)
        again = repeatable(request, idempotency_key, await request.body())
        return await people.add_team(context, caller, data.name, request=again)

    @patch("/{team_id:str}", responses=refusals(400, 401, 403, 404, 409, 413, 415), needs=Permission.MEMBERS_WRITE)
    async def rename(self, context: Here, caller: Caller, team_id: TeamId, data: JSONBody[TeamWanted]) -> TeamName:
        """Call a team by another name."""
        live_only(caller)
        return await people.rename_team(context, caller, team_id, data.name)

    @delete("/{team_id:str}", responses=refusals(400, 401, 403, 404), needs=Permission.MEMBERS_WRITE)
    async def remove(self, context: Here, caller: Caller, team_id: TeamId) -> None:
        """Give up a team: its members leave it. What was sent for it keeps its name, and counts as before."""
        live_only(caller)
        await people.remove_team(context, caller, team_id)

    @put(
        "/{team_id:str}/members/{member_id:str}",
        status_code=204,
        responses=refusals(400, 401, 403, 404),
        needs=Permission.MEMBERS_WRITE,
    )
    async def enter(self, context: Here, caller: Caller, team_id: TeamId, member_id: MemberId) -> None:
        """Put a member into a team. What they send belongs to the first that they came into, unless a send says."""
        live_only(caller)
        await people.enter_team(context, caller, team_id, member_id)

    @delete(
        "/{team_id:str}/members/{member_id:str}",
        responses=refusals(400, 401, 403, 404),
        needs=Permission.MEMBERS_WRITE,
    )
    async def exit(self, context: Here, caller: Caller, team_id: TeamId, member_id: MemberId) -> None:
        """Take a member out of a team; what they sent for it stays the team's."""
        live_only(caller)
        await people.exit_team(context, caller, team_id, member_id)
