"""Mailing lists, as PostGrid's client knows them. A job is done when it is answered."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from sendtrail.api.answers import ready
from sendtrail.api.postgrid.requests import Body, body_of
from sendtrail.api.postgrid.resources import Id, Resource
from sendtrail.api.requests import Caller, Here
from sendtrail.domain.postgrid.mailing_lists import mailing_list
from sendtrail.domain.problems import Invalid
from sendtrail.domain.scope import Scope
from sendtrail.services import idempotency, mailing_lists
from sendtrail.services.context import Context
from sendtrail.services.mailing_lists import LISTS, ListPlan

_JOBS = ("addContacts", "removeContacts", "addMailingListImports", "removeMailingListImports")


class Sent(ListPlan, forbid_unknown_fields=True):
    """A mailing list as the client sends it."""


class Job(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Who is to be in a list or not: one of these."""

    add_contacts: list[str] | None = None
    remove_contacts: list[str] | None = None
    add_mailing_list_imports: list[str] | None = None
    remove_mailing_list_imports: list[str] | None = None


async def _show(context: Context, scope: Scope, rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [mailing_list(context.ids, row, scope.live) for row in rows]


async def _make(context: Context, scope: Scope, body: Body, again: idempotency.Request | None) -> Any:
    return await mailing_lists.make(context, scope, body.read(Sent), again)


async def _change(context: Context, scope: Scope, id_: str, body: Body) -> Any:
    return await mailing_lists.change(context, scope, id_, body.read(Sent))


RESOURCE = Resource(path="mailing_lists", kept=LISTS, show=_show, make=_make, change=_change, names_object=False)


@post("/mailing_lists/{id_:str}/jobs", needs=LISTS.writes, status_code=200, name="postgrid:mailing_lists:jobs")
async def _jobs(request: Request[Any, Any, Any], context: Here, caller: Caller, id_: Id) -> Response[bytes]:
    job = msgspec.to_builtins((await body_of(request)).read(Job))
    named = {name: ids for name, ids in job.items() if ids is not None}
    if len(named) != 1:
        told = "only one of them" if named else "one of them"
        raise Invalid(f"a job has {', '.join(_JOBS[:-1])} or {_JOBS[-1]}: give {told}", _JOBS[0])
    ((param, ids),) = named.items()
    put = mailing_lists.put_contacts if param.endswith("Contacts") else mailing_lists.put_imports
    row = await put(context, caller, id_, ids, add=param.startswith("add"), param=param)
    return ready(msgspec.json.encode(mailing_list(context.ids, row, caller.live)))


HANDLERS: list[HTTPRouteHandler] = [_jobs]
