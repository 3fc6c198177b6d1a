"""Who asks, and what belongs to their organization."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.params import JSONBody, PathParameter

from sendtrail.api.problems import refusals
from sendtrail.api.requests import Caller, Here, IdempotencyKey, repeatable
from sendtrail.api.shapes import Page
from sendtrail.domain.roles import Permission
from sendtrail.services import accounts, mailer_ids
from sendtrail.services.mailer_ids import MailerId


class Me(msgspec.Struct, frozen=True):
    """The key's reach: one organization, in one mode."""

    organization: accounts.Organization
    mode: Literal["live", "test"]


class NewMailerId(msgspec.Struct, forbid_unknown_fields=True):
    """A Mailer ID of 6 digits, or of 9 if it begins with 9. Without a range all of its serial numbers are meant."""

    mid: str
    first_serial: int | None = None
    last_serial: int | None = None


class Account(Controller):
    tags = ["account"]  # noqa: RUF012 — read once, by the framework

    @get("/me", responses=refusals(400, 401, 403), needs=None)
    async def me(self, context: Here, caller: Caller) -> Me:
        """Whose key this is."""
        return Me(await accounts.organization(context, caller), "live" if caller.live else "test")

    @get("/keys", responses=refusals(400, 401, 403), needs=Permission.KEYS_READ)
    async def keys(self, context: Here, caller: Caller) -> Page[accounts.Key]:
        """The organization's API keys of this key's mode, without their secrets."""
        return Page(await accounts.list_keys(context, caller), None)

    @get("/mailer_ids", responses=refusals(400, 401, 403), needs=Permission.SETTINGS_READ)
    async def mailer_ids(self, context: Here, caller: Caller) -> Page[MailerId]:
        """The organization's Mailer IDs, in the order in which their serial numbers are given out."""
        return Page(await mailer_ids.list_mailer_ids(context, caller), None)

    @post("/mailer_ids", responses=refusals(400, 401, 403, 409, 413, 415), needs=Permission.SETTINGS_WRITE)
    async def add_mailer_id(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewMailerId],
        idempotency_key: IdempotencyKey = None,
    ) -> MailerId:
        """Register a Mailer ID, or a range of its serial numbers."""
        again = repeatable(request, idempotency_key, await request.body())
        return await mailer_ids.add_mailer_id(
            context, caller, data.mid, data.first_serial, data.last_serial, request=again
        )

    @delete("/mailer_ids/{mailer_id:str}", responses=refusals(400, 401, 403, 404, 409), needs=Permission.SETTINGS_WRITE)
    async def remove_mailer_id(
        self,
        context: Here,
        caller: Caller,
        mailer_id: Annotated[str, PathParameter(description="A Mailer ID's `id`.")],
    ) -> None:
        """Take back a Mailer ID that was registered by mistake: while no piece has a number of it."""
        await mailer_ids.remove_mailer_id(context, caller, mailer_id)
