"""Links: the list of them, and one with its QR code and who came by it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import UNSET

from sendtrail.documents.qr import MEDIA_TYPES, Format
from sendtrail.domain.landing import DAYS
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.services import campaigns, links
from sendtrail.services.landings import LinkPlan
from sendtrail.services.links import Chosen, Link
from sendtrail.services.trackers import TRACKERS
from sendtrail.web.forms import Blank, see, wrong_fields
from sendtrail.web.other_mode import other_mode, shown_elsewhere
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import HEADERS, page, sentence
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form

_LINKS, _VISITS, _CAMPAIGNS, _TRACKERS = 50, 50, 200, 200
_NAMES = {"url": "address", "expire_after_days": "time"}


@get("/links", needs=Permission.SENDS_READ, takes=("q", "campaign", "tracker", "after"))
async def show_links(request: WebRequest, visitor: Here) -> Response[str]:
    """The newest links, or those that were asked for, with what came of them."""
    context, query, error = context_of(request), query_of(request), ""
    chosen = Chosen(query.get("campaign", ""), q=query.get("q", ""), tracker=query.get("tracker", ""))
    found: list[Link]
    try:
        found, after = await links.list_links(context, visitor.scope, chosen, limit=_LINKS, after=query.get("after"))
    except Invalid as problem:
        error, found, after = sentence(problem), [], None
    named = await _campaigns(request, visitor)
    if chosen.campaign and chosen.campaign not in named and not error:
        named = {chosen.campaign: chosen.campaign} | named
    tracked = await _trackers(request, visitor)
    if chosen.tracker and chosen.tracker not in tracked and not error:
        tracked = {chosen.tracker: chosen.tracker} | tracked
    asked = {name: text for name in ("q", "campaign", "tracker") if (text := getattr(chosen, name))}

    def address(**more: str) -> str:
        text = urlencode(asked | more)
        return f"/links?{text}" if text else "/links"

    return page(
        request,
        "links.html",
        visitor,
        status=400 if error else 200,
        links=found,
        chosen=chosen,
        campaigns=named,
        trackers=tracked,
        error=error,
        older=address(after=after) if after else "",
        newest=address() if "after" in query else "",
    )


@get("/links/{link_id:str}", needs=Permission.SENDS_READ, takes=("after", "done"))
async def show_link(request: WebRequest, visitor: Here, link_id: FromPath[str]) -> Response[str]:
    """One link: its QR code, where it leads, and who came by it."""
    try:
        link = await links.get(context_of(request), visitor.scope, link_id)
    except NotFound:
        return await shown_elsewhere(request, visitor, links.get, link_id)
    return await _link_page(request, visitor, link)


@post("/links/{link_id:str}", needs=Permission.SENDS_WRITE)
async def change_link(request: WebRequest, visitor: Here, link_id: FromPath[str]) -> Response[str]:
    """Let a link of its own lead elsewhere, or for another time."""
    context, fields = context_of(request), await read_form(request, visitor)
    days = fields.get("expire_after_days", "")
    plan = LinkPlan(fields.get("url", UNSET), int(days) if days in map(str, DAYS) else UNSET)
    try:
        link = await links.change_link(context, visitor.scope, link_id, plan)
    except Invalid as problem:
        link = await links.get(context, visitor.scope, link_id)
        return await _link_page(request, visitor, link, fields, problem)
    return see(f"/links/{link.id}?done=saved#leads")


async def _link_page(
    request: WebRequest,
    visitor: Visitor,
    link: Link,
    typed: Mapping[str, str] | None = None,
    refused: Invalid | None = None,
) -> Response[str]:
    context, query, error = context_of(request), query_of(request), ""
    after = query.get("after")
    known = {"url": link.template, "expire_after_days": str(link.expire_after_days)}
    try:
        visits, older = await links.visits(context, visitor.scope, link.id, limit=_VISITS, after=after)
    except Invalid as problem:
        error, visits, older = sentence(problem), [], None
    return page(
        request,
        "link.html",
        visitor,
        status=400 if error or refused else 200,
        link=link,
        saved=query.get("done") == "saved",
        typed=known | dict(typed or {}),
        wrong=Blank(wrong_fields(refused, _NAMES)),
        expiries=[(str(each), f"{each} days") for each in DAYS],
        visits=visits,
        error=error,
        older=f"/links/{link.id}?{urlencode({'after': older})}#visits" if older else "",
        newest=f"/links/{link.id}#visits" if after else "",
    )


@get("/links/{link_id:str}/qr.svg", needs=Permission.SENDS_READ)
async def show_svg(request: WebRequest, visitor: Here, link_id: FromPath[str]) -> Response[bytes]:
    """A link's QR code, to look at or to save."""
    return await _picture(request, visitor, link_id, "svg")


@get("/links/{link_id:str}/qr.png", needs=Permission.SENDS_READ)
async def show_png(request: WebRequest, visitor: Here, link_id: FromPath[str]) -> Response[bytes]:
    """The same as PNG."""
    return await _picture(request, visitor, link_id, "png")


async def _picture(request: WebRequest, visitor: Visitor, link_id: str, format_: Format) -> Response[bytes]:
    """Of either mode, for a send's page shows both."""
    context, scope = context_of(request), visitor.scope
    try:
        content = await links.qr_code(context, scope, link_id, format_)
    except NotFound:
        content = await links.qr_code(context, other_mode(scope), link_id, format_)
    return Response(content, media_type=MEDIA_TYPES[format_], headers=HEADERS)


async def _campaigns(request: WebRequest, visitor: Visitor) -> dict[str, str]:
    """The newest campaigns by id, for the filter; none for who may see no campaigns."""
    if not visitor.scope.may(Permission.CAMPAIGNS_READ):
        return {}
    return await campaigns.names_of_campaigns(context_of(request), visitor.scope, _CAMPAIGNS)


async def _trackers(request: WebRequest, visitor: Visitor) -> dict[str, str]:
    """The newest trackers by id, for the filter; none for who may not see everybody's sends."""
    if not visitor.scope.may(Permission.SENDS_READ, Reach.ORGANIZATION):
        return {}
    context = context_of(request)
    found = await TRACKERS.page(context, visitor.scope, limit=_TRACKERS)
    ids = [context.ids.encode("tracker", row.id) for row in found.rows]
    return {id_: row.description or id_ for id_, row in zip(ids, found.rows, strict=True)}
