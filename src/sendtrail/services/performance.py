"""How campaigns perform: who responded, how soon, from where, and what a response cost. docs/performance.md says what
each figure is made of.

Engaged is whoever visited: a recipient is counted once, however many pieces they got and however often they came.
Trials and robots count nowhere, and neither does a piece that was cancelled.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec

from sendtrail.domain.problems import Invalid, NotFound
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.services.campaigns import CampaignState, CampaignTotals, number_of, read
from sendtrail.services.categories import WORDS
from sendtrail.services.context import Context
from sendtrail.store import counts, organizations
from sendtrail.store import performance as store
from sendtrail.store.campaigns import CampaignRow
from sendtrail.store.counts import Totals
from sendtrail.store.database import Connection
from sendtrail.store.performance import NOTHING, Chosen, DayRow, TotalsRow, TraitRow

MOST_COMPARED = 6
"""Campaigns that stand side by side."""
BEFORE = store.BEFORE
"""Days since delivery of whoever came before it."""
LATEST = 14
"""Whoever came so many days after delivery, or later, is told as one."""
MOST_VALUES = 10
"""Values of a segment that are told one by one."""
MOST_PIECES = 150_000
"""Of a campaign that has more nobody counts how many are in each segment while somebody waits."""
MOST_RESPONSES = 100_000
"""Of a campaign that has more they are not told by day and device."""
DAILY = 92
"""Days that are told one by one; more go by weeks."""

_READ = Permission.CAMPAIGNS_READ
_CANCELLED = WORDS.index("cancelled")
_DELIVERED = WORDS.index("delivered")


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign's pieces led to.

    `linked`: its pieces get links, or were responded to by some other way. `pieces`: those that are not cancelled.
    `engaged`: different recipients who visited, `engaged_pieces`: the pieces that they got; `rate`: `engaged` by
    `pieces`, between 0 and 1, null without a piece. `visitors`: different ones, counted anew each day. `bots`: visits
    by robots, which are in no other figure but `unlisted`: of all responses those beyond 60 a minute to one piece, of
    which no more is known. `with_goal`: different recipients who reached a goal, `goals`: how often that was. `value`
    (of the goals), `spent`, `cost_per_response` (`spent` by `engaged`) and `cost_per_goal` (by `goals`): whole cents of
    `currency`; `return_on_cost`: `value` by `spent`. Null for who may not know money, and where there is nothing to
    divide by. `first_at`, `last_at`: of visits and goals.
    """

    id: str
    name: str
    type: str
    state: CampaignState
    linked: bool
    pieces: int
    delivered: int
    engaged: int
    engaged_pieces: int
    rate: float | None
    visits: int
    visitors: int
    bots: int
    unlisted: int
    with_goal: int
    goals: int
    value: int | None
    spent: int | None
    cost_per_response: int | None
    cost_per_goal: int | None
    return_on_cost: float | None
    currency: str
    first_at: datetime | None
    last_at: datetime | None


class SinceDelivery(msgspec.Struct, frozen=True):
    """So many pieces were first visited so many days after they were delivered.

    `days` -1: before that, which a late report of it makes; 14: then or later; null: of pieces that do not stand as
    delivered, or are only presumed to.
    """

    days: int | None
    n: int


class ResponseDay(msgspec.Struct, frozen=True):
    """Visits and goals of a day, or of the week that begins with it."""

    day: date
    visits: int
    goals: int


class Part(msgspec.Struct, frozen=True):
    """A part of a segment. `value`: empty where the pieces have none; null: of `values` other values together.

    `pieces`: those that are not cancelled, null where they were not counted; `engaged`: different recipients.
    """

    value: str | None
    values: int
    pieces: int | None
    engaged: int


class Segment(msgspec.Struct, frozen=True):
    """Who engaged `by` kind, mailing_class, region (of the recipient's address), tag or device, from the largest part
    down. A piece may have several tags, and a recipient several devices: these do not add up to the whole."""

    by: Literal["kind", "mailing_class", "region", "tag", "device"]
    data: list[Part]


class Performance(Figures, frozen=True, kw_only=True):
    """One campaign. `since_delivery`: pieces by when they were first visited. `days`: all of them from the first
    response to the last one, or weeks (`step`); null where there are too many responses. `counted`: false for a
    campaign that is too large for its pieces to be counted by segment."""

    since_delivery: list[SinceDelivery]
    step: Literal["day", "week"]
    days: list[ResponseDay] | None
    counted: bool
    segments: list[Segment]


