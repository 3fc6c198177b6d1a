"""Hooks: how all of them fare, one with what it was told, how its receiver knows us, and what can be done with it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.crm_settings import CRMS
from sendtrail.domain.notices import PATTERNS, expand
from sendtrail.domain.plurals import counted
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.services import hook_deliveries, hooks
from sendtrail.services.hook_deliveries import Chosen, Delivery
from sendtrail.services.hook_plans import HookPlan
from sendtrail.services.hook_settings import TARGETS
from sendtrail.services.hooks import Hook
from sendtrail.web import hook_words
from sendtrail.web.forms import Blank, see, wrong_fields
from sendtrail.web.hook_code import SAMPLES
from sendtrail.web.hook_words import DELIVERIES, STATES
from sendtrail.web.other_mode import shown_elsewhere
from sendtrail.web.queries import day_in, query_of
from sendtrail.web.rendering import page, sentence
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_form

_DELIVERIES = 50
_FILTERS = ("state", "type", "send", "start", "end")
_DAY = timedelta(days=1)
_DONE = {
    "made": "The hook is made: it hears of everything that happens from now on.",
    "saved": "Your changes are saved.",
    "enabled": "What waits is being sent, and all that happens from now on.",
    "disabled": "Nothing is sent to it; what happens waits until you enable it.",
    "rotated": "Another secret signs from now on.",
    "deleted": "The hook is deleted.",
}


@get("/hooks", needs=Permission.HOOKS_READ, takes=("state",))
async def show_hooks(request: WebRequest, visitor: Here) -> Response[str]:
    """All hooks of the mode with how each fares; those of a state, if the address names one."""
    state = query_of(request).get("state", "")
    if state and state not in STATES:
        raise Invalid(f"state must be one of {', '.join(STATES)}", "state")
    found, _ = await hooks.list_hooks(context_of(request), visitor.scope)
    n = Counter[str](hook.state for hook in found)
    health = [hook.health for hook in found]
    return page(
        request,
        "hooks.html",
        visitor,
        hooks=[hook for hook in found if state in ("", hook.state)],
        n=len(found),
        state=state,
        states=[("", "All", len(found)), *((word, label, n[word]) for word, label in STATES.items() if n[word])],
        here=f"/hooks?state={state}" if state else "/hooks",
        hearing=len(found) - n["ended"],
        troubled=n["failing"] + n["disabled"],
        pending=sum(each.pending for each in health),
        oldest=min((each.oldest_pending_at for each in health if each.oldest_pending_at), default=None),
        tried=sum(each.tried for each in health),
        delivered=sum(each.delivered for each in health),
        last=max((each.last_success_at for each in health if each.last_success_at), default=None),
        done=_DONE.get(query_of(request).get("done", ""), ""),
        words=hook_words,
    )


@get("/hooks/{hook_id:str}", needs=Permission.HOOKS_READ, takes=(*_FILTERS, "after", "n"))
async def show_hook(request: WebRequest, visitor: Here, hook_id: FromPath[str]) -> Response[str]:
    """One hook: how it fares, and what it was told."""
    try:
        hook = await hooks.get(context_of(request), visitor.scope, hook_id)
    except NotFound:
        return await shown_elsewhere(request, visitor, hooks.get, hook_id)
    return await _hook_page(request, visitor, hook)


@get("/hooks/{hook_id:str}/receiver", needs=Permission.HOOKS_READ)
async def show_receiver(request: WebRequest, visitor: Here, hook_id: FromPath[str]) -> Response[str]:
    """How a receiver knows that a notification comes from us: code to copy, and for who may change it, the secret."""
    return await _receiver_page(request, visitor, hook_id)


@post("/hooks/{hook_id:str}/rotate", needs=Permission.HOOKS_WRITE)
async def rotate(request: WebRequest, visitor: Here, hook_id: FromPath[str]) -> Response[str]:
    """Sign with another secret."""
    fields = await read_form(request, visitor)
    try:
        await hooks.rotate(context_of(request), visitor.scope, hook_id, fields.get("secret", "").strip())
    except Invalid as problem:
        return await _receiver_page(request, visitor, hook_id, problem)
    return see(f"/hooks/{hook_id}/receiver?done=rotated")


@post("/hooks/{hook_id:str}/enable", needs=Permission.HOOKS_WRITE)
async def enable(request: WebRequest, visitor: Here, hook_id: FromPath[str]) -> Response[str]:
    """Send what waits, at once."""
    await read_form(request, visitor)
    await hooks.change(context_of(request), visitor.scope, hook_id, HookPlan(), enabled=True)
    return see(f"/hooks/{hook_id}?done=enabled")


@post("/hooks/{hook_id:str}/disable", needs=Permission.HOOKS_WRITE)
async def disable(request: WebRequest, visitor: Here, hook_id: FromPath[str]) -> Response[str]:
    """Let what happens wait."""
    await read_form(request, visitor)
    await hooks.change(context_of(request), visitor.scope, hook_id, HookPlan(), enabled=False)
    return see(f"/hooks/{hook_id}?done=disabled")


@get("/hooks/{hook_id:str}/delete", needs=Permission.HOOKS_WRITE)
async def show_delete(request: WebRequest, visitor: Here, hook_id: FromPath[str]) -> Response[str]:
    """What deleting it means, and the button."""
    hook = await hooks.get(context_of(request), visitor.scope, hook_id)
    return page(request, "hook_delete.html", visitor, hook=hook, words=hook_words)


@post("/hooks/{hook_id:str}/delete", needs=Permission.HOOKS_WRITE)
async def delete(request: WebRequest, visitor: Here, hook_id: FromPath[str]) -> Response[str]:
    """Tell it nothing more."""
    await read_form(request, visitor)
    await hooks.delete(context_of(request), visitor.scope, hook_id)
    return see("/hooks?done=deleted")


@post("/hooks/{hook_id:str}/test", needs=Permission.HOOKS_WRITE)
async def try_out(request: WebRequest, visitor: Here, hook_id: FromPath[str]) -> Response[str]:
    """Tell it of something made up, and look how that goes."""
    fields = await read_form(request, visitor)
    made = await hook_deliveries.try_out(context_of(request), visitor.scope, hook_id, fields.get("type", ""))
    return see(f"/hooks/{hook_id}/deliveries/{made.id}")


@post("/hooks/{hook_id:str}/replay", needs=Permission.HOOKS_WRITE)
async def replay_all(request: WebRequest, visitor: Here, hook_id: FromPath[str]) -> Response[str]:
    """Tell all of a time once more, or what of it failed."""
    context, fields, zone = context_of(request), await read_form(request, visitor), _zone(visitor)
    failed_only = fields.get("what") == "failed"
    try:
        since = _moment(fields, "since", zone)
        if since is None:
            raise Invalid("since is missing: from when on?", "since")
        until = _moment(fields, "until", zone)
        told = await hook_deliveries.replay_all(context, visitor.scope, hook_id, since, until, failed_only=failed_only)
    except Invalid as problem:
        hook = await hooks.get(context, visitor.scope, hook_id)
        return await _hook_page(request, visitor, hook, fields, problem)
    return see(f"/hooks/{hook_id}?done=replayed&n={told.replayed}")


async def _hook_page(
    request: WebRequest,
    visitor: Visitor,
    hook: Hook,
    typed: Mapping[str, str] | None = None,
    refused: Invalid | None = None,
) -> Response[str]:
    context, scope, query, error = context_of(request), visitor.scope, query_of(request), ""
    asked = {name: query[name] for name in _FILTERS if name in query}
    found: Sequence[Delivery] = []
    after, sees = None, scope.may(Permission.SENDS_READ, Reach.ORGANIZATION)
    if sees:
        try:
            chosen = Chosen(
                query.get("state", ""),
                query.get("type", ""),
                query.get("send", ""),
                day_in(query, "start"),
                day_in(query, "end"),
            )
            found, after = await hook_deliveries.list_deliveries(
                context, scope, hook.id, chosen, limit=_DELIVERIES, after=query.get("after")
            )
        except Invalid as problem:
            error = sentence(problem)

    def address(**more: str) -> str:
        text = urlencode(asked | more)
        return f"/hooks/{hook.id}?{text}" if text else f"/hooks/{hook.id}"

    zone = _zone(visitor)
    known = {"since": (datetime.now(zone) - _DAY).strftime("%Y-%m-%dT%H:%M"), "what": "failed"}
    return page(
        request,
        "hook.html",
        visitor,
        status=400 if error or refused else 200,
        hook=hook,
        tab="deliveries",
        sees=sees,
        deliveries=found,
        asked=Blank(asked),
        types=_types(hook, query.get("type", "")),
        delivery_states={**DELIVERIES, **({"nobody": hook_words.NOBODY} if hook.target in CRMS else {})},
        error=error,
        done=_done(query),
        here=address(**({"after": query["after"]} if "after" in query else {})),
        busy=any(each.state == "pending" for each in found),
        last_error=next((each.error for each in found if each.error), ""),
        older=address(after=after) if after else "",
        newest=address() if "after" in query else "",
        typed=Blank(known | dict(typed or {})),
        wrong=Blank(wrong_fields(refused, {"since": "from", "until": "to"})),
        zone=datetime.now(zone).tzname(),
        words=hook_words,
    )


async def _receiver_page(
    request: WebRequest, visitor: Visitor, hook_id: str, refused: Invalid | None = None
) -> Response[str]:
    context, scope = context_of(request), visitor.scope
    hook = await hooks.get(context, scope, hook_id)
    if not TARGETS[hook.target].signed:
        return see(f"/hooks/{hook_id}")
    secret = None
    if scope.may(Permission.HOOKS_WRITE) and hook.state != "ended":
        secret = await hooks.secret_of(context, scope, hook_id)
    return page(
        request,
        "hook_receiver.html",
        visitor,
        status=400 if refused else 200,
        hook=hook,
        tab="receiver",
        secret=secret,
        samples=SAMPLES[hook.format],
        done=_done(query_of(request)),
        wrong=Blank(wrong_fields(refused, {"secret": "secret"})),
        words=hook_words,
    )


def _done(query: Mapping[str, str]) -> str:
    done = query.get("done", "")
    if done == "replayed":
        n = query.get("n", "")
        told = counted(int(n), "event") if n.isascii() and n.isdecimal() and len(n) < 7 else "What there was"
        return "Nothing of that time is to be told again." if n == "0" else f"Told once more: {told}, in order."
    return _DONE.get(done, "")


def _types(hook: Hook, asked: str) -> list[tuple[str, str]]:
    """The types by which a hook's deliveries can be narrowed: patterns, and each that it hears."""
    patterns = [each for each in hook.events if each in PATTERNS]
    found = [*patterns, *sorted(expand(hook.events) - set(patterns))]
    if asked and asked not in found:
        found.append(asked)
    return [(each, f"{hook_words.told(each)} ({each})") for each in found]


def _moment(fields: Mapping[str, str], name: str, zone: ZoneInfo) -> datetime | None:
    """A moment by the organization's clocks, as a form has it; Invalid names the field."""
    text = fields.get(name, "").strip()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        raise Invalid(f"{name} must be a day and a time, such as 2026-03-02T09:00", name) from None


def _zone(visitor: Visitor) -> ZoneInfo:
    return ZoneInfo(visitor.organization.time_zone)
