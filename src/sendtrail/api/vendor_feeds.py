"""Webhooks of other vendors: Lob, PostGrid, Stannp, Postalytics, Sendoso, EasyPost, AfterShip, Karrio."""

from typing import Annotated, Any

from litestar import Request, post
from litestar.params import PathParameter, QueryParameter

from sendtrail.api.feeds import UploadOperation
from sendtrail.api.problems import refusals
from sendtrail.api.pushes import basic
from sendtrail.api.requests import Here
from sendtrail.services import feeds
from sendtrail.services.vendor_feeds import Message, receive

MAX_BODY_BYTES = 1 << 20
"""The largest that vendors document, 50 pieces of Stannp's, has a tenth of that."""


@post(
    ["/feeds/vendors/{vendor:str}", "/feeds/vendors/{vendor:str}/{type:str}"],
    status_code=200,
    operation_class=UploadOperation,
    request_max_body_size=MAX_BODY_BYTES,
    security=[{"feed": []}, {}],
    tags=["feeds"],
    responses=refusals(400, 401, 404, 413),
)
async def vendor_webhook(
    request: Request[Any, Any, Any],
    context: Here,
    vendor: Annotated[str, PathParameter(description="Whose webhook it is, such as `lob`.")],
    type: Annotated[str, PathParameter(description="What happened (Sendoso), or the kind of mail (Postalytics).")] = "",
    token: Annotated[str, QueryParameter(description="The password of a feed's credentials for this vendor.")] = "",
) -> feeds.Received:
    """Take what a vendor says of sends. Its signature is checked; the bytes are kept before anything is read."""
    header = request.headers.get("Authorization", "")
    username, password = basic(header) if header[:6].lower() == "basic " else ("", "")
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = await request.body()
    return await receive(context, Message(vendor, type, token, username, password, headers, body))