async def performance(context: Context, scope: Scope, campaign_id: str) -> Performance:
    """How one campaign performs; NotFound where the scope has none of that id."""
    async with context.database.snapshot() as connection:
        row = await read(connection, context, scope, campaign_id)
        organization = await organizations.get(connection, scope)
        totals = await counts.campaigns_of(connection, scope, [row.id], organization.currency)
        chosen = await store.chosen(connection, scope, _READ, _partly_cancelled([row], totals))
        found = await store.totals(connection, scope, _READ, chosen)
        linked = row.id in found or bool(await store.linked(connection, scope, _READ, chosen))
    figures = _figures(context, scope, row, totals.get(row.id), found.get(row.id), organization.currency, linked)
    responses = figures["visits"] + figures["bots"] + figures["goals"] - figures["unlisted"]
    counted = figures["pieces"] <= MOST_PIECES
    if not figures["engaged"] and not figures["goals"]:
        return Performance(**figures, since_delivery=[], step="day", days=[], counted=counted, segments=[])
    zone = organization.time_zone
    (since, days, devices), segments = await asyncio.gather(  # on two connections: neither waits for the other
        _responses(context, scope, chosen, zone, listed=responses <= MOST_RESPONSES),
        _segments(context, scope, chosen, counted=counted),
    )
    step: Literal["day", "week"] = "day"
    if days and (days[-1].day - days[0].day).days >= DAILY:
        step = "week"
    return Performance(
        **figures,
        since_delivery=since,
        step=step,
        days=None if days is None else _filled(days, step),
        counted=counted,
        segments=[*segments, *devices],
    )


async def compare(context: Context, scope: Scope, campaign_ids: Sequence[str]) -> list[Figures]:
    """The figures of at most six campaigns, in the order given. Invalid names the field."""
    if len(campaign_ids) > MOST_COMPARED:
        raise Invalid(f"campaign may be given {MOST_COMPARED} times at most", "campaign")
    if len(set(campaign_ids)) < len(campaign_ids):
        raise Invalid("campaign names the same campaign twice", "campaign")
    async with context.database.snapshot() as connection:
        rows = [await _read(connection, context, scope, each) for each in campaign_ids]
        currency = (await organizations.get(connection, scope)).currency
        totals = await counts.campaigns_of(connection, scope, [row.id for row in rows], currency)
        chosen = await store.chosen(connection, scope, _READ, _partly_cancelled(rows, totals))
        found = await store.totals(connection, scope, _READ, chosen)
        linked = await store.linked(connection, scope, _READ, chosen)
    return [
        Figures(
            **_figures(
                context, scope, row, totals.get(row.id), found.get(row.id), currency, row.id in linked | set(found)
            )
        )
        for row in rows
    ]


async def engaged(
    context: Context, scope: Scope, campaigns: Iterable[CampaignTotals], permission: Permission = _READ
) -> dict[str, int]:
    """How many different recipients engaged, by id, for those of some campaigns that have links. For lists.

    `permission`: by which the campaigns are listed; responses are told as far as it reaches.
    """
    numbers = {number: each for each in campaigns if (number := number_of(context, each.id)) is not None}
    if not numbers:
        return {}
    async with context.database.snapshot() as connection:
        linked = await store.linked(connection, scope, permission, Chosen(list(numbers), False, []))
        asked = {number: numbers[number].cancelled > 0 for number in linked}
        chosen = await store.chosen(connection, scope, permission, asked)
        found = await store.engaged(connection, scope, permission, chosen) if linked else {}
    return {numbers[number].id: found.get(number, 0) for number in linked}


async def _read(connection: Connection, context: Context, scope: Scope, campaign_id: str) -> CampaignRow:
    try:
        return await read(connection, context, scope, campaign_id)
    except NotFound:
        raise Invalid(f"campaign {campaign_id[:60]!a} does not exist", "campaign") from None


def _partly_cancelled(rows: Iterable[CampaignRow], totals: Mapping[int, Totals]) -> dict[int, bool]:
    """By number whether anything of a campaign was cancelled."""
    return {row.id: row.id in totals and totals[row.id].categories[_CANCELLED] > 0 for row in rows}


