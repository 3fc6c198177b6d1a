"""Rehearsals by page: a test send moved along, a whole journey played to it, watched, stopped, taken back."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

from litestar import Response, post
from litestar.params import FromPath

from sendtrail.domain.events import MAIL, Evidence, Kind, event_type
from sendtrail.domain.problems import NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.services import progressions, rehearsals, trying
from sendtrail.services.context import Context
from sendtrail.services.rehearsals import Rehearsal
from sendtrail.services.views import View
from sendtrail.simulator.rehearsal import Pace, Problem
from sendtrail.web.forms import nonce, repeat_of, see
from sendtrail.web.other_mode import send_in_either
from sendtrail.web.queries import query_of
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form

PACES: Mapping[Pace, tuple[str, str]] = {
    "seconds": ("Seconds", "the whole journey in half a minute"),
    "minutes": ("Minutes", "each day takes a minute"),
    "hours": ("Hours", "each day takes an hour"),
    "days": ("Days", "as long as it really takes"),
}
_MAIL: Mapping[Problem, str] = {
    "none": "Nothing: it arrives",
    "late": "It arrives late",
    "rerouted": "The recipient has moved: it is re-routed",
    "returned": "It comes back",
    "no_scans": "It is never scanned",
}
_GIFT: Mapping[Problem, str] = {
    "none": "Nothing: it arrives",
    "late": "Nobody is there: it arrives late",
    "returned": "It cannot be delivered",
    "no_scans": "The carrier tells nothing",
}
_EGIFT: Mapping[Problem, str] = {"none": "Nothing: it is redeemed", "no_scans": "Nobody opens it"}
_LOOK_AGAIN: Mapping[Pace, str] = {"seconds": "1s", "minutes": "3s", "hours": "30s", "days": "60s"}

_PATIENCE = timedelta(seconds=20)
"""A worker tells what is due within a second or two."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the page of a test send has on rehearsing. `next_step`: the label of its next usual event, empty for none.

    `problems`: what can be chosen, none where nothing is left to play. `upcoming`: the label of the event that the
    rehearsal tells next. `rests`: it ends where Sendtrail presumes the rest. `waits`: no worker has
    told what is due. `seen` differs whenever the page does.
    """

    next_step: str
    problems: list[tuple[Problem, str]]
    rehearsal: Rehearsal | None
    problem: str
    upcoming: str
    rests: bool
    waits: bool
    every: str
    seen: str
    nonce: str


async def card_of(request: WebRequest, scope: Scope, send: View) -> Card | None:
    """The card of a send; None for a live one."""
    if send["live"]:
        return None
    kind = Kind[send["kind"].upper()]
    words = _MAIL if kind in MAIL else _GIFT if kind is Kind.GIFT else _EGIFT
    found = await rehearsals.find(context_of(request), scope, send["id"])
    waits = found is not None and found.next_at is not None and found.next_at < datetime.now(UTC) - _PATIENCE
    state = (len(send["trail"]), send["status"], found, waits)
    return Card(
        next_step=progressions.next_of(send),
        problems=[(each, words[each]) for each in rehearsals.problems_for(send)],
        rehearsal=found,
        problem=words[found.problem] if found else "",
        upcoming=_label(found.next) if found and found.next else "",
        rests=found is not None and kind in MAIL and found.outcome == "handed_over",
        waits=waits,
        every=_LOOK_AGAIN[found.pace] if found else "",
        seen=f"{crc32(repr(state).encode()):08x}",
        nonce=nonce(),
    )


def unchanged(request: WebRequest, card: Card | None) -> bool:
    """Whether somebody looks again at what they have `seen` as it is."""
    return card is not None and "HX-Request" in request.headers and query_of(request).get("seen") == card.seen


@post("/sends/{send_id:str}/progressions", needs=Permission.SENDS_WRITE)
async def progress(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Move a test send to its next usual event."""
    fields = await read_form(request, visitor)
    _, scope = await send_in_either(request, visitor, send_id)
    await progressions.progress(context_of(request), scope, send_id, request=repeat_of(request, fields))
    return see(f"/sends/{send_id}?done=moved")


@post("/sends/{send_id:str}/rehearsal", needs=Permission.SENDS_WRITE)
async def begin(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Begin to play a journey."""
    fields = await read_form(request, visitor)
    _, scope = await send_in_either(request, visitor, send_id)
    pace, problem = fields.get("pace", "seconds"), fields.get("problem", "none")
    await rehearsals.begin(context_of(request), scope, send_id, pace, problem, repeat_of(request, fields))
    return see(f"/sends/{send_id}")


@post("/sends/{send_id:str}/rehearsal/stop", needs=Permission.SENDS_WRITE)
async def stop(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Play no further step for the time being; unless it has ended meanwhile."""
    return await _done(request, visitor, send_id, rehearsals.stop)


@post("/sends/{send_id:str}/rehearsal/go-on", needs=Permission.SENDS_WRITE)
async def go_on(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Play on where it was stopped; unless it goes on already."""
    return await _done(request, visitor, send_id, rehearsals.go_on)


@post("/sends/{send_id:str}/rehearsal/reset", needs=Permission.SENDS_WRITE)
async def reset(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """Take back all that the rehearsal told; unless that is done already."""
    return await _done(request, visitor, send_id, rehearsals.reset, "reset")


async def _done(
    request: WebRequest,
    visitor: Visitor,
    send_id: str,
    act: Callable[[Context, Scope, str], Awaitable[object]],
    said: str = "",
) -> Response[str]:
    """Do something with the rehearsal of a send, if it has one, and lead back to its page."""
    await read_form(request, visitor)
    _, scope = await send_in_either(request, visitor, send_id)
    with suppress(NotFound):
        await act(context_of(request), scope, send_id)
    return see(f"/sends/{send_id}?done={said}" if said else f"/sends/{send_id}")


@post("/rehearsals", needs=Permission.SENDS_WRITE)
async def try_out(request: WebRequest, visitor: Here) -> Response[str]:
    """Make a test send to somebody invented and rehearse its journey, to be watched on its page."""
    await read_form(request, visitor)
    return see(f"/sends/{await trying.try_out(context_of(request), visitor.scope)}")


def _label(code: str) -> str:
    return event_type(code, Evidence.REPORTED).label
