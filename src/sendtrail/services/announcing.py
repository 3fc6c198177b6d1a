"""From the outbox to notifications: what happened to sends, told in the words of each hook that wants to hear of it.

What happened and what is made of it change places in one transaction, so nothing is lost or told twice. What happens to
one send lies in one lane, and a lane is one worker's at a time: so it is told in its order.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from random import Random
from typing import NamedTuple

from sendtrail.domain import notices
from sendtrail.domain.deliveries import State
from sendtrail.domain.waits import told_at
from sendtrail.services.context import Context
from sendtrail.services.wording import Draft, Group, Material, Wanted, drafts, read_group
from sendtrail.store.database import Connection
from sendtrail.store.sends import SendRow
from sendtrail.store.system import outbox
from sendtrail.store.system.outbox import LANES, HookRow, NewDelivery, NewNotification, OutboxRow, TellingRow

_log = logging.getLogger(__name__)
_LANES_AT_ONCE = 4
"""So that other workers find some too."""
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
    now = datetime.now(UTC)
    hooks = await outbox.hooks(connection, sorted({row.organization_id for row in rows}))
    listeners = [Listener(hook, notices.expand(hook.events)) for hook in hooks]
    made: list[tuple[Draft, list[Listener], Material]] = []
    memories: list[tuple[int, bool, TellingRow]] = []
    untold: set[int] = set()
    for (organization_id, live), some in groupby(sorted(rows, key=_whose), key=_whose):
        hearing = [each for each in listeners if (each.hook.heard, each.hook.live) == (organization_id, live)]
        if hearing:
            group = await read_group(connection, context, organization_id, live, list(some))
            for memory in _tell(group, hearing, made, untold):
                memories.append((organization_id, live, memory))
    await _write(context, connection, made, now)
    await outbox.remember(connection, memories)
    await outbox.set_aside(connection, [row.id for row in rows if row.send_id in untold])
    await outbox.remove(connection, [row.id for row in rows if row.send_id not in untold])
    return len(made)


def _whose(row: OutboxRow) -> tuple[int, bool]:
    return row.organization_id, row.live


def _tell(
    group: Group, hearing: Sequence[Listener], made: list[tuple[Draft, list[Listener], Material]], untold: set[int]
) -> Iterable[TellingRow]:
    """Add what is told of the sends of a group, and to whom; what was told of each then. To `untold` go the numbers of
    those that cannot be told: a fault of ours, which must not silence the others."""
    wanted: dict[tuple[int, ...], Wanted] = {}
    for material in group.materials:
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
            untold.add(material.row.send_id)
            continue
        for draft in told:
            to = [each for each in own if each.wants(draft)]
            if to:
                made.append((draft, to, material))
        yield memory


async def _write(
    context: Context, connection: Connection, made: Sequence[tuple[Draft, list[Listener], Material]], now: datetime
) -> None:
    if not made:
        return
    numbers = await outbox.numbers(connection, len(made))
    notifications, deliveries = [], []
    for number, (draft, to, material) in zip(numbers, made, strict=True):
        group, row = material.group, material.row
        notifications.append(
            NewNotification(
                number,
                group.scope.organization_id,
                group.scope.live,
                row.send_id,
                draft.sequence,
                draft.type,
                draft.occurred_at,
                now,
                draft.body(context.ids.encode("event", number), now),
            )
        )
        for each in to:
            waits = each.hook.wait_days
            deliveries.append(
                NewDelivery(
                    each.hook.id,
                    each.hook.organization_id,
                    each.hook.live,
                    number,
                    row.send_id,
                    State.WAITING if waits else State.PENDING,
                    told_at(draft.occurred_at, waits, row.post, group.time_zone) if waits else now,
                )
            )
    await outbox.put(connection, notifications, deliveries)
