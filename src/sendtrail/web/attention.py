"""What needs attention: a page by rule, and what people do about it, one by one or many at once."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from sendtrail.domain.attention import RULES, TABLE
from sendtrail.domain.plurals import counted
from sendtrail.domain.problems import Invalid, SendtrailError
from sendtrail.domain.roles import Permission, Reach
from sendtrail.services import attending
from sendtrail.services.attending import MAX_NOTE, SNOOZES, Chosen, Entry, Wanted
from sendtrail.web.forms import see
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import page, sentence
from sendtrail.web.support import support_for
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of, read_fields, read_form, way_back
from sendtrail.web.wording import spelled

EACH, ALL = 5, 50
"""Entries of a rule among others, and by itself."""
LATE = timedelta(minutes=10)
"""The worker looks every minute."""
_FILTERS = ("state", "rule", "assignee")
STATES = {"open": "Open", "snoozed": "Snoozed", "done": "Done"}
ASSIGNEES = {"": "Everybody's", "mine": "Mine", "nobody": "Nobody's"}
RESENDS = frozenset(rule.name for rule in TABLE if rule.resends)
_DONE = {
    "snoozed": "{n} will come back {until}.",
    "done": "{n} done with. They come back only if something new happens.",
    "reopened": "{n} open again.",
    "assigned": "{n} given to {to}.",
    "noted": "The note is kept.",
}
_BACK = {"tomorrow": "tomorrow morning", "3 days": "in three days", "a week": "in a week"}


@get("/attention", needs=Permission.SENDS_READ, takes=(*_FILTERS, "after", "n", "beyond", "until", "to"))
async def show_attention(request: WebRequest, visitor: Here) -> Response[str]:
    """What is open, by rule; or snoozed, or done; or of one rule alone, page by page."""
    context, scope, query = context_of(request), visitor.scope, query_of(request)
    wanted = Wanted(query.get("state", "open"), query.get("rule"), query.get("assignee"), query.get("after"))
    if wanted.rule is None:
        groups, after = await attending.overview(context, scope, wanted, EACH), None
    else:
        entries, after = await attending.list_entries(context, scope, wanted, ALL)
        n = (await attending.tally(context, scope, wanted)).get(wanted.rule, 0)
        groups = [attending.Group(RULES[wanted.rule], n, entries)] if entries else []
    return page(
        request,
        "attention.html",
        visitor,
        wanted=wanted,
        groups=groups,
        states={state: (label, _link(query, state=state)) for state, label in STATES.items()},
        open_n=await _open(request, visitor, wanted),
        assignees={name: (label, _link(query, assignee=name)) for name, label in ASSIGNEES.items()},
        others=scope.may(Permission.SENDS_READ, Reach.TEAMS),
        rules={rule.name: rule for rule in TABLE},
        everything=_link(query, rule=""),
        of_rule=lambda name: _link(query, rule=name),
        here=_link(query),
        older=_link(query, after=after) if after else "",
        newest=_link(query) if wanted.after else "",
        done=_said(query),
        members=await attending.assignable(context, scope),
        snoozes=SNOOZES,
        support=support_for(visitor),
        age=_age(await attending.as_of(context, scope)),
        place_of=place_of,
        spelled=spelled,
    )


@post("/attention", needs=Permission.SENDS_WRITE)
async def act(request: WebRequest, visitor: Here) -> Response[str]:
    """Snooze, assign, reopen or be done with entries: those that were ticked, all of a list, or the one of a menu."""
    form = await read_fields(request, visitor)
    fields = dict(form)
    action, argument = fields.get("action", ""), ""
    ids = [value for name, value in form if name == "entry"]
    if one := fields.get("one"):  # a menu's choice: the action, what with, and the entry
        action, argument, entry = [*one.split("|"), "", ""][:3]
        ids = [entry]
    chosen = Chosen(ids)
    if fields.get("all") and not one:
        chosen = Chosen(None, Wanted(fields.get("state", "open"), fields.get("rule"), fields.get("assignee") or None))
    elif not ids:
        raise Invalid("select some entries first, or all of a rule", "entry")
    return see(_after(fields.get("back", ""), await _do(request, visitor, action, argument, fields, chosen)))


@get("/attention/{entry_id:str}", needs=Permission.SENDS_READ, takes=("n", "beyond", "until", "to"))
async def show_entry(request: WebRequest, visitor: Here, entry_id: FromPath[str]) -> Response[str]:
    """One entry, with its note."""
    query = query_of(request)
    return await _entry_page(request, visitor, entry_id, said=_said(query))


@post("/attention/{entry_id:str}/note", needs=Permission.SENDS_WRITE)
async def annotate(request: WebRequest, visitor: Here, entry_id: FromPath[str]) -> Response[str]:
    """Keep a note with an entry."""
    fields = await read_form(request, visitor)
    try:
        await attending.annotate(context_of(request), visitor.scope, entry_id, fields.get("note", ""))
    except Invalid as problem:
        return await _entry_page(request, visitor, entry_id, problem=problem, typed=fields.get("note", ""))
    return see(_after(fields.get("back", "") or f"/attention/{entry_id}", {"done": "noted"}))


async def _entry_page(
    request: WebRequest,
    visitor: Visitor,
    entry_id: str,
    *,
    said: str = "",
    problem: SendtrailError | None = None,
    typed: str | None = None,
) -> Response[str]:
    entry = await attending.get(context_of(request), visitor.scope, entry_id)
    return page(
        request,
        "attention_entry.html",
        visitor,
        status=400 if problem else 200,
        entry=entry,
        rule=RULES[entry.rule],
        place=place_of(entry),
        note=entry.note if typed is None else typed,
        wrong=sentence(problem) if problem else "",
        done=said,
        longest=MAX_NOTE,
        **await acting(request, visitor),
    )


async def acting(request: WebRequest, visitor: Visitor) -> dict[str, Any]:
    """What the menus and forms about single entries need."""
    return {
        "members": await attending.assignable(context_of(request), visitor.scope),
        "snoozes": SNOOZES,
        "resends": RESENDS,
        "support": support_for(visitor),
        "spelled": spelled,
    }


def place_of(entry: Entry) -> str:
    """Where an entry leads."""
    places = {
        "send": f"/sends/{entry.about.id}",
        "feed": "/settings/feeds",
        "folder": "/feeds",
        "mailer_id": "/feeds/unmatched",
        "balance": "/settings/money",
    }
    return places[entry.about.type]


async def _do(
    request: WebRequest, visitor: Visitor, action: str, argument: str, fields: Mapping[str, str], chosen: Chosen
) -> dict[str, str]:
    """Do it, and what to say of it."""
    context, scope = context_of(request), visitor.scope
    if action == "snooze":
        until = argument or fields.get("until", "")
        return {"done": "snoozed", "n": str(await attending.snooze(context, scope, chosen, until)), "until": until}
    if action == "assign":
        assignee = argument or fields.get("to", "")
        given, beyond = await attending.assign(context, scope, chosen, assignee)
        members = await attending.assignable(context, scope)
        to = {"nobody": "nobody", "me": "you"}.get(assignee) or members[assignee]
        return {"done": "assigned", "n": str(given), "to": to, "beyond": str(beyond) if beyond else ""}
    if action == "done":
        return {"done": "done", "n": str(await attending.finish(context, scope, chosen))}
    if action == "reopen":
        return {"done": "reopened", "n": str(await attending.reopen(context, scope, chosen))}
    raise Invalid("action must be one of snooze, assign, done, reopen", "action")


def _after(back: str, said: Mapping[str, str]) -> str:
    """Where somebody goes on, with what was done."""
    path, _, query = (way_back(back) if back else "/attention").partition("?")
    if path.startswith("/sends/"):
        return f"{path}?done=attended"
    return f"{path}?{'&'.join(filter(None, (query, urlencode({k: v for k, v in said.items() if v}))))}"


def _said(query: Mapping[str, str]) -> str:
    text = _DONE.get(query.get("done", ""), "")
    n = query.get("n", "")
    number = int(n) if n.isdecimal() and len(n) < 10 else 0
    said = text.format(
        n=f"{number:,} {'entry' if number == 1 else 'entries'}",
        until=_BACK.get(query.get("until", ""), "later"),
        to=query.get("to", "")[:200],
    )
    beyond = query.get("beyond", "")
    if said and beyond.isdecimal() and len(beyond) < 10:
        said += (
            " 1 other lies beyond their reach." if beyond == "1" else f" {int(beyond):,} others lie beyond their reach."
        )
    return said


async def _open(request: WebRequest, visitor: Visitor, wanted: Wanted) -> int:
    found = await attending.tally(context_of(request), visitor.scope, Wanted("open", None, wanted.assignee))
    return sum(found.values())


def _age(looked_at: datetime | None) -> tuple[str, bool]:
    """How old the page is, in words, and whether that is older than it should be."""
    if looked_at is None:
        return "", False
    old = max(datetime.now(UTC) - looked_at, timedelta())
    if old < timedelta(seconds=2):
        return "as of now", False
    if old < timedelta(minutes=2):
        return f"as of {counted(int(old.total_seconds()), 'second')} ago", False
    if old < timedelta(hours=2):
        return f"as of {counted(int(old.total_seconds() // 60), 'minute')} ago", old > LATE
    return f"as of {counted(int(old.total_seconds() // 3600), 'hour')} ago", True


def _link(query: Mapping[str, str], **changed: str) -> str:
    """The list with some filters changed, an empty one left out; always its first page unless `after` says which."""
    kept = {name: query[name] for name in _FILTERS if name in query} | changed
    wanted = urlencode({name: value for name, value in kept.items() if value and (name, value) != ("state", "open")})
    return f"/attention?{wanted}" if wanted else "/attention"
