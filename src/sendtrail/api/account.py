"""Who asks, and what belongs to their organization."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.params import JSONBody, PathParameter

from sendtrail.api.problems import refusals
from sendtrail.api.requests import Caller, Here, IdempotencyKey, repeatable
from sendtrail.api.shapes import Page
from sendtrail.domain.roles import Permission, words_of
from sendtrail.services import accounts, api_keys, clients, mailer_ids
from sendtrail.services.mailer_ids import MailerId


class MyOrganization(accounts.Organization, frozen=True, kw_only=True):
    """The organization with its id, by which an agency's key names a client."""

    id: str


class Me(msgspec.Struct, frozen=True):
    """The key's reach: one organization, in one mode.

    `label`: what to call a connection by this key. `rights`: permissions and how far they reach. `clients`: whom an
    agency's key may speak for by the header `Sendtrail-Organization`, with their ids.
    """

    label: str
    organization: MyOrganization
    mode: Literal["live", "test"]
    rights: dict[str, str]
    clients: list[clients.Client]


class KeyWanted(msgspec.Struct, forbid_unknown_fields=True):
    """A key of the same mode as the one that asks. `rights`: permissions such as `sends.read` and how far they reach,
    `organization`; null for everything. `agency`: it may speak for the organization's clients too."""

    name: str
    rights: dict[str, str] | None = None
    agency: bool = False


class NewClient(msgspec.Struct, forbid_unknown_fields=True):
    """A client organization, by its name."""

    name: str


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
        own = await accounts.organization(context, caller)
        return Me(
            own.name if caller.live else f"{own.name} (test)",
            MyOrganization(
                **msgspec.structs.asdict(own), id=context.ids.encode("organization", caller.organization_id)
            ),
            "live" if caller.live else "test",
            words_of(caller.rights),
            await clients.list_clients(context, caller) if await api_keys.is_agency(context, caller) else [],
        )

    @get("/keys", responses=refusals(400, 401, 403), needs=Permission.KEYS_READ)
    async def keys(self, context: Here, caller: Caller) -> Page[api_keys.Key]:
        """The organization's API keys of this key's mode, without their secrets."""
        return Page(await api_keys.list_keys(context, caller), None)

    @post("/keys", responses=refusals(400, 401, 403, 409, 413, 415), needs=Permission.KEYS_WRITE)
    async def add_key(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[KeyWanted],
        idempotency_key: IdempotencyKey = None,
    ) -> api_keys.NewKey:
        """Make a key, which may do no more than this one. It is told once; a repeated request gets null for it."""
        again = repeatable(request, idempotency_key, await request.body())
        return await api_keys.make(context, caller, data.name, data.rights, data.agency, request=again)

    @delete("/keys/{key_id:str}", responses=refusals(400, 401, 403, 404), needs=Permission.KEYS_WRITE)
    async def revoke_key(
        self, context: Here, caller: Caller, key_id: Annotated[str, PathParameter(description="A key's `id`.")]
    ) -> None:
        """Revoke a key of this key's mode: from now on it opens nothing."""
        await api_keys.revoke_key(context, caller, key_id)

    @get("/clients", responses=refusals(400, 401, 403), needs=Permission.SETTINGS_READ)
    async def list_clients(self, context: Here, caller: Caller) -> Page[clients.Client]:
        """An agency's client organizations."""
        return Page(await clients.list_clients(context, caller), None)

    @post("/clients", responses=refusals(400, 401, 403, 409, 413, 415), needs=Permission.SETTINGS_WRITE)
    async def add_client(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewClient],
        idempotency_key: IdempotencyKey = None,
    ) -> clients.Client:
        """Begin a client organization, which makes this one an agency."""
        again = repeatable(request, idempotency_key, await request.body())
        return await clients.add_client(context, caller, data.name, request=again)

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
