"""What every API request goes through: its key, its parameters, its body."""

from typing import Annotated, Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.params import HeaderParameter, QueryParameter, SkipValidation

from sendtrail.api.wire import parse, read
from sendtrail.domain.problems import Forbidden, Invalid, Unauthorized
from sendtrail.domain.scope import Scope
from sendtrail.services import api_keys, idempotency
from sendtrail.services.context import Context

Here = NamedDependency[SkipValidation[Context]]
"""What services work with; handlers take it as `context`."""
Caller = NamedDependency[SkipValidation[Scope]]
"""Who asks, by their key; handlers take it as `caller`."""
Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="How many to list at most.")]
After = Annotated[str | None, QueryParameter(description="The `next` of the page before.")]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        required=False,
        description="1 to 255 characters: a repeat of the request with the same key gets the first answer again.",
    ),
]


class ApiRequest(Request[Any, Any, Any]):
    """A request whose JSON body becomes what its handler takes, or a refusal that names the field."""

    async def json(self) -> Any:
        require_media_type(self, "application/json")
        field = self.route_handler.parsed_data_field
        value = parse(await self.body())
        return read(value, field.annotation) if field else value


def require_media_type(request: Request[Any, Any, Any], *allowed: str) -> str:
    """The body's media type, one of `allowed`, the first if the request names none; else status 415."""
    given = request.content_type[0].lower() or allowed[0]
    if given not in allowed:
        raise HTTPException(status_code=415, detail=f"Content-Type must be {' or '.join(allowed)}, not {given[:60]!a}")
    return given


def context(state: State) -> Context:
    """The dependency `context`."""
    found: Context = state.context
    return found


def caller(request: Request[Any, Scope, Any], context: Here) -> Scope:
    """The dependency `caller`, for routes guarded by `requires_key`.

    It comes after `context` because the framework makes a group of tasks of those that could come at once, which takes
    longer than both.
    """
    return request.auth


async def requires_key(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: an API key in `Authorization: Bearer` or `X-API-Key` says who asks; it may what the route `needs`.

    An agency's key speaks for the client that `Sendtrail-Organization` names.
    """
    scheme, _, token = connection.headers.get("Authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else connection.headers.get("X-API-Key", "").strip()
    if not key:
        raise Unauthorized("an API key is missing: send Authorization: Bearer KEY or X-API-Key: KEY")
    client = connection.headers.get("Sendtrail-Organization", "").strip()
    scope = await api_keys.scope_of_key(connection.app.state.context, key, client)
    if scope is None:
        raise Unauthorized("this API key is unknown or revoked")
    if connection.scope.get("method") != "OPTIONS" and (needed := handler.opt["needs"]):  # the framework answers those
        scope.require(needed)
    connection.scope["auth"] = scope


def live_only(caller: Scope) -> None:
    """Forbidden for a key of test mode: such keys go from hand to hand, and must not let anybody into live mail."""
    if not caller.live:
        raise Forbidden("members and teams are those of live mail too: changing them takes a live key")


async def refuse_unknown_parameters(request: Request[Any, Any, Any]) -> None:
    """Before each handler: a parameter that nobody reads would otherwise pass for a filter that works."""
    if not request.scope["query_string"]:
        return
    known = _parameters(request.route_handler)
    for name in request.query_params:
        if name not in known:
            raise Invalid(f"{name[:60]!a} is not a parameter here", name[:60])
        values = request.query_params.getall(name)
        if len(values) > 1 and not known[name]:
            raise Invalid(f"{name} is given {len(values)} times", name)
        if any("\0" in value for value in values):
            raise Invalid(f"{name} must not hold a NUL character", name)


def _parameters(handler: BaseRouteHandler) -> dict[str, bool]:
    """The query parameters that a handler and what it depends on read, and whether each may come several times."""
    signatures = [handler.parsed_fn_signature]
    signatures += [given.parsed_fn_signature for given in handler.resolve_dependencies().values()]
    return {
        field.kwarg_definition.name or name: field.is_non_string_sequence
        for signature in signatures
        for name, field in signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter)
    }


def repeatable(request: Request[Any, Any, Any], key: str | None, body: bytes) -> idempotency.Request | None:
    """What makes two requests the same: who asks, method, address, body. None for one without a key.

    Each API key has Idempotency-Keys of its own: another one's answer may tell more than it may know.
    """
    if key is None:
        return None
    return idempotency.Request(key, f"{request.method} {request.url.path}\n".encode() + body, request.auth.actor)
