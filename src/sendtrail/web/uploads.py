"""Files given to a page: taken as they come in, one after the other, whatever their size."""

from litestar import Response, post

from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.roles import Permission, Reach
from sendtrail.services.uploads import Upload, receive_upload
from sendtrail.services.vendor_exports import export_format
from sendtrail.web.feeds import feeds_page
from sendtrail.web.forms import see
from sendtrail.web.multipart_forms import files_of
from sendtrail.web.rendering import sentence
from sendtrail.web.visitors import FormRefused, Here, WebRequest, context_of


@post("/feeds", request_max_body_size=None, needs=Permission.FEEDS_WRITE)
async def upload(request: WebRequest, visitor: Here) -> Response[str]:
    """Keep and read files; then show the one that is new, or how all of them went."""
    context = context_of(request)
    fields: dict[str, str] = {}
    taken: list[Upload] = []
    refused: list[tuple[str, str]] = []
    try:
        async for file in files_of(request, visitor, context.config.max_upload * 1_000_000, fields):
            try:
                format_ = ""
                if vendor := fields.get("vendor", ""):
                    visitor.scope.require(Permission.SENDS_WRITE, Reach.ORGANIZATION)
                    format_ = export_format(vendor, fields.get("kind", ""))
                taken.append(await receive_upload(context, visitor.scope, file.pieces, file.name, format_))
            except SendtrailError as problem:
                refused.append((file.name, sentence(problem)))
                if problem.param != "file":
                    raise
    except FormRefused:
        raise
    except SendtrailError as problem:
        if not refused:
            refused.append(("", sentence(problem)))
    if not (taken or refused):
        refused.append(("", "Choose a file first."))
    if len(taken) == 1 and not refused and not taken[0].known:
        return see(f"/feeds/{taken[0].file.id}")
    return await feeds_page(request, visitor, 400 if refused else 200, taken=taken, refused=refused)
