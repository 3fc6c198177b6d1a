"""Campaigns, as PostGrid's client knows them: they make their orders themselves."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from sendtrail.api.answers import ready
from sendtrail.api.postgrid.campaign_bodies import Changed, Created, coming_day, plan_of
from sendtrail.api.postgrid.requests import Body, body_of
from sendtrail.api.postgrid.resources import Id, Resource
from sendtrail.api.requests import Caller, Here
from sendtrail.domain.scope import Scope
from sendtrail.services import idempotency, mailings
from sendtrail.services.context import Context
from sendtrail.services.mailings import MAILINGS


class Sending(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """When a campaign is to go out."""

    send_date: str | None = None


async def _make(context: Context, scope: Scope, body: Body, again: idempotency.Request | None) -> Any:
    return await mailings.make(context, scope, await plan_of(context, body, Created), again)


async def _change(context: Context, scope: Scope, id_: str, body: Body) -> Any:
    return await mailings.change(context, scope, id_, await plan_of(context, body, Changed))


RESOURCE = Resource(path="campaigns", kept=MAILINGS, show=mailings.show, make=_make, change=_change, names_object=False)


@post("/campaigns/{id_:str}/send", needs=MAILINGS.writes, status_code=200, name="postgrid:campaigns:send")
async def _send(request: Request[Any, Any, Any], context: Here, caller: Caller, id_: Id) -> Response[bytes]:
    day = (await body_of(request)).read(Sending).send_date
    row = await mailings.send(context, caller, id_, coming_day(day) if day else None)
    (shown,) = await mailings.show(context, caller, [row])
    return ready(msgspec.json.encode(shown))


HANDLERS: list[HTTPRouteHandler] = [_send]
