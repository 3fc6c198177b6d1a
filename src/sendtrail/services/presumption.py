"""What silence means, and where a piece ended up that nobody said came back: inferred events, recorded like all others.

What has changed is handed on by those who work out histories; in it there may be sends whose silence has lasted long
enough, or will have on some day, when they are looked at again. Each send is held while its trail is read and until
the inference is in it: a scan comes before, and is part of the trail that is judged, or after, and takes its place by
law 1.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

from sendtrail.domain.business_days import USUAL_DAYS
from sendtrail.domain.observation import Observation, event_item
from sendtrail.domain.packing import from_ms, to_ms
from sendtrail.domain.presumption import (
    SERVICES,
    inferred_return,
    long_enough_until,
    presumed_delivery,
    presumed_on,
    silence,
)
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.domain.trail import Event
from sendtrail.services.context import Context
from sendtrail.services.thresholds import thresholds_of
from sendtrail.store import changes, ingest, organizations, presumption, sends
from sendtrail.store.database import Connection
from sendtrail.store.histories import Cell
from sendtrail.store.presumption import Ground, Look
from sendtrail.store.system.cells import DueCell
from sendtrail.store.system.presumption import due

ROUND = 2_000
"""Cells of one call."""
_AT_ONCE_CELLS, _AT_ONCE_SENDS = 200, 20_000
"""That are read together."""
_BATCH = 1_000
"""Sends of one transaction: whoever else wants one of them waits for a fraction of a second."""
_REST, _REST_SENDS, _LONGEST_REST = timedelta(minutes=1), 100, timedelta(days=1)
"""A cell that changes all the time is looked at once in so long, and as much longer for so many sends: what is
presumed comes with a morning anyway, and only scans that come days late change that."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an organization waits, in business days."""

    time_zone: str
    quiet_days: int
    usual_days: Mapping[str, int]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def grounds(self, now: datetime) -> list[tuple[Ground, int]]:
        """All grounds for presuming a delivery, each with its business days: silence since when is enough by now."""
        today = now.astimezone(self.zone).date()

        def ground(code: str, post: str, mailing_class: str | None, days: int) -> tuple[Ground, int]:
            return Ground(code, post, mailing_class, self._ends(long_enough_until(today, days, post))), days

        quiet = [ground("out_for_delivery", post, None, self.quiet_days) for post in ("usps", "canada_post", "")]
        unscanned = [
            ground("handed_over", post, mailing_class, self.usual_days[service])
            for (post, mailing_class), service in SERVICES.items()
        ]
        return [*quiet, *unscanned]

    def begins(self, day: date) -> datetime:
        """When a day begins by the organization's clocks."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def day_of(self, ms: int) -> date:
        """The day of a moment by the organization's clocks."""
        return from_ms(ms).astimezone(self.zone).date()

    def _ends(self, day: date) -> int:
        return max(to_ms(self.begins(day + timedelta(days=1))) - 1, 0)


async def refresh(context: Context, limit: int = ROUND, *, now: datetime | None = None) -> tuple[int, int]:
    """Look at what is due, at most `limit` days of campaigns: how many were, and how many events were inferred.

    Any number of workers may do it at once, beside any number of writers. `now` (aware) is for rehearsals of time.
    """
    now = now or datetime.now(UTC)
    async with context.database.snapshot() as connection:
        cells = await due(connection, now, limit)
    inferred = 0
    for scope, portion in _portions(cells):
        inferred += await _look(context, scope, portion, now)
    return len(cells), inferred


async def presume(context: Context, scope: Scope, send_ids: Sequence[int], now: datetime | None = None) -> int:
    """Infer what follows of these sends, by number, by now; how many events that were. Asked again, none."""
    async with context.database.snapshot() as connection:
        patience = await _patience(connection, scope)
    inferred, _ = await _presume(context, scope, patience, send_ids, now or datetime.now(UTC))
    return inferred


