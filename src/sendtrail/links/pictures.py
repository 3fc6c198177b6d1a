"""`/r/{code}.svg` and `.png`: the QR code of a link, for whoever prints. To fetch one is no visit."""

from typing import Any

from sendtrail.documents.qr import FORMATS, MEDIA_TYPES, Format
from sendtrail.links.pages import ALWAYS
from sendtrail.services.context import Context
from sendtrail.services.link_addresses import link_of
from sendtrail.services.link_pictures import picture


async def show_picture(context: Context, scope: Any, send: Any) -> bool:
    """Answer a request for a picture; False, and nothing is answered, for any other and for what is no code of ours.

    Whether there is such a link is not looked up: a picture tells no more than the code by which it was asked for.
    """
    code, _, ending = scope["path"].rpartition("/")[2].lower().rpartition(".")
    format_: Format | None = next((each for each in FORMATS if each == ending), None)
    number = link_of(context, code) if format_ and scope["method"] in ("GET", "HEAD") else None
    if format_ is None or number is None:
        return False
    body = await picture(context, number, format_)
    headers = [
        *(header for header in ALWAYS if header[0] != b"cache-control"),
        (b"cache-control", b"public, max-age=86400"),
        (b"content-type", MEDIA_TYPES[format_].encode()),
        (b"content-security-policy", b"default-src 'none'; sandbox"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
    return True
