"""Pushes of feeds: USPS sends Informed Visibility data as JSON, signed in with the credentials of a feed."""

import base64
import binascii
from typing import Any

from litestar import Request, post
from litestar.exceptions import HTTPException, NotAuthorizedException

from sendtrail.api.feeds import UploadOperation
from sendtrail.api.problems import refusals
from sendtrail.api.requests import Here
from sendtrail.services import accounts, feeds

_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Sendtrail feeds", charset="UTF-8"'}


@post(
    "/feeds/iv-mtr",
    status_code=200,
    operation_class=UploadOperation,
    request_max_body_size=None,
    security=[{"feed": []}],
    tags=["feeds"],
    responses=refusals(400, 401, 403, 415),
)
async def iv_mtr(request: Request[Any, Any, Any], context: Here) -> feeds.Received:
    """Take scans; plain or gzip, as USPS sends them. The bytes are kept before anything is read from them."""
    username, password = basic(request.headers.get("Authorization", ""))
    found = await accounts.scope_of_feed(context, username, password)
    if found is None:
        raise NotAuthorizedException("these credentials are unknown or revoked", headers=_CHALLENGE)
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise HTTPException(status_code=415, detail=f"Content-Encoding must be gzip, not {encoding[:30]!a}")
    scope, feed_id = found
    return await feeds.receive_push(context, scope, request.stream(), feed_id)


def basic(header: str) -> tuple[str, str]:
    """User name and password of Basic authorization; NotAuthorizedException where there are none."""
    scheme, _, token = header.partition(" ")
    try:
        username, colon, password = base64.b64decode(token.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if scheme.lower() != "basic" or not colon:
        raise NotAuthorizedException("Basic authorization with a feed's credentials is missing", headers=_CHALLENGE)
    return username, password