def _portions(cells: Sequence[DueCell]) -> Iterator[tuple[Scope, list[DueCell]]]:
    """What can be looked at together: one organization's, in one mode, and not too much."""

    def whose(cell: DueCell) -> tuple[int, bool]:
        return cell.organization_id, cell.live

    for (organization_id, live), own in groupby(sorted(cells, key=whose), key=whose):
        scope = Scope(organization_id, live, "presumption")
        portion: list[DueCell] = []
        for cell in own:
            size = sum(each.sends for each in portion)
            if portion and (len(portion) == _AT_ONCE_CELLS or size + cell.sends > _AT_ONCE_SENDS):
                yield scope, portion
                portion = []
            portion.append(cell)
        if portion:
            yield scope, portion


async def _look(context: Context, scope: Scope, portion: Sequence[DueCell], now: datetime) -> int:
    cells = [Cell(each.created_on, each.campaign_id) for each in portion]
    async with context.database.transaction() as connection:
        patience = await _patience(connection, scope)
        grounds = patience.grounds(now)
        found = await presumption.candidates(connection, scope, cells, [ground for ground, _ in grounds])
        waiting = await presumption.waiting(connection, scope, cells, [ground for ground, _ in grounds])
    inferred, later = await _presume(context, scope, patience, list(found), now)
    first: dict[Cell, date] = {}
    days = [(found[send_id], day) for send_id, day in later.items()]
    for cell, place, since in waiting:
        ground, business_days = grounds[place]
        days.append((cell, presumed_on(patience.day_of(since), business_days, ground.post)))
    for cell, day in days:
        first[cell] = min(day, first.get(cell, day))
    looks = [
        Look(
            cell,
            each.times,
            patience.begins(first[cell]) if cell in first else None,
            min(_REST * (1 + each.sends / _REST_SENDS), _LONGEST_REST),
        )
        for cell, each in zip(cells, portion, strict=True)
    ]
    await context.database.run(partial(presumption.settle, scope=scope, now=now, looks=looks))
    return inferred


async def _presume(
    context: Context, scope: Scope, patience: Patience, send_ids: Sequence[int], now: datetime
) -> tuple[int, dict[int, date]]:
    """Batch by batch: how many events were inferred, and from when on more can be said of the others, by number."""
    inferred = 0
    later: dict[int, date] = {}
    for start in range(0, len(send_ids), _BATCH):
        batch = send_ids[start : start + _BATCH]
        infer = partial(_infer, scope=scope, patience=patience, send_ids=batch, now=now)
        events, days = await context.database.run(infer)
        inferred += events
        later |= days
    return inferred, later


async def _infer(
    connection: Connection, scope: Scope, patience: Patience, send_ids: Sequence[int], now: datetime
) -> tuple[int, dict[int, date]]:
    await ingest.take_part(connection, scope)
    held = list(await changes.hold(connection, scope, send_ids, Permission.SENDS_WRITE))
    trails = await sends.trails(connection, scope, held)
    facts = await presumption.facts(connection, scope, held, patience.time_zone)
    quiet_days, usual_days = patience.quiet_days, patience.usual_days
    observations, later = [], {}
    for send_id in held:
        trail, own = trails[send_id], facts[send_id]
        delivery = presumed_delivery(trail, own, now, quiet_days=quiet_days, usual_days=usual_days)
        if event := inferred_return(trail, own, now) or delivery:
            observations.append(_observation(send_id, event))
        elif quiet := silence(trail, own, quiet_days=quiet_days, usual_days=usual_days):
            later[send_id] = quiet.presumed_on
    if observations:
        await ingest.record(connection, scope, ingest.copy_rows(observations, to_ms(now) // 1000))
    return len(observations), later


async def _patience(connection: Connection, scope: Scope) -> Patience:
    thresholds = await thresholds_of(connection, scope)
    time_zone = (await organizations.get(connection, scope)).time_zone
    return Patience(time_zone, thresholds["quiet_days"], {service: thresholds[service] for service in USUAL_DAYS})


def _observation(send_id: int, event: Event) -> Observation:
    detail = json.dumps(event.detail, sort_keys=True)
    return Observation(
        mid_serial=0,
        item=event_item(to_ms(event.occurred_at), event.code, event.source, event.evidence, detail),
        zip=int(event.zip or 0),
        zoneless=event.zoneless,
        send=str(send_id),
        detail=detail,
    )
