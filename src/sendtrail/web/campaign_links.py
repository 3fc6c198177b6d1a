"""What goes into a campaign and what a printer takes out of it: recipients as CSV, their links and QR codes."""

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from sendtrail.domain.problems import Invalid, NotFound, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.services import campaigns, link_exports, mailing_refusals
from sendtrail.services.campaigns import Campaign
from sendtrail.services.exports import contents
from sendtrail.services.send_uploads import KINDS, Received, receive_sends
from sendtrail.web.measures import size
from sendtrail.web.multipart_forms import files_of
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import HEADERS, page, sentence, today
from sendtrail.web.visitors import FormRefused, Here, Visitor, WebRequest, context_of
from sendtrail.web.wording import spelled


@get("/campaigns/{campaign_id:str}/recipients", needs=Permission.SENDS_WRITE)
async def show_recipients(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """The form for a list of recipients."""
    return _recipients_page(request, visitor, await campaigns.get(context_of(request), visitor.scope, campaign_id))


@post("/campaigns/{campaign_id:str}/recipients", request_max_body_size=None, needs=Permission.SENDS_WRITE)
async def add_recipients(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Response[str]:
    """Make a send of each row; then how that went."""
    context, fields = context_of(request), dict[str, str]()
    try:
        async for file in files_of(request, visitor, context.config.max_upload * 1_000_000, fields):
            campaign = await campaigns.get(context, visitor.scope, campaign_id)
            taken = await receive_sends(context, visitor.scope, campaign, file.pieces, fields.get("kind", ""))
            return _recipients_page(request, visitor, campaign, fields, taken=taken)
        raise Invalid("choose a file first")
    except (FormRefused, NotFound):
        raise
    except SendtrailError as problem:
        campaign = await campaigns.get(context, visitor.scope, campaign_id)
        return _recipients_page(request, visitor, campaign, fields, error=sentence(problem))


@get("/campaigns/{campaign_id:str}/links.csv", needs=Permission.SENDS_READ)
async def download_links(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Stream:
    """The links of a campaign, for a printer."""
    campaign, of = await _printed(request, visitor, campaign_id)
    parts = await link_exports.csv(context_of(request), visitor.scope, of)
    return Stream(contents(parts), media_type="text/csv", headers=HEADERS | _saved(visitor, campaign, "csv"))


@get("/campaigns/{campaign_id:str}/links.zip", needs=Permission.SENDS_READ, takes=("format", "part"))
async def download_pictures(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Stream:
    """The same with pictures of the QR codes."""
    query = query_of(request)
    part = query.get("part", "1")
    if not part.isdecimal() or len(part) > 6:
        raise Invalid("part must be a number", "part")
    campaign, of = await _printed(request, visitor, campaign_id)
    content = await link_exports.archive(context_of(request), visitor.scope, of, query.get("format", "svg"), int(part))
    return Stream(content, media_type="application/zip", headers=HEADERS | _saved(visitor, campaign, "zip"))


@get("/campaigns/{campaign_id:str}/passed-over.csv", needs=Permission.SENDS_READ)
async def download_refused(request: WebRequest, visitor: Here, campaign_id: FromPath[str]) -> Stream:
    """Whom a campaign could not send to, and why."""
    mailing_refusals.require(visitor.scope)
    campaign = await campaigns.get(context_of(request), visitor.scope, campaign_id)
    parts = await mailing_refusals.csv(context_of(request), visitor.scope, campaign.id)
    headers = HEADERS | _saved(visitor, campaign, "csv", "passed-over")
    return Stream(contents(parts), media_type="text/csv", headers=headers)


async def _printed(request: WebRequest, visitor: Visitor, campaign_id: str) -> tuple[Campaign, link_exports.Printed]:
    context = context_of(request)
    campaign = await campaigns.get(context, visitor.scope, campaign_id)
    if not campaign.link:
        raise NotFound("this campaign has no links to print: say first where they lead")
    return campaign, await link_exports.printed(context, visitor.scope, campaign.id)


def _saved(visitor: Visitor, campaign: Campaign, ending: str, what: str = "links") -> dict[str, str]:
    name = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in campaign.name)[:60].strip("-")
    return {"Content-Disposition": f'attachment; filename="{what}-{name}-{today(visitor)}.{ending}"'}


def _recipients_page(
    request: WebRequest,
    visitor: Visitor,
    campaign: Campaign,
    fields: dict[str, str] | None = None,
    *,
    taken: Received | None = None,
    error: str = "",
) -> Response[str]:
    return page(
        request,
        "campaign_recipients.html",
        visitor,
        status=400 if error else 200,
        campaign=campaign,
        kinds=[(each, spelled(each)) for each in KINDS],
        kind=(fields or {}).get("kind", "postcard"),
        most=size(context_of(request).config.max_upload * 1_000_000),
        taken=taken,
        error=error,
    )
