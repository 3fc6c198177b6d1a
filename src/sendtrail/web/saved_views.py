"""Lists of sends that a member keeps under a name."""

from urllib.parse import parse_qsl

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from sendtrail.domain.problems import Conflict, Invalid, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import saved_views
from sendtrail.services.tracker import list_sends
from sendtrail.web.filters import modes_in, wanted_in, words_in
from sendtrail.web.rendering import page, sentence
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form


@get("/sends/views", needs=Permission.SENDS_READ)
async def show_views(request: WebRequest, visitor: Here) -> Response[str]:
    """All that are kept."""
    return await _page(request, visitor)


@post("/sends/views", needs=Permission.SENDS_READ)
async def save_view(request: WebRequest, visitor: Here) -> Response[str] | Redirect:
    """Keep a list, and go back to it; or ask first, where another one would give way to it."""
    form = await read_form(request, visitor)
    context, name, query = context_of(request), " ".join(form.get("name", "").split()), form.get("query", "")
    address = f"/sends?{query}" if query else "/sends"
    try:
        await _try(request, visitor, query)
        await saved_views.save(context, visitor.scope, name, query, replace=form.get("sure") == name)
    except saved_views.NameTaken as problem:
        return await _page(request, visitor, problem, taken=name, query=query, address=address)
    except (Invalid, Conflict) as problem:
        return await _page(request, visitor, problem)
    return Redirect(address)


@post("/sends/views/{view_id:str}/remove", needs=Permission.SENDS_READ)
async def remove_view(request: WebRequest, visitor: Here, view_id: FromPath[str]) -> Redirect:
    """Forget a list."""
    await read_form(request, visitor)
    await saved_views.remove(context_of(request), visitor.scope, view_id)
    return Redirect("/sends/views")


async def _try(request: WebRequest, visitor: Visitor, text: str) -> None:
    """Invalid for what the list itself would refuse: nobody keeps that to be told so each time."""
    query = dict(parse_qsl(text))
    words_in(query)
    await list_sends(context_of(request), visitor.scope, wanted_in(query), 1, modes=modes_in(query))


async def _page(
    request: WebRequest,
    visitor: Visitor,
    problem: SendtrailError | None = None,
    *,
    taken: str = "",
    query: str = "",
    address: str = "",
) -> Response[str]:
    """`taken`: a name that is asked about, for the list of `query`, which is at `address`."""
    views = await saved_views.list_views(context_of(request), visitor.scope)
    return page(
        request,
        "saved_views.html",
        visitor,
        status=409 if isinstance(problem, Conflict) else 400 if problem else 200,
        views=views,
        error=sentence(problem) if problem else "",
        taken=taken,
        query=query,
        address=address,
    )
