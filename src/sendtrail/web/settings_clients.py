"""Settings: the client organizations of an agency."""

from collections.abc import Mapping

from litestar import Response, get, post

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import clients
from sendtrail.web.forms import repeat_of, see, wrong_fields
from sendtrail.web.settings import CLIENTS, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form


@get("/settings/clients", needs=Permission.SETTINGS_WRITE)
async def show_clients(request: WebRequest, visitor: Here) -> Response[str]:
    """The clients, with a way into each."""
    return await _clients_page(request, visitor, {})


@post("/settings/clients", needs=Permission.SETTINGS_WRITE)
async def add_client(request: WebRequest, visitor: Here) -> Response[str]:
    """Begin a client organization."""
    fields = await read_form(request, visitor)
    try:
        await clients.add_client(
            context_of(request), visitor.scope, fields.get("name", ""), request=repeat_of(request, fields)
        )
    except SendtrailError as problem:
        return await _clients_page(request, visitor, fields, problem)
    return see("/settings/clients?done=added")


async def _clients_page(
    request: WebRequest, visitor: Visitor, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    context = context_of(request)
    return await settings_page(
        request,
        visitor,
        "settings_clients.html",
        CLIENTS,
        wrong=wrong_fields(problem, {"name": "name"}),
        typed=typed,
        clients=await clients.list_clients(context, visitor.scope),
        is_client=await clients.is_client(context, visitor.scope),
    )
