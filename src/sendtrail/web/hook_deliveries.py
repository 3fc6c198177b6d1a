"""One delivery of a hook: what it tells, how each try went, and to tell it once more."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain import messages
from sendtrail.domain.flat import flat
from sendtrail.domain.roles import Permission
from sendtrail.services import hook_deliveries, hooks
from sendtrail.services.hook_deliveries import WholeDelivery
from sendtrail.services.hooks import Hook
from sendtrail.web import hook_words
from sendtrail.web.forms import see
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import page
from sendtrail.web.visitors import Here, WebRequest, context_of, read_form

_DONE = {
    "again": "It is told once more: this is the delivery.",
    "hurried": "It was still to be told: it is tried at once, in its turn.",
}


@get("/hooks/{hook_id:str}/deliveries/{delivery_id:str}", needs=Permission.HOOKS_READ)
async def show_delivery(
    request: WebRequest, visitor: Here, hook_id: FromPath[str], delivery_id: FromPath[str]
) -> Response[str]:
    """All of one delivery."""
    context, scope = context_of(request), visitor.scope
    hook = await hooks.get(context, scope, hook_id)
    delivery = await hook_deliveries.get(context, scope, hook_id, delivery_id)
    return page(
        request,
        "hook_delivery.html",
        visitor,
        hook=hook,
        delivery=delivery,
        said=_said(hook, delivery),
        whole=_pretty(delivery.body),
        answer=_readable(delivery.answer),
        busy=delivery.state == "pending",
        done=_DONE.get(query_of(request).get("done", ""), ""),
        words=hook_words,
    )


@post("/hooks/{hook_id:str}/deliveries/{delivery_id:str}/replay", needs=Permission.HOOKS_WRITE)
async def replay(
    request: WebRequest, visitor: Here, hook_id: FromPath[str], delivery_id: FromPath[str]
) -> Response[str]:
    """Tell it once more."""
    await read_form(request, visitor)
    made = await hook_deliveries.replay(context_of(request), visitor.scope, hook_id, delivery_id)
    return see(f"/hooks/{hook_id}/deliveries/{made.id}?done={'again' if made.again else 'hurried'}")


def _said(hook: Hook, delivery: WholeDelivery) -> str:
    """What the receiver is told, in the form in which it is; empty where that is the body itself."""
    if hook.target == "slack":
        return messages.line(delivery.body)
    if hook.target != "webhook":
        return messages.text(delivery.body)
    return _pretty(flat(delivery.body)) if hook.format == "flat" else ""


def _pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _readable(answer: str) -> str:
    """JSON with its parts on lines of their own; anything else as it is."""
    try:
        return _pretty(msgspec.json.decode(answer))
    except msgspec.DecodeError:
        return answer
