"""The Send Tracker: every send in one place, found in seconds, however many there are."""

import base64
import binascii
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import msgspec

from sendtrail.domain import terms
from sendtrail.domain.events import CODES, EVENT_TYPES, ID_BY_CODE, Kind
from sendtrail.domain.imb.barcode import Barcode
from sendtrail.domain.imb.bulk import decode_many
from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.scope import Scope
from sendtrail.domain.service_types import MAILING_CLASSES
from sendtrail.domain.standings import code_of, of_types
from sendtrail.domain.tracking_numbers import compact
from sendtrail.domain.vocabularies.stannp import MEANINGS
from sendtrail.services import sends
from sendtrail.services.campaigns import called
from sendtrail.services.context import Context
from sendtrail.services.sorting import in_parts, order_of, stretch
from sendtrail.services.views import View
from sendtrail.store import members, sourcing, teams
from sendtrail.store import tracker as store
from sendtrail.store.database import Connection
from sendtrail.store.tracker import Filter, Place

COUNTED = 10_000
"""Counts are exact up to here, and "10,000+" beyond."""
SECTORS = ("all", "bulk", "triggered", "single", "gift")
_CHUNK = 5_000
_FIRST_CHUNK = 1_250


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows, in words; None or empty: all.

    `q`: a number by which the send is known, or beginnings of words of its recipient; `recipient`: those words only.
    `status`: codes of events, with commas between; `category`: one of the eight that a report counts; `standings`: of
    domain/standings.py, which take the place of both. `sender`: a member's id, address or name, else the sender as it
    was given; `supplier`: its beginning. `campaign`, `team`: an id or a name. `start`, `end`: days, inclusive. `marks`:
    of domain/terms.py. `only`: these ids. `sort`: of sorting.SORTS, with `-` before it from the greatest down.
    """

    after: str | None = None
    q: str = ""
    status: str | None = None
    category: str | None = None
    kind: str | None = None
    campaign: str | None = None
    sector: str = "all"
    recipient: str | None = None
    sender: str | None = None
    team: str | None = None
    supplier: str | None = None
    tag: str | None = None
    mailing_class: str | None = None
    start: date | None = None
    end: date | None = None
    sort: str = "-day"
    marks: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    standings: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many match, by standing. Not `exact`: at least so many; there are more than were counted. `kept`: read from
    totals, which such a list can be sorted by too."""

    by_standing: Mapping[int, int]
    exact: bool
    kept: bool = False

    @property
    def total(self) -> int:
        return sum(self.by_standing.values())

    @property
    def by_code(self) -> Counter[str]:
        """By the code of their status."""
        found: Counter[str] = Counter()
        for number, n in self.by_standing.items():
            found[code_of(number)] += n
        return found

    def of(self, wanted: Wanted) -> int:
        """How many of them stand where it is wanted."""
        return self.among(standings_of(wanted))

    def among(self, standings: Collection[int] | None) -> int:
        """How many of them stand in one of these; None: all."""
        return sum(n for number, n in self.by_standing.items() if standings is None or number in standings)


async def list_sends(
    context: Context, scope: Scope, wanted: Wanted, limit: int, *, modes: Sequence[bool] | None = None
) -> tuple[list[View], str | None]:
    """Sends, from the latest day down unless sorted otherwise, and the cursor of the next page.

    `modes`: live, test or both instead of the scope's own (law 5: only the Send Tracker may). Invalid names the filter
    that cannot be taken.
    """
    found: list[tuple[Place, View]] = []
    order = order_of(scope, wanted.sort)
    after = _place(context, wanted)
    async with context.database.snapshot() as connection:
        for each, filter_ in await _filters(connection, context, scope, wanted, modes):
            places = (await stretch(connection, each, filter_, order, after, limit + 1)).places()
            views = await sends.views(connection, context, each, [place.send_id for place in places])
            numbers = {context.ids.decode(view["id"])[1]: view for view in views}
            found += [(place, numbers[place.send_id]) for place in places if place.send_id in numbers]
    if modes and len(modes) > 1:
        found.sort(key=lambda pair: order.typed(pair[0]), reverse=order.descending)
    shown = [view for _, view in found[:limit]]
    return shown, _cursor(wanted.sort, found[limit - 1]) if len(found) > limit else None


async def tally(context: Context, scope: Scope, wanted: Wanted, *, modes: Sequence[bool] | None = None) -> Tally:
    """How many sends match, whatever status is wanted, by the status that they have."""
    found: Counter[int] = Counter()
    exact = kept = True
    async with context.database.snapshot() as connection:
        for each, filter_ in await _filters(connection, context, scope, wanted, modes):
            standings, complete = await _tally(connection, each, replace(filter_, standings=None))
            exact = exact and complete
            kept = kept and in_parts(each, filter_)
            found.update(standings)
    return Tally(found, exact, kept)


