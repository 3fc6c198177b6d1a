"""One send and its trail."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.params import FromPath

from sendtrail.domain.events import MAIL, Evidence, Kind
from sendtrail.domain.meanings import NOT_GUARANTEED, meaning
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.feeds.vendors.catalogue import VENDORS
from sendtrail.services import attending, editing, hook_deliveries, statements
from sendtrail.services.hook_deliveries import Delivery
from sendtrail.web import hook_words
from sendtrail.web.attention import acting
from sendtrail.web.other_mode import send_in_either
from sendtrail.web.queries import query_of
from sendtrail.web.rehearsals import PACES, card_of, unchanged
from sendtrail.web.rendering import HEADERS, page, today
from sendtrail.web.send_changes import FIELDS
from sendtrail.web.send_content import content_of
from sendtrail.web.steps import Step, how_known, steps
from sendtrail.web.support import support_for
from sendtrail.web.telling import expected, place_of, told
from sendtrail.web.visitors import Here, WebRequest, context_of
from sendtrail.web.wording import barcode_parts, in_vocabularies

_TOLD = 10
DONE = {
    "cancelled": "It is cancelled.",
    "changed": "Your changes are saved.",
    "told": "What happened is noted.",
    "moved": "It has moved on.",
    "reset": "The rehearsal is taken back: the send stands as it did before.",
    "attended": "Done.",
    "resent": "It goes out once more, to this address.",
}
"""What a page says that somebody comes to after having changed something, by the `done` of its address."""


@get("/sends/{send_id:str}", needs=Permission.SENDS_READ, takes=("seen",))
async def show_send(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """One send: where it stands, its way in steps, and every event with how we know.

    Nothing for who looks again at a rehearsal and has `seen` it so.
    """
    send, scope = await send_in_either(request, visitor, send_id)
    card = await card_of(request, scope, send)
    if unchanged(request, card):
        return Response("", status_code=204, headers=HEADERS)
    kind, status, time_zone = Kind[send["kind"].upper()], send["status"], visitor.organization.time_zone
    zone = ZoneInfo(time_zone)
    way = steps(kind, status, send["trail"])
    return page(
        request,
        "send.html",
        visitor,
        send=send,
        modes=(send["live"],),
        done=DONE.get(query_of(request).get("done", ""), ""),
        known=_how_known(way),
        means=meaning(status["code"], Evidence[status["evidence"].upper()]),
        card=card,
        paces=PACES,
        entries=await attending.of_send(context_of(request), scope, send["id"]),
        **(await acting(request, visitor) | {"support": support_for(visitor, about=send["id"])}),
        expected=expected(send, lambda moment: moment.astimezone(zone), today(visitor)),
        steps=[(step, _about(step)) for step in way],
        unscanned=_unscanned(send, kind),
        trail=told(send["trail"], lambda moment: moment.astimezone(zone)),
        booked=await statements.of_send(context_of(request), scope, send["id"]),
        changes=await editing.changes_of(context_of(request), scope, send["id"]),
        fields=FIELDS,
        vendors=VENDORS,
        vocabularies=in_vocabularies(send["vocabularies"]),
        parts=barcode_parts(send["imb"]) if send["imb"] else [],
        content=await content_of(context_of(request), scope, send["id"]),
        told=await _told(request, scope, send["id"]),
        words=hook_words,
    )


async def _told(request: WebRequest, scope: Scope, send_id: str) -> list[tuple[Delivery, str]]:
    """The last of what hooks were told of it, with their names; nothing for who may not see hooks."""
    if not scope.may(Permission.HOOKS_READ):
        return []
    return await hook_deliveries.of_send(context_of(request), scope, send_id, _TOLD)


def _how_known(way: list[Step]) -> str:
    """How the status is known."""
    return next((how_known(step.event) for step in way if step.current and step.event), "")


def _about(step: Step) -> str:
    """What brought the send to this step, where, and how we know."""
    if step.event is None:
        return ""
    label = step.event["label"]
    return " · ".join(filter(None, (label if label != step.label else "", place_of(step.event), how_known(step.event))))


def _unscanned(send: Mapping[str, Any], kind: Kind) -> str:
    """What to know of scans that are missing; empty for what no post scans."""
    if kind not in MAIL:
        return ""
    if send["post"] == "canada_post" and not send["tracking_number"]:
        return "Canada Post does not scan letter mail: after the hand-over, nothing more is heard of it."
    if send["vendor"] and not send["imb"] and not send["tracking_number"]:
        return (
            f"{VENDORS[send['vendor']].label} tells what becomes of it: scans by the post do not come here themselves."
        )
    if not send["imb"] and not send["tracking_number"]:
        return "It has no barcode and no tracking number that we know, so no scan of it can find its way here."
    return NOT_GUARANTEED
