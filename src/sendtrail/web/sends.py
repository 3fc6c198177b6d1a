"""Sends and their trails."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.params import FromPath

from sendtrail.domain.events import EVENT_TYPES, MAIL, Evidence, Kind
from sendtrail.domain.meanings import NOT_GUARANTEED, meaning
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.vocabularies.stannp import CATEGORIES, category
from sendtrail.services import campaigns, sends
from sendtrail.services.send_lists import Wanted, list_sends
from sendtrail.web.other_mode import shown_elsewhere
from sendtrail.web.queries import day_in, query_of
from sendtrail.web.rendering import page, sentence, today
from sendtrail.web.reports import SECTORS
from sendtrail.web.steps import Step, how_known, steps
from sendtrail.web.support import reason_to_ask, support_for
from sendtrail.web.telling import expected, place_of, told
from sendtrail.web.visitors import Here, Visitor, WebRequest, context_of
from sendtrail.web.wording import barcode_parts, in_vocabularies, spelled

_SENDS = 50
_FILTERS = ("q", "status", "category", "kind", "campaign", "start", "end")
_LEFT = frozenset({"handed_over", "in_transit", "local_delivery"})
KINDS = {kind.word: spelled(kind.word) for kind in Kind}


def _statuses() -> dict[str, dict[str, str]]:
    """Code → label, under the label of the category in which most of the code's rows stand; responses are no status."""
    labels: dict[str, dict[str, str]] = {each.label: {} for each in CATEGORIES}
    names = {each.word: each.label for each in CATEGORIES}
    seen = set()
    for type_ in EVENT_TYPES:
        if type_.stage and type_.code not in seen:
            seen.add(type_.code)
            name = names[category(type_.code, max(type_.evidence))]
            labels[name][type_.code] = type_.label.removeprefix("Presumed ").capitalize()
    return labels


STATUSES = _statuses()


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list of sends is narrowed to, as its address has it."""

    query: Mapping[str, str]

    @property
    def any(self) -> bool:
        return any(name in self.query for name in (*_FILTERS, "sector"))

    def link(self, **changed: str) -> str:
        """The list with some parameters changed, an empty one left out; always its first page."""
        kept = {name: value for name, value in self.query.items() if name != "after"} | changed
        query = urlencode({name: value for name, value in kept.items() if value and (name, value) != ("sector", "all")})
        return f"/sends?{query}" if query else "/sends"


@get("/sends", needs=Permission.SENDS_READ)
async def show_sends(request: WebRequest, visitor: Here) -> Response[str]:
    """The newest sends, or those that were asked for."""
    query = query_of(request)
    if "status" in query:
        query.pop("category", None)  # a status is the narrower of the two
    error = ""
    try:
        wanted = Wanted(
            after=query.get("after"),
            q=query.get("q", ""),
            status=query.get("status"),
            category=query.get("category"),
            kind=query.get("kind"),
            campaign=query.get("campaign"),
            sector=_sector(query),
            start=day_in(query, "start"),
            end=day_in(query, "end"),
        )
        found, after = await list_sends(context_of(request), visitor.scope, wanted, _SENDS)
    except Invalid as problem:
        error, wanted, found, after = sentence(problem), replace(Wanted(), q=query.get("q", "")), [], None
    filters = Filters(query)
    return page(
        request,
        "sends.html",
        visitor,
        status=400 if error else 200,
        sends=found,
        wanted=wanted,
        campaign=await _campaign(request, visitor, wanted.campaign),
        error=error,
        filters=filters,
        sectors=SECTORS,
        statuses=STATUSES,
        kinds=KINDS,
        spelled=spelled,
        older=filters.link(after=after) if after else "",
        newest=filters.link() if wanted.after else "",
    )


@get("/sends/{send_id:str}", needs=Permission.SENDS_READ)
async def show_send(request: WebRequest, visitor: Here, send_id: FromPath[str]) -> Response[str]:
    """One send: where it stands, its way in steps, and every event with how we know."""
    try:
        send = await sends.get(context_of(request), visitor.scope, send_id)
    except NotFound:
        return await shown_elsewhere(request, visitor, sends.get, send_id)
    kind, status, time_zone = Kind[send["kind"].upper()], send["status"], visitor.organization.time_zone
    zone = ZoneInfo(time_zone)
    way = steps(kind, status, send["trail"])
    left = [step.event["occurred_at"] for step in way if step.event and step.word in _LEFT and kind is not Kind.EGIFT]
    reason = reason_to_ask(send, min(left, default=None), datetime.now(UTC), time_zone)
    return page(
        request,
        "send.html",
        visitor,
        send=send,
        known=_how_known(way),
        means=meaning(status["code"], Evidence[status["evidence"].upper()]),
        reason=reason,
        support=support_for(visitor, about=send["id"]) if reason else None,
        expected=expected(send, lambda moment: moment.astimezone(zone), today(visitor)),
        steps=[(step, _about(step)) for step in way],
        unscanned=_unscanned(send, kind),
        trail=told(send["trail"], lambda moment: moment.astimezone(zone)),
        vocabularies=in_vocabularies(send["vocabularies"]),
        parts=barcode_parts(send["imb"]) if send["imb"] else [],
        spelled=spelled,
    )


def _sector(query: Mapping[str, str]) -> str:
    sector = query.get("sector", "all")
    if sector not in SECTORS:
        raise Invalid(f"sector must be one of {', '.join(SECTORS)}", "sector")
    return sector


async def _campaign(request: WebRequest, visitor: Visitor, text: str | None) -> dict[str, str] | None:
    """The campaign that the list is narrowed to, by id; one that was given by its name is called by that."""
    if text is None:
        return None
    try:
        found = await campaigns.get(context_of(request), visitor.scope, text)
    except NotFound:
        return {"name": text, "href": ""}
    return {"name": found.name, "href": f"/campaigns/{found.id}"}


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
    if not send["imb"] and not send["tracking_number"]:
        return "It has no barcode and no tracking number that we know, so no scan of it can find its way here."
    return NOT_GUARANTEED
