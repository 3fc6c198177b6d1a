"""Sends and their trails."""

from dataclasses import replace
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from sendtrail.domain.events import EVENT_TYPES
from sendtrail.domain.problems import Invalid
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services import sends
from sendtrail.services.send_lists import Wanted, list_sends
from sendtrail.web.queries import day_in, query_of
from sendtrail.web.rendering import page, sentence
from sendtrail.web.steps import how_known, steps
from sendtrail.web.visitors import Here, WebRequest, context_of

_LABELS: dict[str, str] = {}
for _type in EVENT_TYPES:
    if _type.stage:
        _LABELS.setdefault(_type.code, _type.label.removeprefix("Presumed ").capitalize())
STATUSES = dict(sorted(_LABELS.items(), key=lambda each: each[1]))
_SENDS = 50


@get("/sends")
async def show_sends(request: WebRequest, visitor: Here) -> Response[str]:
    """The newest sends, or those that were asked for."""
    query = query_of(request)
    error = ""
    try:
        wanted = Wanted(
            after=query.get("after"),
            q=query.get("q", ""),
            status=query.get("status"),
            category=query.get("category"),
            sector=query.get("sector", "all"),
            start=day_in(query, "start"),
            end=day_in(query, "end"),
        )
        found, after = await list_sends(context_of(request), visitor.scope, wanted, _SENDS)
    except Invalid as problem:
        error, wanted, found, after = sentence(problem), replace(Wanted(), q=query.get("q", "")), [], None
    kept = {name: value for name, value in query.items() if name != "after"}
    return page(
        request,
        "sends.html",
        visitor,
        status=400 if error else 200,
        sends=found,
        wanted=wanted,
        error=error,
        statuses=STATUSES,
        categories=CATEGORIES,
        filtered=bool(kept),
        older=f"/sends?{urlencode(kept | {'after': after})}" if after else "",
        newest=f"/sends?{urlencode(kept)}" if wanted.after else "",
    )


@get("/sends/{send_id:str}")
async def show_send(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """One send: where it stands, its way in eight steps, and every event with how we know."""
    send = await sends.get(context_of(request), visitor.scope, send_id)
    return page(
        request,
        "send.html",
        visitor,
        send=send,
        steps=steps(send["status"], send["trail"]),
        trail=sorted(send["trail"], key=lambda event: (event["occurred_at"], event["seq"]), reverse=True),
        how_known=how_known,
    )
