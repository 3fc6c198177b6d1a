"""Settings: Mailer IDs."""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.problems import Conflict, Invalid, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import mailer_ids
from sendtrail.web.forms import repeat_of, see, wrong_fields
from sendtrail.web.settings import MAILER_IDS, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form


@get("/settings/mailer-ids", needs=Permission.SETTINGS_WRITE)
async def show_mailer_ids(request: WebRequest, visitor: Here) -> Response[str]:
    """The organization's ranges of serial numbers."""
    return await _mailer_ids_page(request, visitor, {})


@post("/settings/mailer-ids", needs=Permission.SETTINGS_WRITE)
async def add_mailer_id(request: WebRequest, visitor: Here) -> Response[str]:
    """Register a Mailer ID, or a range of its serial numbers."""
    fields = await read_form(request, visitor)
    try:
        await mailer_ids.add_mailer_id(
            context_of(request),
            visitor.scope,
            "".join(fields.get("mid", "").split()),
            _serial(fields, "first_serial"),
            _serial(fields, "last_serial"),
            request=repeat_of(request, fields),
        )
    except SendtrailError as problem:
        return await _mailer_ids_page(request, visitor, fields, problem)
    return see("/settings/mailer-ids?done=added")


@post("/settings/mailer-ids/{mailer_id:str}/remove", needs=Permission.SETTINGS_WRITE)
async def remove_mailer_id(request: WebRequest, visitor: Here, mailer_id: FromPath[str]) -> Response[str]:
    """Take back a Mailer ID that was registered by mistake."""
    await read_form(request, visitor)
    try:
        await mailer_ids.remove_mailer_id(context_of(request), visitor.scope, mailer_id)
    except Conflict as problem:
        return await _mailer_ids_page(request, visitor, {}, problem)
    return see("/settings/mailer-ids?done=removed")


async def _mailer_ids_page(
    request: WebRequest, visitor: Visitor, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    names = {"mid": "Mailer ID", "first_serial": "first serial number", "last_serial": "last serial number"}
    return await settings_page(
        request,
        visitor,
        "settings_mailer_ids.html",
        MAILER_IDS,
        wrong=wrong_fields(problem, names),
        typed=typed,
        mailer_ids=await mailer_ids.list_mailer_ids(context_of(request), visitor.scope),
    )


def _serial(fields: Mapping[str, str], name: str) -> int | None:
    digits = "".join(fields.get(name, "").replace(",", "").split())
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise Invalid(f"{name} must be a whole number of up to 9 digits", name)
    return int(digits)
