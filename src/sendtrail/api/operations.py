"""For those who run the server: whether it lives, whether it can work."""

from litestar import MediaType, Response, get

from sendtrail.api.requests import Here
from sendtrail.services import duties, health


@get("/healthz", media_type=MediaType.TEXT, include_in_schema=False)
async def healthz(context: Here) -> str:
    """The process answers: `ok`, whatever follows, which is how the worker's duties go.

    Those change the code in no case: a web process that is stopped for them would help none.
    """
    return "\n".join(["ok", *await duties.lines(context), ""])


@get("/readyz", media_type=MediaType.TEXT, include_in_schema=False)
async def readyz(context: Here) -> Response[str]:
    """The database answers too; 503 and the reason where it does not."""
    complaint = await health.complaint(context)
    return Response(f"{complaint or 'ok'}\n", status_code=503 if complaint else 200, media_type=MediaType.TEXT)
