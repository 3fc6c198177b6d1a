"""One table of what PostGrid's client can list, show, make, change and delete alike, and the routes that it gives.

Only orders are written by hand (orders.py): they are sends.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter

from sendtrail.api.answers import ready
from sendtrail.api.postgrid.requests import USUAL, Body, Limit, Search, Skip, again, body_of
from sendtrail.api.requests import Caller, Here
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request as Repeatable
from sendtrail.services.nouns import Kept

R = TypeVar("R", bound=tuple[Any, ...])
Id = Annotated[str, PathParameter(description="A thing's `id`.")]
Shown = dict[str, Any]
Show = Callable[[Context, Scope, Sequence[R]], Awaitable[Sequence[Shown]]]
"""What rows look like to the client, in their order."""
Make = Callable[[Context, Scope, Body, Repeatable | None], Awaitable[R]]
"""A new one of what the client sent."""
Change = Callable[[Context, Scope, str, Body], Awaitable[R]]
"""One changed as the client sent, by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Generic[R]):
    """`path`: below /print-mail/v1; `make`, `change`: where the client can; `deletes`: whether it can; `names_object`:
    whether what was deleted is told with its `object`; `show_made`, `show_changed`: how it is told to who made or
    changed it, where otherwise.
    """

    path: str
    kept: Kept[R]
    show: Show[R]
    make: Make[R] | None = None
    change: Change[R] | None = None
    deletes: bool = True
    names_object: bool = True
    show_made: Show[R] | None = None
    show_changed: Show[R] | None = None


def listing(data: Sequence[Any], skip: int, limit: int, total: int) -> Response[bytes]:
    """A list as the client pages through it: on while `skip` and what it got are less than `totalCount`."""
    return ready(
        msgspec.json.encode({"object": "list", "limit": limit, "skip": skip, "totalCount": total, "data": data})
    )


def routes(resource: Resource[Any]) -> list[HTTPRouteHandler]:
    """The routes of one resource."""
    kept = resource.kept
    handlers = [_list(resource), _one(resource)]
    if resource.make:
        handlers.append(_create(resource, resource.make))
    if resource.change:
        handlers.append(_change(resource, resource.change))
    if resource.deletes:
        handlers.append(_delete(resource, kept.writes))
    return handlers


def _list(resource: Resource[Any]) -> HTTPRouteHandler:
    @get(f"/{resource.path}", needs=resource.kept.reads, name=f"postgrid:{resource.path}:list")
    async def listed(
        context: Here, caller: Caller, skip: Skip = 0, limit: Limit = USUAL, search: Search = ""
    ) -> Response[bytes]:
        found = await resource.kept.page(context, caller, search=search, skip=skip, limit=limit)
        return listing(await resource.show(context, caller, found.rows), skip, limit, found.total)

    return listed


def _one(resource: Resource[Any]) -> HTTPRouteHandler:
    @get(f"/{resource.path}/{{id_:str}}", needs=resource.kept.reads, name=f"postgrid:{resource.path}:one")
    async def one(context: Here, caller: Caller, id_: Id) -> Response[bytes]:
        row = await resource.kept.get(context, caller, id_)
        return await _shown(resource.show, context, caller, row)

    return one


def _create(resource: Resource[Any], make: Make[Any]) -> HTTPRouteHandler:
    @post(f"/{resource.path}", needs=resource.kept.writes, name=f"postgrid:{resource.path}:create")
    async def create(request: Request[Any, Any, Any], context: Here, caller: Caller) -> Response[bytes]:
        body = await body_of(request)
        row = await make(context, caller, body, again(request, body))
        return await _shown(resource.show_made or resource.show, context, caller, row, 201)

    return create


def _change(resource: Resource[Any], change: Change[Any]) -> HTTPRouteHandler:
    @post(
        f"/{resource.path}/{{id_:str}}",
        needs=resource.kept.writes,
        status_code=200,
        name=f"postgrid:{resource.path}:update",
    )
    async def update(request: Request[Any, Any, Any], context: Here, caller: Caller, id_: Id) -> Response[bytes]:
        row = await change(context, caller, id_, await body_of(request))
        return await _shown(resource.show_changed or resource.show, context, caller, row)

    return update


def _delete(resource: Resource[Any], needs: Permission) -> HTTPRouteHandler:
    @delete(f"/{resource.path}/{{id_:str}}", needs=needs, status_code=200, name=f"postgrid:{resource.path}:delete")
    async def remove(context: Here, caller: Caller, id_: Id) -> Response[bytes]:
        await resource.kept.remove(context, caller, id_)
        told: Mapping[str, object] = {"id": id_, "deleted": True}
        return ready(msgspec.json.encode({**told, "object": resource.kept.word} if resource.names_object else told))

    return remove


async def _shown(show: Show[Any], context: Context, scope: Scope, row: Any, status: int = 200) -> Response[bytes]:
    (shown,) = await show(context, scope, [row])
    return ready(msgspec.json.encode(shown), status)
