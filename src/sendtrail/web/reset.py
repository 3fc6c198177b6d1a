"""A new password for who has forgotten theirs."""

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.problems import NotFound, SendtrailError
from sendtrail.services import resets
from sendtrail.web.forms import see, wrong_fields
from sendtrail.web.rendering import page
from sendtrail.web.sign_in import with_mark
from sendtrail.web.visitors import WebRequest, context_of, read_form


@get("/reset")
async def show_ask(request: WebRequest) -> Response[str]:
    """The form to ask for a link with."""
    return page(request, "reset_ask.html", None, asked=False)


@post("/reset")
async def ask(request: WebRequest) -> Response[str]:
    """Send a link, if somebody has this address; the answer does not tell whether."""
    fields = await read_form(request)
    context = context_of(request)
    await resets.ask(context, fields.get("email", ""), context.config.links_address)
    return page(request, "reset_ask.html", None, asked=True)


@get("/reset/{token:str}")
async def show_reset(request: WebRequest, token: FromPath[str]) -> Response[str]:
    """The form for a new password."""
    return await _page(request, token)


@post("/reset/{token:str}")
async def change(request: WebRequest, token: FromPath[str]) -> Response[str]:
    """Take the new password; every session of its owner ends, and they sign in with it."""
    fields = await read_form(request)
    try:
        email = await resets.change(context_of(request), token, fields.get("password", ""))
    except NotFound:
        raise
    except SendtrailError as problem:
        return await _page(request, token, problem)
    return with_mark(request, see("/login"), email)


async def _page(request: WebRequest, token: str, problem: SendtrailError | None = None) -> Response[str]:
    email = await resets.look(context_of(request), token)
    wrong = {"password": "", **wrong_fields(problem, {"password": "password"})}
    status = 400 if problem else 200
    return page(request, "reset.html", None, status=status, email=email, wrong=wrong, token=token)
