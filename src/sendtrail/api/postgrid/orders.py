"""Orders of the four kinds: made, listed, shown, cancelled, moved along, previewed. They are sends."""

from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from sendtrail.api.answers import ready
from sendtrail.api.postgrid.order_bodies import (
    PEOPLE,
    ChequeOrder,
    Letter,
    Postcard,
    SelfMailer,
    Sent,
    order_of,
)
from sendtrail.api.postgrid.people import by_id
from sendtrail.api.postgrid.requests import USUAL, Limit, Search, Skip, again, body_of
from sendtrail.api.postgrid.resources import Id, listing
from sendtrail.api.requests import Caller, Here
from sendtrail.domain.events import Kind
from sendtrail.domain.roles import Permission
from sendtrail.services import order_steps, order_views, orders
from sendtrail.services.happenings import MAX_TEXT


class Sort(NamedTuple):
    """One kind of order: its path below /print-mail/v1, what makes one, whether it is cancelled with a note too."""

    path: str
    kind: Kind
    sent: type[Sent]
    notes: bool = True


SORTS = (
    Sort("letters", Kind.LETTER, Letter),
    Sort("postcards", Kind.POSTCARD, Postcard),
    Sort("self_mailers", Kind.SELF_MAILER, SelfMailer, notes=False),
    Sort("cheques", Kind.CHEQUE, ChequeOrder),
)


class Cancellation(msgspec.Struct, forbid_unknown_fields=True):
    """Why an order is cancelled."""

    note: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]


def routes() -> list[HTTPRouteHandler]:
    """Those of all four kinds."""
    return [handler for sort in SORTS for handler in _routes(sort)] + [_deposit_ready()]


def _routes(sort: Sort) -> list[HTTPRouteHandler]:
    handlers = [_create(sort), _list(sort), _one(sort), _cancel(sort), _progress(sort), _url(sort)]
    return [*handlers, _cancel_with_note(sort)] if sort.notes else handlers


def _create(sort: Sort) -> HTTPRouteHandler:
    @post(f"/{sort.path}", needs=Permission.SENDS_WRITE, name=f"postgrid:{sort.path}:create")
    async def create(request: Request[Any, Any, Any], context: Here, caller: Caller) -> Response[bytes]:
        body = await body_of(request)
        order = await order_of(context, await by_id(context, caller, body, PEOPLE), sort.sent)
        return ready(await orders.make_once(context, caller, order, again(request, body)), 201)

    return create


def _list(sort: Sort) -> HTTPRouteHandler:
    @get(f"/{sort.path}", needs=Permission.SENDS_READ, name=f"postgrid:{sort.path}:list")
    async def listed(
        context: Here, caller: Caller, skip: Skip = 0, limit: Limit = USUAL, search: Search = ""
    ) -> Response[bytes]:
        found = await order_views.page(context, caller, sort.kind, search, skip, limit)
        return listing(found.orders, skip, limit, found.total)

    return listed


def _one(sort: Sort) -> HTTPRouteHandler:
    @get(f"/{sort.path}/{{id_:str}}", needs=Permission.SENDS_READ, name=f"postgrid:{sort.path}:one")
    async def one(context: Here, caller: Caller, id_: Id) -> Response[bytes]:
        return _shown(await order_views.get(context, caller, sort.kind, id_))

    return one


def _cancel(sort: Sort) -> HTTPRouteHandler:
    @delete(
        f"/{sort.path}/{{id_:str}}",
        needs=Permission.SENDS_CANCEL,
        status_code=200,
        name=f"postgrid:{sort.path}:cancel",
    )
    async def cancel(context: Here, caller: Caller, id_: Id) -> Response[bytes]:
        return _shown(await order_steps.cancel(context, caller, sort.kind, id_))

    return cancel


def _cancel_with_note(sort: Sort) -> HTTPRouteHandler:
    @post(
        f"/{sort.path}/{{id_:str}}/cancellation",
        needs=Permission.SENDS_CANCEL,
        status_code=200,
        name=f"postgrid:{sort.path}:cancellation",
    )
    async def cancel(request: Request[Any, Any, Any], context: Here, caller: Caller, id_: Id) -> Response[bytes]:
        await order_views.get(context, caller, sort.kind, id_)  # one that is not there is no matter of notes
        note = (await body_of(request)).read(Cancellation).note
        return _shown(await order_steps.cancel(context, caller, sort.kind, id_, note))

    return cancel


def _progress(sort: Sort) -> HTTPRouteHandler:
    @post(
        f"/{sort.path}/{{id_:str}}/progressions",
        needs=Permission.SENDS_WRITE,
        status_code=200,
        name=f"postgrid:{sort.path}:progress",
    )
    async def progress(context: Here, caller: Caller, id_: Id) -> Response[bytes]:
        return _shown(await order_steps.progress(context, caller, sort.kind, id_))

    return progress


def _url(sort: Sort) -> HTTPRouteHandler:
    @get(f"/{sort.path}/{{id_:str}}/url", needs=Permission.SENDS_READ, name=f"postgrid:{sort.path}:url")
    async def url(context: Here, caller: Caller, id_: Id) -> Response[bytes]:
        order = await order_views.get(context, caller, sort.kind, id_)
        return _shown({name: order[name] for name in ("id", "object")} | {"url": order_views.url_of(order)})

    return url


def _deposit_ready() -> HTTPRouteHandler:
    @get(
        "/cheques/{id_:str}/with_deposit_ready_pdf",
        needs=Permission.SENDS_READ,
        name="postgrid:cheques:deposit_ready",
    )
    async def deposit_ready(context: Here, caller: Caller, id_: Id) -> Response[bytes]:
        """The PDF's link is told where there is one; there is none before cheques are drawn here."""
        return _shown(await order_views.get(context, caller, Kind.CHEQUE, id_))

    return deposit_ready


def _shown(order: dict[str, Any]) -> Response[bytes]:
    return ready(msgspec.json.encode(order))
