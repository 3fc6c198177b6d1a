"""Hooks by forms: make one, change what it hears and where."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast, get_args

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import UNSET

from sendtrail.domain.crm_settings import CRMS
from sendtrail.domain.events import EVENT_TYPES, Kind
from sendtrail.domain.notices import NEVER_TOLD, PATTERNS, RESPONSES
from sendtrail.domain.problems import Conflict, Invalid, SendtrailError
from sendtrail.domain.roles import Permission
from sendtrail.domain.send import KindWord
from sendtrail.services import campaigns, clients, hook_catalogue, hooks
from sendtrail.services.hook_catalogue import READERS, EventKind
from sendtrail.services.hook_plans import MOST_DAYS, HookPlan
from sendtrail.services.hook_settings import TARGETS
from sendtrail.services.hooks import Hook
from sendtrail.web import hook_crm_forms, hook_words
from sendtrail.web.forms import Blank, nonce, repeat_of, see, wrong_fields
from sendtrail.web.hook_words import FORMATS
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import page
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_fields
from sendtrail.web.wording import spelled

_CAMPAIGNS = 200
_NAMES = {
    "events": "events",
    "url": "address",
    "name": "name",
    "format": "format",
    "kinds": "kinds",
    "campaigns": "campaigns",
    "tags": "tags",
    "wait_days": "days",
    "secret": "secret",
    "clients": "clients",
    "settings": "settings",
    "settings.to": "addresses",
    **hook_crm_forms.NAMES,
}
ABOUT = {
    "webhook": "Your own program, Zapier or n8n takes each event as JSON, signed.",
    "email": "People get an e-mail for each event.",
    "slack": "A channel gets a line for each event: Slack, Mattermost, Rocket.Chat and others take it.",
    **hook_crm_forms.ABOUT,
}
"""The targets for which there is a form, and what each is for."""
_STAGES = ("Responses", "Before it goes out", "On its way", "How it ended", "Changes")
_ENDINGS = 5

Fields = Sequence[tuple[str, str]]


class EventGroup(NamedTuple):
    """Types of one reader that belong together. `label`: empty where it has one group only."""

    label: str
    kinds: list[EventKind]


class ReaderEvents(NamedTuple):
    """What can be chosen in one reader's words. `everything`: all of it at once; `chosen`: how many are."""

    name: str
    about: str
    everything: EventKind
    groups: list[EventGroup]
    chosen: int


def _addresses(fields: Mapping[str, str]) -> dict[str, object]:
    parts = fields.get("settings.to", "").replace(",", " ").replace(";", " ").split()
    return {"to": parts}


SETTINGS: Mapping[str, Callable[[Mapping[str, str]], dict[str, object]]] = {
    "email": _addresses,
    **hook_crm_forms.READ,
}
"""For each target that has settings, how its form says them; its fields stand in the template hook_settings_TARGET."""
TYPED: Mapping[str, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    "email": lambda settings: {"settings.to": "\n".join(settings["to"])},
    **hook_crm_forms.TYPED,
}
"""The opposite: what the form shows of settings."""
_FIRST_EVENTS: Mapping[str, Sequence[str]] = {
    "email": ("send.delivered", "send.returned"),
    "slack": ("send.delivered", "send.returned"),
    **dict.fromkeys(CRMS, ("postalytics.*",)),
}
_READERS_ABOUT = {
    "sendtrail": "Each thing that happens, once, as Sendtrail says it.",
    "postalytics": "Status codes with their numbers, each told once for each piece, as CRMs know them.",
    "postgrid": "Orders made and updated, as receivers of PostGrid's webhooks know them.",
    "stannp": "When it comes to stand at another of Stannp's statuses.",
    "sendoso": "When it comes to stand at another of Sendoso's statuses.",
    "lob": "When it comes to stand at another of Lob's tracking events.",
}


@get("/hooks/new", needs=Permission.HOOKS_WRITE, takes=("target",))
async def show_new(request: WebRequest, visitor: Here) -> Response[str]:
    """The form for a new hook, of the target that the address names."""
    target = query_of(request).get("target", "webhook")
    if target not in ABOUT:
        raise Invalid(f"target must be one of {', '.join(ABOUT)}", "target")
    begun = [("events", each) for each in _FIRST_EVENTS.get(target, ())]
    begun += [("format", "standard"), ("wait_days", "0"), *hook_crm_forms.fresh(target).items()]
    return await _form(request, visitor, None, target, begun)


@post("/hooks", needs=Permission.HOOKS_WRITE)
async def make(request: WebRequest, visitor: Here) -> Response[str]:
    """Make a hook; a form that is sent twice makes one."""
    form = await read_fields(request, visitor)
    fields = dict(form)
    target = fields.get("target", "webhook")
    try:
        plan, again = _plan(form, target), repeat_of(request, _whole(form))
        secret = fields.get("secret", "").strip()
        made = await hooks.make(context_of(request), visitor.scope, plan, target, secret, request=again)
    except (Invalid, Conflict) as problem:
        return await _form(request, visitor, None, target if target in TARGETS else "webhook", form, problem)
    return see(f"/hooks/{made.id}{'/receiver' if made.secret else ''}?done=made")


@get("/hooks/{hook_id:str}/edit", needs=Permission.HOOKS_WRITE)
async def show_edit(request: WebRequest, visitor: Here, hook_id: FromPath[str]) -> Response[str]:
    """The form to change a hook."""
    hook = await hooks.get(context_of(request), visitor.scope, hook_id)
    return await _form(request, visitor, hook, hook.target, _known(hook))


