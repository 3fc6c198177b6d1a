"""Getting started: what to look at first, and how one's own mail is connected."""

from litestar import Response, get

from sendtrail.services import accounts, mailer_ids, welcome
from sendtrail.web.rendering import page
from sendtrail.web.visitors import Here, WebRequest, context_of, public_address


@get("/welcome")
async def show_welcome(request: WebRequest, visitor: Here) -> Response[str]:
    """Where there are samples, what they have to show; then each step, done or not yet, as the data says."""
    context = context_of(request)
    progress = await welcome.progress(context, visitor.scope)
    credentials = [each for each in await accounts.list_feeds(context, visitor.scope) if not each.revoked_at]
    address = public_address(request)
    return page(
        request,
        "welcome.html",
        visitor,
        progress=progress,
        sights=await welcome.sights(context, visitor.scope) if progress.samples else None,
        mailer_ids=[each.mid for each in await mailer_ids.list_mailer_ids(context, visitor.scope) if not each.sample],
        credentials=credentials,
        address=address,
        reachable=address.startswith("https://"),
        feed_dir=context.config.feed_dir,
    )
