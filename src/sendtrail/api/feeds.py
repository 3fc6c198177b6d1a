"""Feeds: credentials to push with, files and pushes that came in, and what could not be used of them."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get, patch, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from sendtrail.api.problems import refusals
from sendtrail.api.requests import After, Caller, Here, IdempotencyKey, Limit, repeatable
from sendtrail.api.shapes import Page
from sendtrail.domain.roles import Permission
from sendtrail.services import accounts, feeds

FileId = Annotated[str, PathParameter(description="A feed file's `id`.")]


class NewCredentials(msgspec.Struct, forbid_unknown_fields=True):
    """`name`: what people call the credentials, such as the mail house that pushes with them. `vendor`: whose webhooks
    they take (`lob`, `postgrid`, `stannp`, `postalytics`, `sendoso`, `easypost`, `aftership`, `karrio`), empty for
    scans; `secret`: with which that vendor signs them, or all of them as a list or one a line where it has several."""

    name: str
    vendor: str = ""
    secret: str | list[str] = ""


class CredentialsChange(msgspec.Struct, forbid_unknown_fields=True):
    """`secret`: with which the vendor signs from now on, as for new ones; empty for none."""

    secret: str | list[str]


def _lines(secret: str | list[str]) -> str:
    return secret if isinstance(secret, str) else "\n".join(secret)


@dataclass
class UploadOperation(Operation):
    """A body of raw bytes, which is never held in memory and so is no argument of its handler."""

    def __post_init__(self) -> None:
        raw = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, content_encoding="binary"))
        self.request_body = RequestBody(required=True, content={"application/octet-stream": raw})


class Feeds(Controller):
    path = "/feeds"
    tags = ["feeds"]  # noqa: RUF012 — read once, by the framework

    @get(responses=refusals(400, 401, 403), needs=Permission.FEEDS_READ)
    async def credentials(self, context: Here, caller: Caller) -> Page[accounts.Feed]:
        """The credentials with which scans and vendors' webhooks are pushed, without their passwords and secrets."""
        return Page(await accounts.list_feeds(context, caller), None)

    @post(responses=refusals(400, 401, 403, 409, 413, 415), needs=Permission.FEEDS_WRITE)
    async def add_credentials(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewCredentials],
        idempotency_key: IdempotencyKey = None,
    ) -> accounts.NewFeed:
        """Make credentials to push with. The password is told once; a repeated request gets null for it."""
        again = repeatable(request, idempotency_key, await request.body())
        return await accounts.add_feed(
            context, caller, data.name, vendor=data.vendor, secret=_lines(data.secret), request=again
        )

    @patch("/{feed_id:str}", responses=refusals(400, 401, 403, 404, 415), needs=Permission.FEEDS_WRITE)
    async def change_credentials(
        self,
        context: Here,
        caller: Caller,
        feed_id: Annotated[str, PathParameter(description="The `id` of credentials.")],
        data: JSONBody[CredentialsChange],
    ) -> accounts.Feed:
        """Give a vendor's credentials the secret with which it signs: some vendors tell it once they know where to."""
        return await accounts.change_secret(context, caller, feed_id, _lines(data.secret))

    @get("/files", responses=refusals(400, 401, 403), needs=Permission.FEEDS_READ)
    async def files(
        self, context: Here, caller: Caller, limit: Limit = 100, after: After = None
    ) -> Page[feeds.FeedFile]:
        """Files and pushes, newest first."""
        return Page(*await feeds.list_files(context, caller, limit, after))

    @post(
        "/files",
        operation_class=UploadOperation,
        request_max_body_size=None,
        responses=refusals(400, 401, 403),
        needs=Permission.FEEDS_WRITE,
    )
    async def upload(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        name: Annotated[str, QueryParameter(description="What the file is called.")],
    ) -> feeds.FeedFile:
        """Take a file of any known format and size as the body, plain, gzip or zip. A repeat changes nothing."""
        return await feeds.receive_file(context, caller, request.stream(), name)

    @get("/files/{file_id:str}/rejects", responses=refusals(400, 401, 403, 404), needs=Permission.FEEDS_READ)
    async def rejects(
        self, context: Here, caller: Caller, file_id: FileId, limit: Limit = 100, after: After = None
    ) -> Page[feeds.Reject]:
        """What could not be taken from a file, and why."""
        return Page(*await feeds.list_rejects(context, caller, file_id, limit, after))

    @get(
        "/files/{file_id:str}/rejects.csv",
        responses={
            200: ResponseSpec(str, generate_examples=False, media_type="text/csv", description="line,reason,raw"),
            **refusals(400, 401, 403, 404),
        },
        needs=Permission.FEEDS_READ,
    )
    async def rejects_csv(self, context: Here, caller: Caller, file_id: FileId) -> Stream:
        """The same as CSV."""
        lines = await feeds.rejects_csv(context, caller, file_id)
        headers = {"Content-Disposition": 'attachment; filename="rejects.csv"'}
        return Stream(lines, media_type="text/csv", headers=headers)

    @get("/unmatched", responses=refusals(400, 401, 403), needs=Permission.FEEDS_READ)
    async def unmatched(
        self, context: Here, caller: Caller, limit: Limit = 100, after: After = None
    ) -> Page[feeds.Unmatched]:
        """Scans of barcodes, and reports of vendors and carriers, that are of no send of yours (yet)."""
        return Page(*await feeds.list_unmatched(context, caller, limit, after))