@post("/hooks/{hook_id:str}/edit", needs=Permission.HOOKS_WRITE)
async def edit(request: WebRequest, visitor: Here, hook_id: FromPath[str]) -> Response[str]:
    """Change a hook."""
    form = await read_fields(request, visitor)
    hook = await hooks.get(context_of(request), visitor.scope, hook_id)
    try:
        await hooks.change(context_of(request), visitor.scope, hook_id, _plan(form, hook.target))
    except (Invalid, Conflict) as problem:
        return await _form(request, visitor, hook, hook.target, form, problem)
    return see(f"/hooks/{hook_id}?done=saved")


def _plan(form: Fields, target: str) -> HookPlan:
    """What a form says. Invalid names the field."""
    fields = dict(form)
    if target not in TARGETS:
        raise Invalid(f"target must be one of {', '.join(TARGETS)}", "target")
    wait, format_, kinds = fields.get("wait_days", "").strip() or "0", fields.get("format", ""), _all(form, "kinds")
    if not (wait.isascii() and wait.isdecimal() and len(wait) < 5):
        raise Invalid(f"wait_days must be a number from 0 to {MOST_DAYS}", "wait_days")
    if format_ and format_ not in FORMATS:
        raise Invalid(f"format must be one of {', '.join(FORMATS)}", "format")
    if any(kind not in get_args(KindWord) for kind in kinds):
        raise Invalid(f"kinds must be of {', '.join(get_args(KindWord))}", "kinds")
    return HookPlan(
        events=_without_doubles(_all(form, "events")),
        url=fields.get("url", UNSET),
        name=fields.get("name", ""),
        format=format_ or UNSET,
        settings=SETTINGS[target](fields) if target in SETTINGS else UNSET,
        kinds=[cast(KindWord, kind) for kind in kinds],
        campaigns=_all(form, "campaigns"),
        tags=[tag.strip() for tag in fields.get("tags", "").split(",") if tag.strip()],
        bots=fields.get("bots") == "yes",
        clients=fields.get("clients") == "yes",
        wait_days=int(wait),
    )


def _all(form: Fields, name: str) -> list[str]:
    return [value for each, value in form if each == name]


def _without_doubles(events: Sequence[str]) -> list[str]:
    """Types that a pattern means are not named by themselves: the pattern would tell them anyway."""
    meant = {type_ for each in events for type_ in PATTERNS.get(each, ())}
    return [each for each in events if each not in meant]


def _whole(form: Fields) -> dict[str, str]:
    """All fields of a form, of those that came several times all values in one."""
    return {name: "\n".join(_all(form, name)) for name, _ in form}


def _known(hook: Hook) -> Fields:
    """What the form shows of a hook."""
    shown = TYPED[hook.target](hook.settings) if hook.target in TYPED else {}
    return [
        *(("events", each) for each in hook.events),
        *(("kinds", each) for each in hook.kinds),
        *(("campaigns", each.id) for each in hook.campaigns),
        ("url", hook.url),
        ("name", hook.name),
        ("format", hook.format),
        ("tags", ", ".join(hook.tags)),
        ("bots", "yes" if hook.bots else ""),
        ("clients", "yes" if hook.clients else ""),
        ("wait_days", str(hook.wait_days)),
        *shown.items(),
    ]


async def _form(
    request: WebRequest,
    visitor: Visitor,
    hook: Hook | None,
    target: str,
    form: Fields,
    problem: SendtrailError | None = None,
) -> Response[str]:
    context, scope = context_of(request), visitor.scope
    named = dict(await campaigns.names_of_campaigns(context, scope, _CAMPAIGNS))
    if hook:
        named = {each.id: each.name for each in hook.campaigns} | named
    events = _all(form, "events")
    return page(
        request,
        "hook_form.html",
        visitor,
        status=400 if problem else 200,
        hook=hook,
        tab="edit",
        done="",
        target=target,
        targets={name: (TARGETS[name].label, about) for name, about in ABOUT.items()},
        readers=_readers(events),
        events=events,
        never_told=[each for each in events if each in NEVER_TOLD],
        kinds=[(kind.word, spelled(kind.word)) for kind in Kind],
        chosen_kinds=_all(form, "kinds"),
        campaigns=named,
        chosen_campaigns=_all(form, "campaigns"),
        formats=FORMATS,
        agency=bool(await clients.list_clients(context, scope)),
        typed=Blank(form),
        wrong=Blank({**(hook_crm_forms.to_be_typed_again(form) if problem else {}), **wrong_fields(problem, _NAMES)}),
        told=hook_crm_forms.told(),
        nonce=nonce(),
        words=hook_words,
    )


def _readers(events: Sequence[str]) -> list[ReaderEvents]:
    """All that can be chosen, by whose words it is in."""
    found = []
    for reader, name in READERS.items():
        everything, *kinds = [each for each in hook_catalogue.catalogue() if each.vocabulary == reader]
        groups = [EventGroup("", kinds)]
        if reader == "sendtrail":
            groups = [
                EventGroup(label, [each for each in kinds if _stage(each.type) == place])
                for place, label in enumerate(_STAGES)
            ]
        chosen = sum(each.type in events for each in [everything, *kinds])
        found.append(ReaderEvents(name, _READERS_ABOUT[reader], everything, groups, chosen))
    return found


def _stage(type_: str) -> int:
    """Where in the life of a send one of our types belongs, as a place in _STAGES."""
    code = type_.removeprefix("send.")
    stages = [each.stage for each in EVENT_TYPES if each.code == code]
    if not stages:
        return len(_STAGES) - 1
    if code in RESPONSES:
        return 0
    if max(stages) >= _ENDINGS or code == "expired":
        return 3
    return 1 if max(stages) < 3 else 2
