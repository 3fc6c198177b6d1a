"""Goals: told by whoever counts conversions, and listed."""

from datetime import date
from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from sendtrail.api.answers import ready, shown
from sendtrail.api.problems import refusals
from sendtrail.api.requests import After, Caller, Here, IdempotencyKey, Limit, repeatable
from sendtrail.api.shapes import CountedGoal, Page
from sendtrail.domain.roles import Permission
from sendtrail.services import goals
from sendtrail.services.goals import Goal, NewGoal


class Goals(Controller):
    path = "/goals"
    tags = ["responses"]  # noqa: RUF012 — read once, by the framework

    @post(
        responses={200: shown(CountedGoal), 201: shown(CountedGoal), **refusals(400, 401, 403, 404, 409, 413, 415)},
        needs=Permission.SENDS_WRITE,
    )
    async def add(
        self,
        request: Request[Any, Any, Any],
        context: Here,
        caller: Caller,
        data: JSONBody[NewGoal],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Count a goal of the send that led there; the answer is the goal and that send, with 201.

        404 names the field by which no send was found. A goal with a `reference` that the send has already is not
        counted again: the answer is the first one with 200, and `new` is false.
        """
        again = repeatable(request, idempotency_key, await request.body())
        answer = await goals.add_once(context, caller, data, again)
        return ready(answer, 201 if goals.is_new(answer) else 200)

    @get(responses=refusals(400, 401, 403), needs=Permission.SENDS_READ)
    async def page(
        self,
        context: Here,
        caller: Caller,
        limit: Limit = 100,
        after: After = None,
        campaign: Annotated[str, QueryParameter(description="A campaign's id or name.")] = "",
        send: Annotated[str, QueryParameter(description="A send's id.")] = "",
        start: FromQuery[date | None] = None,
        end: FromQuery[date | None] = None,
    ) -> Page[Goal]:
        """Goals, the last recorded first: trials and those by machines too, which say so. Days are inclusive."""
        return Page(
            *await goals.list_goals(
                context, caller, campaign=campaign, send=send, start=start, end=end, limit=limit, after=after
            )
        )
