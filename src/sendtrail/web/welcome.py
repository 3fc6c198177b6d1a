"""Getting started: what to look at first, and how one's own mail is connected."""

from zlib import crc32

from litestar import Response, get

from sendtrail.domain.roles import Permission
from sendtrail.services import accounts, mailer_ids, welcome
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import HEADERS, page
from sendtrail.web.visitors import Here, WebRequest, context_of, public_address


@get("/welcome", needs=Permission.SETTINGS_READ, takes=("seen",))
async def show_welcome(request: WebRequest, visitor: Here) -> Response[str]:
    """Where there are samples, what they have to show; then each step, done or not yet, as the data says.

    Nothing for who looks again and has `seen` it so: what they have opened stays open.
    """
    context = context_of(request)
    progress = await welcome.progress(context, visitor.scope)
    seen = f"{crc32(repr(progress).encode()):08x}"
    if "HX-Request" in request.headers and query_of(request).get("seen") == seen:
        return Response("", status_code=204, headers=HEADERS)
    credentials = [each for each in await accounts.list_feeds(context, visitor.scope) if not each.revoked_at]
    address = public_address(request)
    return page(
        request,
        "welcome.html",
        visitor,
        progress=progress,
        seen=seen,
        sights=await welcome.sights(context, visitor.scope) if progress.samples else None,
        mailer_ids=[each.mid for each in await mailer_ids.list_mailer_ids(context, visitor.scope) if not each.sample],
        credentials=credentials,
        address=address,
        reachable=address.startswith("https://"),
        feed_dir=context.config.feed_dir,
    )