def _figures(
    context: Context,
    scope: Scope,
    row: CampaignRow,
    sent: Totals | None,
    found: TotalsRow | None,
    currency: str,
    linked: bool,
) -> dict[str, Any]:
    """The fields of Figures."""
    rest = (found or NOTHING)._asdict()
    value, engaged, goals = rest.pop("value_cents"), rest["engaged"], rest["goals"]
    pieces = sent.total - sent.categories[_CANCELLED] if sent else 0
    money = scope.sees_money(_READ)
    spent = sent.spent if sent else 0
    return {
        "id": context.ids.encode("campaign", row.id),
        "name": row.name,
        "type": row.type,
        "state": row.state,
        "linked": linked,
        "pieces": pieces,
        "delivered": sent.categories[_DELIVERED] if sent else 0,
        "rate": round(engaged / pieces, 4) if pieces else None,
        "value": value if money else None,
        "spent": spent if money else None,
        "cost_per_response": round(spent / engaged) if money and engaged else None,
        "cost_per_goal": round(spent / goals) if money and goals else None,
        "return_on_cost": round(value / spent, 2) if money and spent > 0 else None,
        "currency": currency,
        **rest,
    }


async def _responses(
    context: Context, scope: Scope, chosen: Chosen, zone: str, *, listed: bool
) -> tuple[list[SinceDelivery], list[DayRow] | None, list[Segment]]:
    """When people came and by what; the latter two only if the responses are to be `listed`."""
    async with context.database.snapshot() as connection:
        since = await store.since_delivery(connection, scope, _READ, chosen, zone, LATEST)
        days, devices = await store.responses(connection, scope, _READ, chosen, zone) if listed else (None, [])
    bars = [SinceDelivery(day, since.get(day, 0)) for day in (BEFORE, *range(LATEST + 1), None)]
    parts = [Part(row.device, 1, None, row.engaged) for row in devices]
    return bars, days, [Segment("device", parts)] if parts else []


async def _segments(context: Context, scope: Scope, chosen: Chosen, *, counted: bool) -> list[Segment]:
    """Who engaged, by all that a piece is; not `counted`: without how many pieces there are."""
    async with context.database.snapshot() as connection:
        traits = await store.traits(connection, scope, _READ, chosen, MOST_VALUES, visited_only=not counted)
        told = {
            trait: [row.value for row in traits if row.trait == trait and row.value is not None]
            for trait in store.TRAITS
        }
        engaged = await store.engaged_by_trait(connection, scope, _READ, chosen, told)
        kinds = {
            kind: n for each in chosen.campaign_ids for kind, n in (await counts.kinds(connection, scope, each)).items()
        }
    by_kind = [
        Part(kind.word, 1, sum(n) - n[_CANCELLED], engaged.get(("kind", str(int(kind))), 0))
        for kind, n in kinds.items()
        if sum(n) > n[_CANCELLED]
    ]
    return [
        Segment("kind", sorted(by_kind, key=lambda part: (-(part.pieces or 0), part.value or ""))),
        Segment("mailing_class", _parts(traits, "mailing_class", engaged, counted)),
        Segment("region", _parts(traits, "region", engaged, counted)),
        Segment("tag", _parts(traits, "tag", engaged, counted)),
    ]


def _parts(
    traits: Iterable[TraitRow], trait: str, engaged: Mapping[tuple[str, str | None], int], counted: bool
) -> list[Part]:
    return [
        Part(row.value, row.places, row.pieces if counted else None, engaged.get((trait, row.value), 0))
        for row in traits
        if row.trait == trait
    ]


def _filled(rows: Sequence[DayRow], step: str) -> list[ResponseDay]:
    """Every day from the first to the last one, or the weeks in which they lie, those without a response too."""
    if not rows:
        return []
    length = 7 if step == "week" else 1
    first = rows[0].day - timedelta(rows[0].day.weekday() if length == 7 else 0)
    found = [[0, 0] for _ in range((rows[-1].day - first).days // length + 1)]
    for row in rows:
        place = found[(row.day - first).days // length]
        place[0] += row.visits
        place[1] += row.goals
    return [ResponseDay(first + timedelta(n * length), *each) for n, each in enumerate(found)]
