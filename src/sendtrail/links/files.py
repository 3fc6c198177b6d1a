"""`/files/{token}`: what an order is made from, for whoever has its signed link while that is open.

HTML that somebody gave is shown as what it is: it runs nothing, knows no cookie of ours and belongs to no site.
"""

from typing import Any

from litestar import Response, Router, get
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from sendtrail.domain.problems import NotFound
from sendtrail.links.pages import ALWAYS, OF_PAGES, listing, page
from sendtrail.services import files
from sendtrail.services.context import Context
from sendtrail.services.files import Expired, Preview

Here = NamedDependency[SkipValidation[Context]]
_ALWAYS = {name.decode(): value.decode() for name, value in ALWAYS}
_PAGE = {name.decode(): value.decode() for name, value in OF_PAGES}
_GIVEN = (
    "sandbox; default-src 'none'; img-src https: data:; style-src 'unsafe-inline' https:; font-src https: data:;"
    " base-uri 'none'; form-action 'none'"
)
_UNKNOWN = ("This link leads nowhere", "There is nothing at this address. Ask for a new link where you found it.")
_EXPIRED = ("This link has expired", "It was open for a quarter of an hour. Ask for a new one where you found it.")


@get("/files/{token:str}", include_in_schema=False)
async def show_file(context: Here, token: FromPath[str]) -> Response[bytes]:
    """One document, or a page that leads to all of an order; a page that says why there is none."""
    try:
        found = await files.opened(context, token)
    except NotFound:
        return _page(page(*_UNKNOWN), 404)
    except Expired:
        return _page(page(*_EXPIRED), 410)
    if isinstance(found, Preview):
        title = found.kind.word.replace("_", "-").capitalize()
        return _page(listing(title, found.facts, found.parts), 200)
    headers = {**_ALWAYS, "content-disposition": f'inline; filename="{found.name}"'}
    if found.media_type == "text/html":
        headers |= {"content-security-policy": _GIVEN}
        return Response(found.content, media_type="text/html", headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)


def router() -> Router:
    """The addresses of signed links, for the application to serve."""
    return Router("/", route_handlers=[show_file], dependencies={"context": Provide(_context, sync_to_thread=False)})


def _context(state: State) -> Context:
    found: Context = state.context
    return found


def _page(content: bytes, status: int) -> Response[Any]:
    headers = {name: value for name, value in _PAGE.items() if name != "content-type"}
    return Response(content, status_code=status, media_type="text/html", headers=headers)
