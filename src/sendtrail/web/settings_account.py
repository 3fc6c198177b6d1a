"""Settings: the visitor's own name, and the way to their password and sign-in codes."""

from collections.abc import Mapping

from litestar import Response, get, post

from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import ROLES
from sendtrail.services import digest, people
from sendtrail.web.forms import see, wrong_fields
from sendtrail.web.settings import ACCOUNT, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form


@get("/settings/account", needs=None)
async def show_account(request: WebRequest, visitor: Here) -> Response[str]:
    """Who they are here."""
    return await _page(request, visitor)


@post("/settings/account", needs=None)
async def rename(request: WebRequest, visitor: Here) -> Response[str]:
    """Call them by another name."""
    fields = await read_form(request, visitor)
    try:
        await people.rename_oneself(context_of(request), visitor.scope, fields.get("name", ""))
    except Invalid as problem:
        return await _page(request, visitor, fields, problem)
    return see("/settings/account?done=saved")


@post("/settings/account/digest", needs=None)
async def choose_digest(request: WebRequest, visitor: Here) -> Response[str]:
    """Have the daily e-mail, or not."""
    fields = await read_form(request, visitor)
    await digest.choose(context_of(request), visitor.scope, fields.get("digest") == "yes")
    return see("/settings/account?done=saved")


async def _page(
    request: WebRequest, visitor: Visitor, typed: Mapping[str, str] | None = None, problem: Invalid | None = None
) -> Response[str]:
    own = await people.oneself(context_of(request), visitor.scope)
    role = own.role.capitalize() if own.role in ROLES else own.role
    return await settings_page(
        request,
        visitor,
        "settings_account.html",
        ACCOUNT,
        wrong=wrong_fields(problem, {"name": "name"}),
        typed={"name": visitor.person.name} if typed is None else typed,
        role=f"{role} of the whole organization" if own.whole else role,
        teams=own.teams,
        digest=await digest.wanted(context_of(request), visitor.scope),
    )