async def matching(
    context: Context, scope: Scope, wanted: Wanted, *, modes: Sequence[bool] | None = None
) -> AsyncGenerator[tuple[Scope, list[int]], None]:
    """The numbers of all sends that match, in the order of the list, in pieces, each with the scope of its mode.

    However many there are, only a piece is in memory at a time; what is sent meanwhile may be missing.
    """
    async with aclosing(candidates(context, scope, wanted, modes=modes, by_terms=True)) as pieces:
        async for piece in pieces:
            yield piece.scope, piece.send_ids


class Candidates(NamedTuple):
    """Some sends of a list, by number, with the scope of their mode: those that match have terms like `patterns`."""

    scope: Scope
    send_ids: list[int]
    patterns: list[str]


async def candidates(
    context: Context,
    scope: Scope,
    wanted: Wanted,
    *,
    modes: Sequence[bool] | None = None,
    by_terms: bool = False,
) -> AsyncGenerator[Candidates, None]:
    """As `matching`, for who reads the rows of all: unless `by_terms`, they are to look at the terms, which are in the
    rows anyway. The first pieces are smaller, so that something can be done the sooner."""
    order = order_of(scope, wanted.sort)
    async with context.database.snapshot() as connection:
        filters = await _filters(connection, context, scope, wanted, modes)
    for each, filter_ in filters:
        after: Place | None = None
        limit, narrowest = _FIRST_CHUNK, None
        while True:
            patterns: list[str] = []
            async with context.database.snapshot() as connection:
                if order.sort == "day":
                    narrowest = narrowest or await sourcing.by_terms(connection, each, filter_)
                    source = await sourcing.source(
                        connection,
                        each,
                        filter_,
                        limit,
                        descending=order.descending,
                        after=after,
                        narrowest=narrowest,
                    )
                    patterns = [] if by_terms else store.patterns(filter_, source)
                    found = await store.page(
                        connection, each, filter_, source, order.descending, after, limit, by_terms=by_terms
                    )
                else:
                    found = await stretch(connection, each, filter_, order, after, limit)
            if found.send_ids:
                yield Candidates(each, found.send_ids, patterns)
            if len(found.send_ids) < limit:
                break
            after, limit = found.place(-1), min(2 * limit, 2 * _CHUNK if patterns else _CHUNK)


async def _tally(connection: Connection, scope: Scope, filter_: Filter) -> tuple[dict[int, int], bool]:
    if in_parts(scope, filter_):
        return await store.counted(connection, scope, filter_), True
    return await sourcing.tally(connection, scope, filter_, COUNTED)


async def _filters(
    connection: Connection, context: Context, scope: Scope, wanted: Wanted, modes: Sequence[bool] | None
) -> list[tuple[Scope, Filter]]:
    """The filter in each mode. What is unknown in one mode may be known in the other."""
    if wanted.start and wanted.end and wanted.start > wanted.end:
        raise Invalid(f"start must not lie after end, which is {wanted.end}", "start")
    found: list[tuple[Scope, Filter]] = []
    problems: list[Invalid] = []
    for live in modes or (scope.live,):
        within = replace(scope, live=live)
        try:
            found.append((within, await _filter(connection, context, within, wanted)))
        except Invalid as problem:
            problems.append(problem)
    if not found:
        raise problems[0]
    return found


async def _filter(connection: Connection, context: Context, scope: Scope, wanted: Wanted) -> Filter:
    exact = await _named(connection, context, scope, wanted.q)
    only = [_number(context, each) or 0 for each in wanted.only]
    owner, sender = await _sender(connection, context, scope, wanted.sender)
    marks = [
        *wanted.marks,
        sender,
        terms.tag(wanted.tag or ""),
        terms.mailing_class(_mailing_class(wanted.mailing_class)),
    ]
    return Filter(
        start=wanted.start,
        end=wanted.end,
        kind=_kind(wanted.kind),
        campaign_id=await _campaign(connection, context, scope, wanted.campaign),
        team_id=await _team(connection, context, scope, wanted.team),
        owner_id=owner,
        standings=standings_of(wanted),
        sector=_sector(wanted.sector),
        terms=tuple(filter(None, marks)),
        prefixes=_prefixes(wanted, exact),
        send_ids=tuple(exact or only) if exact or only else None,
    )


