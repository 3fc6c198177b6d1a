"""The Send Tracker: the list of sends, what it can be narrowed to, and its rows that look again by themselves."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from litestar import MediaType, Response, get

from sendtrail.domain.events import Kind
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.service_types import MAILING_CLASSES
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.services import campaigns, people, saved_views
from sendtrail.services.sorting import MOST_SORTED, PARTED
from sendtrail.services.tracker import Tally, Wanted, list_sends, tally
from sendtrail.services.views import View
from sendtrail.web.filters import FILTERS, MODES, Filters, modes_in, wanted_in, words_in
from sendtrail.web.queries import query_of
from sendtrail.web.rendering import fragment, page, sentence
from sendtrail.web.reports import SECTORS
from sendtrail.web.standings import NOTES, called, capped, counts, options, total
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of
from sendtrail.web.wording import READERS, in_vocabularies, spelled

SENDS = 50
"""Rows of a page."""
_COUNTED_EVERY = 60
"""Seconds after which a page that looks again by itself is told anew how many stand where."""
_CAMPAIGNS = 200
"""So many are offered, the newest; any other narrows the list from its own page."""
KINDS = {kind.word: spelled(kind.word) for kind in Kind}
CLASSES = {each: spelled(each) for each in MAILING_CLASSES}


@get("/sends", needs=Permission.SENDS_READ, takes=FILTERS)
async def show_sends(request: WebRequest, visitor: Here) -> Response[str]:
    """The sends that the address asks for, from the latest day down."""
    context, scope = context_of(request), visitor.scope
    query = _asked(request)
    error, found, after, counted = "", list[View](), None, Tally({}, True)
    wanted, modes = Wanted(q=query.get("q", "")), None
    try:
        words = words_in(query)
        wanted, modes = wanted_in(query), modes_in(query)
        found, after = await list_sends(context, scope, wanted, SENDS, modes=modes)
        counted = await tally(context, scope, wanted, modes=modes)
    except Invalid as problem:
        error, words, wanted = sentence(problem), "", Wanted(q=query.get("q", ""))
    filters = Filters(query)
    campaign = await _campaign(request, visitor, wanted.campaign)
    choices = await _choices(request, visitor)
    if wanted.campaign and campaign:
        choices["campaign"] = {wanted.campaign: campaign["name"]} | choices["campaign"]
    return page(
        request,
        "sends.html",
        visitor,
        status=400 if error else 200,
        sends=found,
        wanted=wanted,
        modes=modes or (scope.live,),
        words=words,
        readers=READERS,
        told=lambda send: _told(send, words),
        campaign=campaign,
        error=error,
        filters=filters,
        sectors=SECTORS,
        statuses=options(words, query.get("status", "")),
        note=NOTES.get(words, ""),
        pills=filters.pills(_names(campaign, wanted, query.get("status", ""), choices)),
        kinds=KINDS,
        classes=CLASSES,
        counts=counts(counted, filters, wanted, words),
        total=total(counted, wanted),
        everything=capped(counted.total, counted.exact),
        columns=_columns(filters, wanted, counted),
        most_sorted=MOST_SORTED,
        refresh=_refresh(found, filters, modes or (scope.live,)),
        older=filters.link(after=after) if after else "",
        newest=filters.link() if wanted.after else "",
        views=await saved_views.list_views(context, scope),
        spelled=spelled,
        choices=choices,
    )


@get("/sends/rows", needs=Permission.SENDS_READ, takes=(*FILTERS, "ids"))
async def show_rows(request: WebRequest, visitor: Here) -> Response[str]:
    """Where the sends of a page stand now, and how many of its list stand where, to take the place of what it shows.

    304 where no row has changed since, 204 where none of them can be seen any more. Whoever asks again and again costs
    no counting: the list is counted when a row has changed, or else once a minute.
    """
    context, scope, query = context_of(request), visitor.scope, _asked(request)
    ids = tuple(query.pop("ids", "").split(","))[:SENDS]
    words, wanted, modes = words_in(query), wanted_in(query), modes_in(query)
    found, _ = await list_sends(context, scope, Wanted(only=ids), SENDS, modes=MODES["both"])
    if not found:
        return Response("", status_code=204)
    rows = fragment("sends_now.html", visitor, sends=found, words=words, told=lambda send: _told(send, words))
    tag = f'"{hashlib.sha256(rows.encode()).hexdigest()[:32]}-{int(time.time() // _COUNTED_EVERY)}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("If-None-Match") == tag:
        return Response("", status_code=304, headers=headers)
    counted, filters = await tally(context, scope, wanted, modes=modes), Filters(query)
    counts_now = fragment(
        "sends_counted.html",
        visitor,
        again=True,
        filters=filters,
        counts=counts(counted, filters, wanted, words),
        note=NOTES.get(words, ""),
        everything=capped(counted.total, counted.exact),
        total=total(counted, wanted),
    )
    return Response(rows + counts_now, media_type=MediaType.HTML, headers=headers)


def _asked(request: WebRequest) -> dict[str, str]:
    """What the address asks for."""
    query = query_of(request)
    if "status" in query:
        query.pop("category", None)  # a status is the narrower of the two
    return query


def _told(send: View, words: str) -> Any:
    return next(each for each in in_vocabularies(send["vocabularies"]) if each.reader == READERS[words])


class Column(NamedTuple):
    """What a list can be sorted by. `now`: how it is, as aria-sort has it; `href`: sorted so, or the other way round,
    empty where the list is too long for it; `ways`: what `sort` may be, and what that is called."""

    label: str
    now: str
    href: str
    ways: dict[str, str]


_COLUMNS = {
    "day": ("Day", "day, oldest first", "day, latest first"),
    "recipient": ("Recipient", "recipient, A to Z", "recipient, Z to A"),
    "kind": ("What", "what it is, letters first", "what it is, gifts first"),
    "sender": ("Sent by", "sender, A to Z", "sender, Z to A"),
    "status": ("Status", "status, from the order on", "status, from the end back"),
    "updated": ("Since", "status for longest", "status for shortest"),
}
"""By its `sort`: what a column is called, and what its two directions are."""
_FROM_THE_GREATEST = ("updated", "day")


def _columns(filters: Filters, wanted: Wanted, counted: Tally) -> dict[str, Column]:
    short = counted.exact and counted.of(wanted) <= MOST_SORTED
    found = {}
    for name, (label, up, down) in _COLUMNS.items():
        ways = {name: up, f"-{name}": down}
        if name in _FROM_THE_GREATEST:
            ways = dict(reversed(ways.items()))
        first, second = ways
        turned = second if wanted.sort == first else first
        now = "ascending" if wanted.sort == name else "descending" if wanted.sort == f"-{name}" else ""
        can = short or name == "day" or (name in PARTED and counted.kept)
        found[name] = Column(label, now, filters.link(sort="" if turned == "-day" else turned) if can else "", ways)
    return found


def _refresh(found: Sequence[View], filters: Filters, modes: Sequence[bool]) -> str:
    """Where the rows of this page, and the counts of its list, are looked up again, whatever mode is looked at then."""
    if not found:
        return ""
    mode = next(word for word, each in MODES.items() if set(each) == set(modes))
    return filters.link("/sends/rows", mode=mode, ids=",".join(send["id"] for send in found))


async def _choices(request: WebRequest, visitor: Visitor) -> dict[str, dict[str, str]]:
    """What the filters offer: campaigns, and senders and teams for those who see others' sends."""
    context, scope = context_of(request), visitor.scope
    offered = await campaigns.names_of_campaigns(context, scope, _CAMPAIGNS)
    if not scope.may(Permission.SENDS_READ, Reach.TEAMS):
        return {"campaign": offered, "sender": {}, "team": {}}
    everybody = scope.may(Permission.SENDS_READ, Reach.ORGANIZATION)
    numbers = {context.ids.encode("team", number) for number in scope.teams}
    teams = [team for team in await people.list_teams(context, scope) if everybody or team.id in numbers]
    members = (
        await people.list_people(context, scope) if everybody else [each for team in teams for each in team.members]
    )
    return {
        "campaign": offered,
        "sender": {person.email: person.name or person.email for person in members},
        "team": {team.id: team.name for team in teams},
    }


def _names(
    campaign: Mapping[str, str] | None, wanted: Wanted, status: str, choices: Mapping[str, Mapping[str, str]]
) -> dict[str, Mapping[str, str]]:
    """What the values of filters are called."""
    return {
        **choices,
        "status": {status: called(status)},
        "category": {each.word: each.label for each in CATEGORIES},
        "campaign": {wanted.campaign or "": campaign["name"] if campaign else ""},
        "kind": KINDS,
        "mailing_class": CLASSES,
        "mode": {"live": "Live mail", "test": "Test mode", "both": "Live and test"},
        "words": READERS,
    }


async def _campaign(request: WebRequest, visitor: Visitor, text: str | None) -> dict[str, str] | None:
    """The campaign that the list is narrowed to, by id; one that was given by its name is called by that."""
    if text is None:
        return None
    try:
        found = await campaigns.get(context_of(request), visitor.scope, text)
    except NotFound:
        return {"name": text, "href": ""}
    return {"name": found.name, "href": f"/campaigns/{found.id}"}
