"""The client organizations of an agency."""

import msgspec

from sendtrail.domain.problems import Conflict, Forbidden
from sendtrail.domain.scope import Scope
from sendtrail.services.accounts import checked_name
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.store import audit, organizations
from sendtrail.store.database import Connection


class Client(msgspec.Struct, frozen=True):
    """A client organization: an agency's admins can look at it, and its agency keys speak for it."""

    id: str
    name: str


async def list_clients(context: Context, scope: Scope) -> list[Client]:
    """The organization's clients, by name."""
    async with context.database.snapshot() as connection:
        rows = await organizations.clients_named(connection, scope)
    return [Client(context.ids.encode("organization", number), name) for number, name in rows]


async def add_client(context: Context, scope: Scope, name: str, *, request: Request | None = None) -> Client:
    """A new client, with the agency's time zone and currency. Invalid, Conflict name `name`; Forbidden for a client."""
    name = checked_name(name, "name")

    async def act(connection: Connection) -> bytes:
        if await organizations.is_client(connection, scope):
            raise Forbidden("a client organization has no clients of its own")
        number = await organizations.add_client(connection, scope, name)
        if number is None:
            raise Conflict("name is that of another organization here", "name")
        await audit.note(connection, scope, "client.added", name)
        return msgspec.json.encode(Client(context.ids.encode("organization", number), name))

    return msgspec.json.decode(await once(context, scope, request, act), type=Client)


async def is_client(context: Context, scope: Scope) -> bool:
    """Whether the organization is itself an agency's client."""
    async with context.database.snapshot() as connection:
        return await organizations.is_client(connection, scope)
