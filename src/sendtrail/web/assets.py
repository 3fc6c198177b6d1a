"""Style sheets, scripts and pictures."""

from litestar import Response, get

from sendtrail.web.rendering import MARK, STYLE
from sendtrail.web.visitors import WebRequest


@get([STYLE.path, MARK.path], sync_to_thread=False)
def show_asset(request: WebRequest) -> Response[str]:
    """The style sheet and the mark."""
    asset = STYLE if request.url.path == STYLE.path else MARK
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(asset.content, media_type=asset.media_type, headers=headers)
