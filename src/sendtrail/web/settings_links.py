"""Settings: where links may lead, and for how long visitors' addresses are kept."""

from collections.abc import Mapping

from litestar import Response, get, post

from sendtrail.domain.problems import Invalid, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import destinations
from sendtrail.services.link_addresses import base
from sendtrail.web.forms import repeat_of, see, wrong_fields
from sendtrail.web.settings import LINKS, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form

_NAMES = {"host": "host", "address_days": "days"}


@get("/settings/links", needs=Permission.SETTINGS_WRITE)
async def show_links(request: WebRequest, visitor: Here) -> Response[str]:
    """The hosts that are allowed, the address of links, and what is kept of visitors."""
    return await _links_page(request, visitor, {})


@post("/settings/links", needs=Permission.SETTINGS_WRITE)
async def allow_host(request: WebRequest, visitor: Here) -> Response[str]:
    """Let links lead to a host."""
    fields = await read_form(request, visitor)
    try:
        await destinations.add_destination(
            context_of(request), visitor.scope, fields.get("host", ""), repeat_of(request, fields)
        )
    except SendtrailError as problem:
        return await _links_page(request, visitor, fields, problem)
    return see("/settings/links?done=allowed")


@post("/settings/links/remove", needs=Permission.SETTINGS_WRITE)
async def remove_host(request: WebRequest, visitor: Here) -> Response[str]:
    """Let links lead to a host no more; refused while something does."""
    fields = await read_form(request, visitor)
    try:
        await destinations.remove_destination(context_of(request), visitor.scope, fields.get("host", ""))
    except SendtrailError as problem:
        return await _links_page(request, visitor, {}, SendtrailError(problem.message))
    return see("/settings/links?done=not_allowed")


@post("/settings/links/addresses", needs=Permission.SETTINGS_WRITE)
async def keep_addresses(request: WebRequest, visitor: Here) -> Response[str]:
    """For how many days visitors' addresses are kept."""
    fields = await read_form(request, visitor)
    text = fields.get("address_days", "").strip()
    try:
        if not text.isdecimal() or len(text) > 3:
            raise Invalid(f"address_days must lie between 0 and {destinations.MAX_ADDRESS_DAYS}", "address_days")
        await destinations.keep_addresses(context_of(request), visitor.scope, int(text))
    except SendtrailError as problem:
        return await _links_page(request, visitor, fields, problem)
    return see("/settings/links?done=saved")


async def _links_page(
    request: WebRequest, visitor: Visitor, typed: Mapping[str, str], problem: SendtrailError | None = None
) -> Response[str]:
    context = context_of(request)
    days = await destinations.address_days(context, visitor.scope)
    return await settings_page(
        request,
        visitor,
        "settings_links.html",
        LINKS,
        wrong=wrong_fields(problem, _NAMES),
        typed={"address_days": str(days), **typed},
        allowed=await destinations.list_destinations(context, visitor.scope),
        address=base(context),
        days=days,
        most_days=destinations.MAX_ADDRESS_DAYS,
    )
