"""What people change of sends that were made."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, patch, post
from litestar.params import JSONBody

from sendtrail.api.answers import ready, shown
from sendtrail.api.problems import refusals
from sendtrail.api.requests import Caller, Here, IdempotencyKey, repeatable
from sendtrail.api.sends import SendId
from sendtrail.api.shapes import Cancelled, Send
from sendtrail.domain.roles import Permission
from sendtrail.domain.send_change import SendChange
from sendtrail.services import cancelling, editing, resending


class Cancelling(msgspec.Struct, forbid_unknown_fields=True):
    """Why a send is cancelled: 2,000 characters at most."""

    reason: str = ""


class CancellingMany(msgspec.Struct, forbid_unknown_fields=True):
    """`sends`: up to 10,000 ids."""

    sends: list[str]
    reason: str = ""


class Changes(Controller):
    path = "/sends"
    tags = ["sends"]  # noqa: RUF012 — read once, by the framework

    @patch(
        "/{send_id:str}",
        responses={200: shown(Send), **refusals(400, 401, 402, 403, 404, 409, 413, 415)},
        needs=Permission.SENDS_WRITE,
    )
    async def edit(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        send_id: SendId,
        data: JSONBody[SendChange],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Change whom a send goes to, or when, for as long as it could be cancelled, and its tracking number at any
        time. What is not named stays."""
        again = repeatable(request, idempotency_key, await request.body())
        return ready(await editing.edit(context, caller, send_id, data, again))

    @post(
        "/{send_id:str}/resend",
        responses={201: shown(Send), **refusals(400, 401, 402, 403, 404, 409, 413, 415)},
        needs=Permission.SENDS_WRITE,
    )
    async def resend(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        send_id: SendId,
        data: JSONBody[resending.Resending],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Send what came back or failed once more, to a corrected recipient. What is not named is as the first time."""
        again = repeatable(request, idempotency_key, await request.body())
        return ready(await resending.resend(context, caller, send_id, data, again), 201)

    @post(
        "/{send_id:str}/cancel",
        responses={200: shown(Send), **refusals(400, 401, 403, 404, 409, 413, 415)},
        status_code=200,
        needs=Permission.SENDS_CANCEL,
    )
    async def cancel(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        send_id: SendId,
        data: JSONBody[Cancelling],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Cancel a send while its status allows it; after that a conflict says which status it has."""
        again = repeatable(request, idempotency_key, await request.body())
        return ready(await cancelling.cancel(context, caller, send_id, data.reason, again))

    @post(
        "/cancel",
        responses={200: shown(Cancelled), **refusals(400, 401, 403, 409, 413, 415)},
        status_code=200,
        needs=Permission.SENDS_CANCEL,
    )
    async def cancel_many(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[CancellingMany],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Cancel those of up to 10,000 sends that can be; each of the others is named with the reason."""
        again = repeatable(request, idempotency_key, await request.body())
        return ready(await cancelling.cancel_named(context, caller, data.sends, data.reason, again))