def _prefixes(wanted: Wanted, exact: Sequence[int]) -> tuple[str, ...]:
    """What words must begin with. Nothing fits a text without a word, such as "?"."""
    texts = [wanted.recipient or "", "" if exact else wanted.q]
    words = [word for text in texts if text.strip() for word in terms.words(text) or [terms.NONE]]
    return (*words, terms.supplier(wanted.supplier)) if wanted.supplier else tuple(words)


async def _named(connection: Connection, context: Context, scope: Scope, q: str) -> list[int]:
    """The sends that are known by exactly this text."""
    text = q.strip()
    if not text:
        return []
    spelled = {text, text.upper(), text.lower(), compact(text)}
    return await store.named(connection, scope, sorted(spelled), _number(context, text), _imb(text))


def _imb(text: str) -> str:
    """The digits of a barcode given as digits or as its bars; empty for anything else."""
    digits = compact(text)
    if digits.isascii() and digits.isdigit() and len(digits) in (20, 25, 29, 31):
        return digits
    bars = text.upper()
    if len(bars) == 65 and set(bars) <= set("ADFT"):
        (read,) = decode_many([bars])
        return read.digits if isinstance(read, Barcode) else ""
    return ""


def _number(context: Context, text: str) -> int | None:
    try:
        return sends.send_number(context, text)
    except NotFound:
        return None


def _kind(word: str | None) -> Kind | None:
    if word is None:
        return None
    if word.upper() not in Kind.__members__:
        raise Invalid(f"kind must be one of {', '.join(kind.word for kind in Kind)}", "kind")
    return Kind[word.upper()]


def standings_of(wanted: Wanted) -> Collection[int] | None:
    """Where sends that are wanted stand, by status or else by category; None: anywhere."""
    if wanted.standings is not None:
        return wanted.standings
    return _of_status(wanted.status) or _of_category(wanted.category)


def _of_status(text: str | None) -> Collection[int] | None:
    if text is None:
        return None
    words = [word.strip() for word in text.split(",")]
    if any(word not in ID_BY_CODE for word in words):
        raise Invalid(f"status must be one of {', '.join(CODES)}, or several with commas between", "status")
    return of_types(each for each in EVENT_TYPES if each.code in words)


def _of_category(category: str | None) -> Collection[int] | None:
    if category is None:
        return None
    if category not in MEANINGS:
        raise Invalid(f"category must be one of {', '.join(MEANINGS)}", "category")
    return of_types(each for each in EVENT_TYPES if (each.stannp or "received") == category)


def _sector(word: str) -> str | None:
    if word not in SECTORS:
        raise Invalid(f"sector must be one of {', '.join(SECTORS)}", "sector")
    return None if word == "all" else word


def _mailing_class(word: str | None) -> str:
    if word and word not in MAILING_CLASSES:
        raise Invalid(f"mailing_class must be one of {', '.join(MAILING_CLASSES)}", "mailing_class")
    return word or ""


async def _campaign(connection: Connection, context: Context, scope: Scope, text: str | None) -> int | None:
    if text is None:
        return None
    found = (await called(connection, context, scope, [text])).get(text)
    if found is None:
        raise Invalid(f"campaign {text[:60]!a} does not exist", "campaign")
    return found.id


async def _team(connection: Connection, context: Context, scope: Scope, text: str | None) -> int | None:
    if text is None:
        return None
    for row in await teams.listed(connection, scope, removed=True):
        if text in (row.name, context.ids.encode("team", row.id)):
            return row.id
    raise Invalid(f"team {text[:60]!a} does not exist", "team")


async def _sender(connection: Connection, context: Context, scope: Scope, text: str | None) -> tuple[int | None, str]:
    """A member's number, or the mark of what was given as the sender."""
    if text is None:
        return None, ""
    known = await members.listed(connection, scope)
    for row in known:
        if text.lower() == row.email or text == context.ids.encode("member", row.id):
            return row.id, ""
    called_so = [row.id for row in known if row.name and row.name.casefold() == text.strip().casefold()]
    return (called_so[0], "") if len(called_so) == 1 else (None, terms.sender(text))


def _cursor(sort: str, last: tuple[Place, View]) -> str:
    """Where a list ends that is sorted so: nowhere in one that is sorted otherwise."""
    place, view = last
    return base64.urlsafe_b64encode(msgspec.json.encode([sort, place.key, view["id"]])).decode().rstrip("=")


def _place(context: Context, wanted: Wanted) -> Place | None:
    after = wanted.after
    if after is None:
        return None
    try:
        content = base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True)
        sort, key, public_id = msgspec.json.decode(content, type=tuple[str, str, str])
        if sort == wanted.sort:
            return Place(key, sends.send_number(context, public_id))
    except (binascii.Error, msgspec.DecodeError, NotFound, ValueError):
        pass
    raise Invalid("after must be a cursor that this list answered as next", "after")
