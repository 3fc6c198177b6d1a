"""Links of sends: QR codes and personal URLs, and who came by them; the hosts to which they may lead."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from sendtrail.api.problems import refusals
from sendtrail.api.requests import After, Caller, Here, IdempotencyKey, Limit, live_only, repeatable
from sendtrail.api.shapes import Page
from sendtrail.documents.qr import MEDIA_TYPES, Format
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission
from sendtrail.services import destinations, link_exports, links
from sendtrail.services.destinations import Destination
from sendtrail.services.exports import contents
from sendtrail.services.landings import LinkPlan
from sendtrail.services.links import Chosen, Link, LinksMade, Visit

LinkId = Annotated[str, PathParameter(description="A link's `id`.")]


class NewLink(msgspec.Struct, forbid_unknown_fields=True):
    """Either a `send`, by id, or a `campaign`, by id or name, all of whose sends get a link.

    `url` and `expire_after_days` (30, 60, 90, 180 or 365; 90 unless said) are for one send that is to have a link of
    its own; without `url` its link leads where its campaign's do.
    """

    send: str = ""
    campaign: str = ""
    url: str | msgspec.UnsetType = msgspec.UNSET
    expire_after_days: int | msgspec.UnsetType = msgspec.UNSET


class LinkPatch(msgspec.Struct, forbid_unknown_fields=True):
    """Of a link of its own: where it leads from now on, and how long. What is left out stays as it is."""

    url: str | msgspec.UnsetType = msgspec.UNSET
    expire_after_days: int | msgspec.UnsetType = msgspec.UNSET


class NewDestination(msgspec.Struct, forbid_unknown_fields=True):
    """`host`: such as shop.example.com, with its port where it is not the usual one; a whole address will do."""

    host: str


def _picture(format_: Format) -> dict[int, ResponseSpec]:
    """What answers with a picture say of themselves."""
    return {
        200: ResponseSpec(bytes, generate_examples=False, media_type=MEDIA_TYPES[format_], description="The picture."),
        **refusals(400, 401, 403, 404),
    }


_FILE = (
    f"A header, then a line for each link, the first made first: {', '.join(link_exports.COLUMNS)}. UTF-8, lines end in"
    " CRLF. Texts are as they were given. Pieces that were cancelled or failed have no line."
)


@get(
    "/links.csv",
    tags=["links"],
    responses={
        200: ResponseSpec(str, generate_examples=False, media_type="text/csv", description=_FILE),
        **refusals(400, 401, 403),
    },
    needs=Permission.SENDS_READ,
)
async def links_csv(
    context: Here,
    caller: Caller,
    campaign: Annotated[str, QueryParameter(description="A campaign, by id or name.")],
    spreadsheet: Annotated[
        bool,
        QueryParameter(
            description="To be looked at, not printed: begin with a byte order mark, and put an apostrophe before what"
            " a spreadsheet would run as a formula or change, such as ZIP Codes."
        ),
    ] = False,
) -> Stream:
    """What a printer merges: the links of a campaign with their recipients, as CSV."""
    of = await link_exports.printed(context, caller, campaign)
    parts = await link_exports.csv(context, caller, of, spreadsheet=spreadsheet)
    return Stream(contents(parts), media_type="text/csv", headers=_saved("csv"))


@get(
    "/links.zip",
    tags=["links"],
    responses={
        200: ResponseSpec(
            bytes,
            generate_examples=False,
            media_type="application/zip",
            description="`links.csv`, and for each line of it `qr/CODE.svg` or `.png`.",
        ),
        **refusals(400, 401, 403),
    },
    needs=Permission.SENDS_READ,
)
async def links_zip(
    context: Here,
    caller: Caller,
    campaign: Annotated[str, QueryParameter(description="A campaign, by id or name.")],
    of_format: Annotated[Format, QueryParameter(name="format", description="Of the pictures.")] = "svg",
    part: Annotated[
        int, QueryParameter(ge=1, le=1_000_000, description=f"Which {link_exports.PART:,} of the links.")
    ] = 1,
) -> Stream:
    """The links of a campaign with pictures of their QR codes, 20,000 in an archive."""
    of = await link_exports.printed(context, caller, campaign)
    content = await link_exports.archive(context, caller, of, of_format, part)
    return Stream(content, media_type="application/zip", headers=_saved("zip"))


class Links(Controller):
    path = "/links"
    tags = ["links"]  # noqa: RUF012 — read once, by the framework

    @get(responses=refusals(400, 401, 403), needs=Permission.SENDS_READ)
    async def page(
        self,
        context: Here,
        caller: Caller,
        limit: Limit = 100,
        after: After = None,
        campaign: Annotated[str, QueryParameter(description="A campaign, by id or name.")] = "",
        send: Annotated[str, QueryParameter(description="A send's id.")] = "",
        q: Annotated[str, QueryParameter(description="Words of a recipient, or a link's code or address.")] = "",
        tracker: Annotated[str, QueryParameter(description="A tracker's id, instead of a campaign.")] = "",
    ) -> Page[Link]:
        """Links with what came of them, the newest first."""
        chosen = Chosen(campaign, send, q, tracker)
        return Page(*await links.list_links(context, caller, chosen, limit=limit, after=after))

    @post(responses=refusals(400, 401, 403, 404, 409, 413, 415), needs=Permission.SENDS_WRITE)
    async def add(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewLink],
        idempotency_key: IdempotencyKey = None,
    ) -> Link | LinksMade:
        """Make a link for a send, or those that sends of a campaign lack.

        What is sent into a campaign with a `link` has one already: this is for sends without such a campaign. A send
        that has one to the same `url` gets no other; that one is answered.
        """
        again = repeatable(request, idempotency_key, await request.body())
        if bool(data.send) == bool(data.campaign):
            raise Invalid("send or campaign: say one of them", "send")
        if data.send:
            plan = LinkPlan(data.url, data.expire_after_days)
            return await links.make_link(context, caller, data.send, plan, request=again)
        for name in ("url", "expire_after_days"):
            if getattr(data, name) is not msgspec.UNSET:
                raise Invalid(f"{name} goes with send: where its links lead, the campaign's own link says", name)
        return await links.make_links(context, caller, data.campaign, request=again)

    @get("/{link_id:str}", responses=refusals(400, 401, 403, 404), needs=Permission.SENDS_READ)
    async def one(self, context: Here, caller: Caller, link_id: LinkId) -> Link:
        """One link: where it leads for its recipient, and what came of it."""
        return await links.get(context, caller, link_id)

    @patch("/{link_id:str}", responses=refusals(400, 401, 403, 404, 409, 413, 415), needs=Permission.SENDS_WRITE)
    async def change(self, context: Here, caller: Caller, link_id: LinkId, data: JSONBody[LinkPatch]) -> Link:
        """Let a link that was made for one send lead elsewhere, or for another time: what is printed follows at once.

        409 for one that leads where its campaign's do: change the campaign's `link`.
        """
        return await links.change_link(context, caller, link_id, LinkPlan(data.url, data.expire_after_days))

    @get("/{link_id:str}/visits", responses=refusals(400, 401, 403, 404), needs=Permission.SENDS_READ)
    async def visits(
        self, context: Here, caller: Caller, link_id: LinkId, limit: Limit = 100, after: After = None
    ) -> Page[Visit]:
        """Who came by a link, the newest first; of a rush only the first 60 of each minute have a line."""
        return Page(*await links.visits(context, caller, link_id, limit=limit, after=after))

    @get("/{link_id:str}/qr.svg", responses=_picture("svg"), needs=Permission.SENDS_READ)
    async def svg(self, context: Here, caller: Caller, link_id: LinkId) -> Response[bytes]:
        """A link's QR code as SVG, a millimetre a module."""
        return Response(await links.qr_code(context, caller, link_id, "svg"), media_type=MEDIA_TYPES["svg"])

    @get("/{link_id:str}/qr.png", responses=_picture("png"), needs=Permission.SENDS_READ)
    async def png(self, context: Here, caller: Caller, link_id: LinkId) -> Response[bytes]:
        """A link's QR code as PNG, 16 pixels a module."""
        return Response(await links.qr_code(context, caller, link_id, "png"), media_type=MEDIA_TYPES["png"])


