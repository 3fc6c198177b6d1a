"""Sends, and what happens to them."""

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
)
from litestar.params import JSONBody, PathParameter

from sendtrail.api.answers import ready, shown
from sendtrail.api.filters import FILTERS, Filtered
from sendtrail.api.problems import refusals
from sendtrail.api.requests import After, Caller, Here, IdempotencyKey, Limit, repeatable, require_media_type
from sendtrail.api.shapes import Counts, Event, Page, Send
from sendtrail.api.wire import parse, read
from sendtrail.domain.problems import Invalid, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.domain.send import NewSend
from sendtrail.services import batches, sends
from sendtrail.services.sends import NewEvent
from sendtrail.services.tracker import list_sends, tally

MAX_BATCH_BYTES = 32 << 20
"""10,000 sends of 3 kB each; a usual one has 500 bytes. Reading it takes some ten times as much memory."""
_NDJSON = "application/x-ndjson"

SendId = Annotated[str, PathParameter(description="A send's `id`.")]


@dataclass
class _BatchOperation(Operation):
    """The batch's body is read item by item, so its documentation is written by hand."""

    def __post_init__(self) -> None:
        body = _object(sends=_list(Reference("#/components/schemas/NewSend"), sends.MAX_BATCH))
        lines = Schema(type=OpenAPIType.STRING, description="NDJSON: a NewSend on each line.")
        self.request_body = RequestBody(
            required=True,
            content={"application/json": OpenAPIMediaType(schema=body), _NDJSON: OpenAPIMediaType(schema=lines)},
        )
        refused = _object(
            index=Schema(type=OpenAPIType.INTEGER, description="The item's place, counted from 0."),
            error=Reference("#/components/schemas/Problem"),
        )
        count = Schema(type=OpenAPIType.INTEGER)
        item = Schema(one_of=[Reference("#/components/schemas/Send"), refused])
        answer = _object(created=count, refused=count, data=_list(item, sends.MAX_BATCH))
        self.responses = dict(self.responses or {}) | {
            "201": OpenAPIResponse(
                description="For each item in order the send, or why it was refused",
                content={"application/json": OpenAPIMediaType(schema=answer)},
            )
        }


def _object(**properties: Schema | Reference) -> Schema:
    return Schema(type=OpenAPIType.OBJECT, properties=dict(properties), required=list(properties))


def _list(items: Schema | Reference, most: int) -> Schema:
    return Schema(type=OpenAPIType.ARRAY, items=items, max_items=most)


class Sends(Controller):
    path = "/sends"
    tags = ["sends"]  # noqa: RUF012 — read once, by the framework

    @post(responses={201: shown(Send), **refusals(400, 401, 402, 403, 409, 413, 415)}, needs=Permission.SENDS_WRITE)
    async def create(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewSend],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Accept one send."""
        again = repeatable(request, idempotency_key, await request.body())
        return ready(await sends.create_once(context, caller, data, again), 201)

    @post(
        "/batch",
        operation_class=_BatchOperation,
        request_max_body_size=MAX_BATCH_BYTES,
        responses=refusals(400, 401, 403, 409, 413, 415),
        needs=Permission.SENDS_WRITE,
    )
    async def create_many(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Accept up to 10,000 sends, each by itself: one that is refused does not hold up the others."""
        media_type = require_media_type(request, "application/json", _NDJSON)
        body = await request.body()
        items = await asyncio.to_thread(_lines if media_type == _NDJSON else _listed, body)
        again = repeatable(request, idempotency_key, body)
        return ready(await batches.create_batch_once(context, caller, items, again), 201)

    @get(
        responses={200: shown(Page[Send]), **refusals(400, 401, 403)}, needs=Permission.SENDS_READ, dependencies=FILTERS
    )
    async def page(
        self, context: Here, caller: Caller, wanted: Filtered, limit: Limit = 100, after: After = None
    ) -> Response[bytes]:
        """Sends, from the latest day down."""
        data, next_ = await list_sends(context, caller, replace(wanted, after=after), limit)
        return ready(msgspec.json.encode({"data": data, "next": next_}))

    @get(
        "/counts",
        responses={200: shown(Counts), **refusals(400, 401, 403)},
        needs=Permission.SENDS_READ,
        dependencies=FILTERS,
    )
    async def count(self, context: Here, caller: Caller, wanted: Filtered) -> Counts:
        """How many sends a list has in each status, whatever `status` asks for."""
        counted = await tally(context, caller, wanted)
        return Counts(counted.total, counted.exact, dict(counted.by_code))

    @get("/{send_id:str}", responses={200: shown(Send), **refusals(400, 401, 403, 404)}, needs=Permission.SENDS_READ)
    async def one(self, context: Here, caller: Caller, send_id: SendId) -> Response[bytes]:
        """One send."""
        return ready(msgspec.json.encode(await sends.get(context, caller, send_id)))

    @get(
        "/{send_id:str}/events",
        responses={200: shown(Page[Event]), **refusals(400, 401, 403, 404)},
        needs=Permission.SENDS_READ,
    )
    async def trail(self, context: Here, caller: Caller, send_id: SendId) -> Response[bytes]:
        """All that is known of a send, in order of arrival: its events, and the last 100 of its visits and goals."""
        send = await sends.get(context, caller, send_id)
        return ready(msgspec.json.encode({"data": send["trail"], "next": None}))

    @post(
        "/{send_id:str}/events",
        responses={201: shown(Send), **refusals(400, 401, 403, 404, 409, 413, 415)},
        needs=Permission.SENDS_WRITE,
    )
    async def record(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        send_id: SendId,
        data: JSONBody[NewEvent],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Tell what a person or a printer knows of a send; the answer is the send as it then stands."""
        again = repeatable(request, idempotency_key, await request.body())
        return ready(await sends.record_event_once(context, caller, send_id, data, again), 201)


def _listed(body: bytes) -> list[NewSend | SendtrailError]:
    value = parse(body)
    if not (isinstance(value, dict) and value.keys() == {"sends"} and isinstance(value["sends"], list)):
        raise Invalid('the body must be {"sends": [...]}', "sends")
    batches.check_size(len(value["sends"]))
    return [_item(item) for item in value["sends"]]


def _lines(body: bytes) -> list[NewSend | SendtrailError]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    batches.check_size(len(lines))
    return [_item(line) for line in lines]


def _item(item: object) -> NewSend | SendtrailError:
    try:
        return read(parse(item) if isinstance(item, bytes) else item, NewSend)
    except SendtrailError as refusal:
        return refusal
