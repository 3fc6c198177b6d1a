"""The page behind the link of an invitation."""

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.problems import NotFound, SendtrailError
from sendtrail.services import invitations
from sendtrail.services.sessions import TooManyTries
from sendtrail.web.forms import wrong_fields
from sendtrail.web.rendering import page
from sendtrail.web.sign_in import signed_in
from sendtrail.web.visitors import SESSION_COOKIE, WebRequest, context_of, read_form

_NAMES = {"name": "name", "password": "password"}


@get("/invite/{token:str}")
async def show_invitation(request: WebRequest, token: FromPath[str]) -> Response[str]:
    """Who invites, and a form to accept with."""
    return await _page(request, token)


@post("/invite/{token:str}")
async def accept(request: WebRequest, token: FromPath[str]) -> Response[str]:
    """Join, and be signed in under a new session id."""
    fields = await read_form(request)
    context, name = context_of(request), fields.get("name", "")
    try:
        session = await invitations.accept(context, token, name, fields.get("password", ""))
    except NotFound:
        raise
    except SendtrailError as problem:
        return await _page(request, token, name, problem)
    return await signed_in(request, session, "/", request.cookies.get(SESSION_COOKIE, ""))


async def _page(
    request: WebRequest, token: str, name: str = "", problem: SendtrailError | None = None
) -> Response[str]:
    status = 429 if isinstance(problem, TooManyTries) else 400 if problem else 200
    welcome = await invitations.look(context_of(request), token)
    wrong = {"name": "", "password": "", "": "", **wrong_fields(problem, _NAMES)}
    return page(request, "invite.html", None, status=status, welcome=welcome, name=name, wrong=wrong, token=token)
