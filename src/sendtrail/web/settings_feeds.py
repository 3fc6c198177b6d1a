"""Settings: the credentials with which scans are pushed."""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import accounts
from sendtrail.services.accounts import NewFeed
from sendtrail.web.feeds import last_heard
from sendtrail.web.forms import repeat_of, see, wrong_fields
from sendtrail.web.settings import FEEDS, settings_page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, public_address, read_form


@get("/settings/feeds", needs=Permission.FEEDS_WRITE)
async def show_credentials(request: WebRequest, visitor: Here) -> Response[str]:
    """Who may push, and when each was last heard."""
    return await _credentials_page(request, visitor, {})


@post("/settings/feeds", needs=Permission.FEEDS_WRITE)
async def add_credentials(request: WebRequest, visitor: Here) -> Response[str]:
    """Make credentials and show them, once. To load the answer again makes no others, and shows no password."""
    fields = await read_form(request, visitor)
    try:
        made = await accounts.add_feed(
            context_of(request), visitor.scope, fields.get("name", ""), request=repeat_of(request, fields)
        )
    except SendtrailError as problem:
        return await _credentials_page(request, visitor, fields, problem)
    return await _credentials_page(request, visitor, {}, made=made)


@post("/settings/feeds/{feed_id:str}/revoke", needs=Permission.FEEDS_WRITE)
async def revoke_credentials(request: WebRequest, visitor: Here, feed_id: FromPath[str]) -> Response[str]:
    """From now on nothing can be pushed with them."""
    await read_form(request, visitor)
    await accounts.revoke_feed(context_of(request), visitor.scope, feed_id)
    return see("/settings/feeds?done=revoked")


async def _credentials_page(
    request: WebRequest,
    visitor: Visitor,
    typed: Mapping[str, str],
    problem: SendtrailError | None = None,
    made: NewFeed | None = None,
) -> Response[str]:
    feeds = await accounts.list_feeds(context_of(request), visitor.scope)
    return await settings_page(
        request,
        visitor,
        "settings_feeds.html",
        FEEDS,
        wrong=wrong_fields(problem, {"name": "name"}),
        typed=typed,
        feeds=[(feed, last_heard(feed.last_heard_at)) for feed in feeds],
        made=made,
        push_address=f"{public_address(request)}/feeds/iv-mtr",
    )
