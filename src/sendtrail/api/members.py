"""Members of the organization, and who is invited to it."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, patch, post
from litestar.params import JSONBody, PathParameter

from sendtrail.api.problems import refusals
from sendtrail.api.requests import Caller, Here, IdempotencyKey, live_only, repeatable
from sendtrail.api.shapes import Page
from sendtrail.domain.roles import Permission
from sendtrail.services import invitations, people
from sendtrail.services.invitations import Invitation
from sendtrail.services.people import Person

MemberId = Annotated[str, PathParameter(description="A member's `id`.")]


class NewMember(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody to invite. `role`: `admin`, `manager`, `sender` or one of the organization's own; `whole`: what it may
    do for teams, they may do for the organization; `team`: one to join, by id or name."""

    email: str
    role: str
    whole: bool = False
    team: str | None = None


class RolePatch(msgspec.Struct, forbid_unknown_fields=True):
    """Another role, as an invitation names it."""

    role: str
    whole: bool = False


class Members(Controller):
    path = "/members"
    tags = ["people"]  # noqa: RUF012 — read once, by the framework

    @get(responses=refusals(400, 401, 403), needs=Permission.MEMBERS_READ)
    async def page(self, context: Here, caller: Caller) -> Page[Person]:
        """The organization's members, by address."""
        return Page(await people.list_people(context, caller), None)

    @post(responses=refusals(400, 401, 403, 409, 413, 415), needs=Permission.MEMBERS_WRITE)
    async def invite(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewMember],
        idempotency_key: IdempotencyKey = None,
    ) -> Invitation:
        """Invite somebody: they get a link by e-mail with which they join. An earlier one to the address is void."""
        live_only(caller)
        again = repeatable(request, idempotency_key, await request.body())
        address = context.config.links_address
        return await invitations.invite(
            context, caller, data.email, data.role, data.whole, data.team or "", address, request=again
        )

    @get("/invitations", responses=refusals(400, 401, 403), needs=Permission.MEMBERS_READ)
    async def invited(self, context: Here, caller: Caller) -> Page[Invitation]:
        """Who was invited and has not come, newest first."""
        return Page(await invitations.list_invitations(context, caller), None)

    @delete("/invitations/{invitation_id:str}", responses=refusals(400, 401, 403, 404), needs=Permission.MEMBERS_WRITE)
    async def withdraw(
        self,
        context: Here,
        caller: Caller,
        invitation_id: Annotated[str, PathParameter(description="An invitation's `id`.")],
    ) -> None:
        """Withdraw an invitation: its link opens nothing any more."""
        live_only(caller)
        await invitations.withdraw(context, caller, invitation_id)

    @patch("/{member_id:str}", responses=refusals(400, 401, 403, 404, 409, 413, 415), needs=Permission.MEMBERS_WRITE)
    async def change_role(
        self, context: Here, caller: Caller, member_id: MemberId, data: JSONBody[RolePatch]
    ) -> Person:
        """Give a member another role; they sign in again to go on. 409 where no admin would be left."""
        live_only(caller)
        return await people.change_role(context, caller, member_id, data.role, data.whole)

    @delete("/{member_id:str}", responses=refusals(400, 401, 403, 404, 409), needs=Permission.MEMBERS_WRITE)
    async def remove(self, context: Here, caller: Caller, member_id: MemberId) -> None:
        """Take somebody out of the organization; what they sent stays, and stays theirs."""
        live_only(caller)
        await people.remove(context, caller, member_id)
