"""From the outbox to notifications: what happened to sends, told in the words of each hook that wants to hear of it.

What happened and what is made of it change places in one transaction, so nothing is lost or told twice. What happens to
one send lies in one lane, and a lane is one worker's at a time: so it is told in its order.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from random import Random
from typing import NamedTuple, TypeVar

from sendtrail.domain import notices
from sendtrail.domain.deliveries import State
from sendtrail.domain.waits import told_at
from sendtrail.services.context import Context
from sendtrail.services.wording import Draft, Group, Material, Wanted, drafts, read_group
from sendtrail.store.database import Connection
from sendtrail.store.sends import SendRow
from sendtrail.store.system import outbox
from sendtrail.store.system.outbox import LANES, HookRow, NewDelivery, NewNotification, OutboxRow, TellingRow

T = TypeVar("T")
_log = logging.getLogger(__name__)
_LANES_AT_ONCE = 4
"""So that other workers find some too."""
_BREATH = 20
"""Sends or notifications that are worked on without a pause: some milliseconds."""
_AT_ONCE = 200
"""Entries of a lane that one transaction takes: it holds no lock that anybody else waits for."""
_LONGEST_BATCH = timedelta(minutes=1)
"""A batch that began before a hook was made may be committed after that, and must not be missed."""
_shuffled = Random()  # noqa: S311 — which lane first is no secret


class Listener(NamedTuple):
    """A hook and all types that it wants."""

    hook: HookRow
    types: frozenset[str]

    def hears(self, row: SendRow) -> bool:
        hook = self.hook
        return (
            (not hook.kinds or row.kind in hook.kinds)
            and (not hook.campaigns or row.campaign_id in hook.campaigns)
            and (not hook.tags or not set(row.tags).isdisjoint(hook.tags))
        )

    def wants(self, draft: Draft) -> bool:
        """What was long noted when the hook was made is not for it."""
        hook = self.hook
        since = hook.created_at - _LONGEST_BATCH
        return draft.type in self.types and (hook.bots or not draft.bot) and draft.noted_at >= since


async def announce(context: Context) -> int:
    """Empty the outbox, as far as no other worker is at it; how many notifications were made."""
    made = 0
    while (some := await context.database.run(partial(_announce, context))) is not None:
        made += some
    return made


async def retry(context: Context) -> int:
    """Try again what could not be told, maybe by an older version; of how many entries of the outbox that was so."""
    async with context.database.transaction() as connection:
        return await outbox.put_back(connection)


async def _announce(context: Context, connection: Connection) -> int | None:
    """What one transaction takes; None where nothing is left."""
    lanes = _shuffled.sample(range(LANES), LANES)
    rows = await outbox.claim(connection, lanes, _LANES_AT_ONCE, _AT_ONCE)
    if not rows:
        return None
    hooks = await outbox.hooks(connection, sorted({row.organization_id for row in rows}))
    listeners = [Listener(hook, notices.expand(hook.events)) for hook in hooks]
    round_ = _Round()
    for (organization_id, live), some in groupby(sorted(rows, key=_whose), key=_whose):
        hearing = [each for each in listeners if (each.hook.heard, each.hook.live) == (organization_id, live)]
        if hearing:
            await round_.tell(await read_group(connection, context, organization_id, live, list(some)), hearing)
    await round_.write(context, connection)
    await outbox.set_aside(connection, [row.id for row in rows if row.send_id in round_.untold])
    await outbox.remove(connection, [row.id for row in rows if row.send_id not in round_.untold])
    return len(round_.heard)


def _whose(row: OutboxRow) -> tuple[int, bool]:
    return row.organization_id, row.live


class _Heard(NamedTuple):
    """A notification in the making, and for whom it is."""

    draft: Draft
    material: Material
    to: Sequence[Listener]


@dataclass(frozen=True, slots=True)
class _Round:
    """What one transaction tells. `told`: of each send, what was told of it then; `untold`: the numbers of those that
    cannot be told, a fault of ours that must not silence the others."""

    heard: list[_Heard] = field(default_factory=list)
    told: list[tuple[Group, TellingRow]] = field(default_factory=list)
    untold: set[int] = field(default_factory=set)

    async def tell(self, group: Group, hearing: Sequence[Listener]) -> None:
        """Add what is told of the sends of a group."""
        wanted: dict[tuple[int, ...], Wanted] = {}
        async for material in _unhurried(group.materials):
            own = [each for each in hearing if each.hears(material.row)]
            if not own:
                continue
            key = tuple(each.hook.id for each in own)
            if key not in wanted:
                wanted[key] = Wanted.of(frozenset().union(*(each.types for each in own)))
            try:
                told, memory = drafts(group, material, wanted[key])
            except Exception:
                _log.exception("what happened to send %s cannot be told", material.row.send_id)
                self.untold.add(material.row.send_id)
                continue
            self.told.append((group, memory))
            for draft in told:
                if to := [each for each in own if each.wants(draft)]:
                    self.heard.append(_Heard(draft, material, to))

    async def write(self, context: Context, connection: Connection) -> None:
        """Keep all of it."""
        now = datetime.now(UTC)
        numbers = iter(await outbox.numbers(connection, len(self.heard)) if self.heard else ())
        notifications: list[NewNotification] = []
        deliveries: list[NewDelivery] = []
        async for each in _unhurried(self.heard):
            number = next(numbers)
            notifications.append(_notification(each, number, context.ids.encode("event", number), now))
            deliveries += [_delivery(each, number, listener.hook, now) for listener in each.to]
        if notifications:
            await outbox.put(connection, notifications, deliveries)
        if self.told:
            await outbox.remember(
                connection, [(group.scope.organization_id, group.scope.live, memory) for group, memory in self.told]
            )


async def _unhurried(some: Iterable[T]) -> AsyncIterator[T]:
    """One after the other, so that what else the process does goes on between them."""
    for n, each in enumerate(some):
        if n % _BREATH == 0:
            await asyncio.sleep(0)
        yield each


def _notification(heard: _Heard, number: int, public_id: str, now: datetime) -> NewNotification:
    draft, scope = heard.draft, heard.material.group.scope
    return NewNotification(
        number,
        scope.organization_id,
        scope.live,
        heard.material.row.send_id,
        draft.sequence,
        draft.type,
        draft.occurred_at,
        now,
        draft.body(public_id, now),
    )


def _delivery(heard: _Heard, number: int, hook: HookRow, now: datetime) -> NewDelivery:
    row, at = heard.material.row, heard.draft.occurred_at
    state, due_at = State.PENDING, now
    if hook.wait_days:
        state, due_at = State.WAITING, told_at(at, hook.wait_days, row.post, heard.material.group.time_zone)
    return NewDelivery(hook.id, hook.organization_id, hook.live, number, row.send_id, state, due_at)