class Destinations(Controller):
    path = "/destinations"
    tags = ["links"]  # noqa: RUF012 — read once, by the framework

    @get(responses=refusals(400, 401, 403), needs=Permission.SETTINGS_READ)
    async def listed(self, context: Here, caller: Caller) -> Page[Destination]:
        """The hosts to which links may lead, in live and test mode alike."""
        return Page(await destinations.list_destinations(context, caller), None)

    @post(responses=refusals(400, 401, 403, 409, 413, 415), needs=Permission.SETTINGS_WRITE)
    async def add(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewDestination],
        idempotency_key: IdempotencyKey = None,
    ) -> Destination:
        """Let links lead to a host. It takes a live key."""
        live_only(caller)
        again = repeatable(request, idempotency_key, await request.body())
        return await destinations.add_destination(context, caller, data.host, request=again)

    @delete("/{host:str}", responses=refusals(400, 401, 403, 404, 409), needs=Permission.SETTINGS_WRITE)
    async def remove(
        self, context: Here, caller: Caller, host: Annotated[str, PathParameter(description="A destination's `host`.")]
    ) -> None:
        """Let no links lead to a host any more; 409 names what leads there still. It takes a live key."""
        live_only(caller)
        await destinations.remove_destination(context, caller, host)


def _saved(ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="links-{datetime.now(UTC).date()}.{ending}"'}
