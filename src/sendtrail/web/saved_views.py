"""Lists of sends that a member keeps under a name."""

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.roles import Permission
from sendtrail.services import saved_views
from sendtrail.web.rendering import page, sentence
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form


@get("/sends/views", needs=Permission.SENDS_READ)
async def show_views(request: WebRequest, visitor: Here) -> Response[str]:
    """All that are kept."""
    return await _page(request, visitor)


@post("/sends/views", needs=Permission.SENDS_READ)
async def save_view(request: WebRequest, visitor: Here) -> Response[str] | Redirect:
    """Keep a list, and go back to it."""
    form = await read_form(request, visitor)
    query = form.get("query", "")
    try:
        await saved_views.save(context_of(request), visitor.scope, form.get("name", ""), query)
    except (Invalid, Conflict) as problem:
        return await _page(request, visitor, sentence(problem))
    return Redirect(f"/sends?{query}" if query else "/sends")


@post("/sends/views/{view_id:str}/remove", needs=Permission.SENDS_READ)
async def remove_view(request: WebRequest, visitor: Here, view_id: FromPath[str]) -> Redirect:
    """Forget a list."""
    await read_form(request, visitor)
    await saved_views.remove(context_of(request), visitor.scope, view_id)
    return Redirect("/sends/views")


async def _page(request: WebRequest, visitor: Visitor, error: str = "") -> Response[str]:
    views = await saved_views.list_views(context_of(request), visitor.scope)
    return page(request, "saved_views.html", visitor, status=400 if error else 200, views=views, error=error)
