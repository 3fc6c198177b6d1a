"""Settings: the credentials with which scans are pushed."""

from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.plurals import owned
from sendtrail.domain.problems import Invalid, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.feeds.vendors.catalogue import VENDORS
from sendtrail.services import accounts
from sendtrail.services.accounts import NewFeed
from sendtrail.web.feeds import last_heard
from sendtrail.web.forms import repeat_of, see, wrong_fields
from sendtrail.web.rendering import sentence
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
            context_of(request),
            visitor.scope,
            fields.get("name", ""),
            vendor=fields.get("vendor", ""),
            secret=fields.get("secret", ""),
            request=repeat_of(request, fields),
        )
    except SendtrailError as problem:
        return await _credentials_page(request, visitor, fields, problem)
    return await _credentials_page(request, visitor, {}, made=made)


@post("/settings/feeds/{feed_id:str}/secret", needs=Permission.FEEDS_WRITE)
async def change_secret(request: WebRequest, visitor: Here, feed_id: FromPath[str]) -> Response[str]:
    """Give a vendor's credentials the secret with which it signs."""
    fields = await read_form(request, visitor)
    try:
        await accounts.change_secret(context_of(request), visitor.scope, feed_id, fields.get("secret", ""))
    except Invalid as problem:
        return await _credentials_page(request, visitor, {}, problem, of=feed_id)
    return see("/settings/feeds?done=secret")


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
    of: str = "",
) -> Response[str]:
    """`of`: the credentials whose new secret the problem is about, '' where it is about new ones."""
    feeds = await accounts.list_feeds(context_of(request), visitor.scope)
    return await settings_page(
        request,
        visitor,
        "settings_feeds.html",
        FEEDS,
        wrong={} if of else wrong_fields(problem, {"name": "name", "vendor": "vendor", "secret": "secret"}),
        wrong_secret={of: sentence(problem)} if of and problem else {},
        typed=typed,
        feeds=[(feed, last_heard(feed.last_heard_at)) for feed in feeds],
        made=made,
        push_address=_address(public_address(request), made),
        vendors=VENDORS,
        vendor_choices=[("", "Scans"), *((each.key, f"{owned(each.label)} webhooks") for each in VENDORS.values())],
    )


def _address(public: str, made: NewFeed | None) -> str:
    """Where the credentials that were just made are used."""
    if not (made and made.vendor):
        return f"{public}/feeds/iv-mtr"
    vendor = VENDORS[made.vendor]
    ending = f"/{vendor.types[0]}" if vendor.types else ""
    return f"{public}/feeds/vendors/{made.vendor}{ending}"
