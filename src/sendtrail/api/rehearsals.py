"""Test sends: moved along one event at a time, and whole journeys rehearsed."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.params import JSONBody

from sendtrail.api.answers import ready, shown
from sendtrail.api.problems import refusals
from sendtrail.api.requests import Caller, Here, IdempotencyKey, repeatable
from sendtrail.api.sends import SendId
from sendtrail.api.shapes import Send
from sendtrail.domain.roles import Permission
from sendtrail.services import progressions, rehearsals
from sendtrail.services.rehearsals import Rehearsal
from sendtrail.simulator.rehearsal import Pace, Problem


class Progression(msgspec.Struct, forbid_unknown_fields=True):
    """`event`: the code of the event to go to; without it the one that usually comes next."""

    event: str = ""


class NewRehearsal(msgspec.Struct, forbid_unknown_fields=True):
    """`pace`: how long the journey takes: `seconds` half a minute, `minutes` and `hours` one for each day that it would
    really take, `days` as long as it really takes.

    `problem`: what goes wrong on the way. Mail with a barcode knows all of them; others know what can be told of them.
    """

    pace: Pace = "seconds"
    problem: Problem = "none"


class Rehearsals(Controller):
    path = "/sends/{send_id:str}"
    tags = ["test mode"]  # noqa: RUF012 — read once, by the framework

    @post(
        "/progressions",
        status_code=200,
        responses={200: shown(Send), **refusals(400, 401, 403, 404, 409, 413, 415)},
        needs=Permission.SENDS_WRITE,
    )
    async def progress(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        send_id: SendId,
        data: JSONBody[Progression | None] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Move a test send to its next usual event; 409 for a live send and after the last one.

        A mail piece with a barcode is scanned by the post's machines, by way of a file of its feed. The answer is the
        send as it then stands.
        """
        again = repeatable(request, idempotency_key, await request.body())
        event = data.event if data else ""
        return ready(await progressions.progress(context, caller, send_id, event, again))

    @post("/rehearsal", responses=refusals(400, 401, 403, 404, 409, 413, 415), needs=Permission.SENDS_WRITE)
    async def begin(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        send_id: SendId,
        data: JSONBody[NewRehearsal | None] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Rehearsal:
        """Play a whole journey to a test send, from where it stands, through the feeds of real mail.

        409 for a live send, one that has come to its end, and one that has a rehearsal already.
        """
        again = repeatable(request, idempotency_key, await request.body())
        asked = data or NewRehearsal()
        return await rehearsals.begin(context, caller, send_id, asked.pace, asked.problem, again)

    @get("/rehearsal", responses=refusals(400, 401, 403, 404, 409), needs=Permission.SENDS_READ)
    async def one(self, context: Here, caller: Caller, send_id: SendId) -> Rehearsal:
        """How far the rehearsal of a test send has come; 404 where it has none."""
        return await rehearsals.get(context, caller, send_id)

    @delete("/rehearsal", responses=refusals(400, 401, 403, 404, 409), needs=Permission.SENDS_WRITE)
    async def reset(self, context: Here, caller: Caller, send_id: SendId) -> None:
        """Take the rehearsal of a test send back, also while it plays: the send stands as it did before."""
        await rehearsals.reset(context, caller, send_id)
