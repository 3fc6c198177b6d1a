"""Notifications on their way to hooks, at least once each and in order for each send.

A worker holds hooks, each for a while that it renews: so one worker speaks to one hook at a time, and knows without
the database how much is under way to it. Each turn is one short transaction that records what was tried since the last
one and brings what is to be tried next. No connection to the database is held while a receiver thinks.

A hook gets more at once as it succeeds, and less as it fails; to all hooks far more may be under way than to one. So a
dead endpoint takes little, and soon rests.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import uuid4

import structlog

from sendtrail.clients.http import Outside, Unreachable
from sendtrail.domain.deliveries import State
from sendtrail.domain.problems import SendtrailError
from sendtrail.domain.retrying import Health, wait_after
from sendtrail.services import hook_endings
from sendtrail.services.context import Context
from sendtrail.services.hook_targets import TARGETS
from sendtrail.services.hook_telling import Notice, Told
from sendtrail.store.database import Connection
from sendtrail.store.errors import in_one_line
from sendtrail.store.system import deliveries, emails
from sendtrail.store.system.deliveries import DueRow, Fared, HookRow, Tried

LEASE = timedelta(seconds=30)
"""How long a hook stays a worker's after its last sign of life: longer than any try takes."""
TRIAL = 0
"""The send of notifications that only try a hook out: each is tried once, and waits for none."""
MOST = 400
"""Sends that are told of at once by one worker: each may be a connection."""
_FIRST, _MOST_OF_ONE = 4, 64
"""Sends that one hook is told of at once: at first, and when all goes well."""
_AHEAD = 2
"""So many times as much is brought, so that nobody waits for the database."""
_GATHER = 0.01
"""Seconds in which tries that end are recorded together."""
_TICK = 0.2
_ROUND = 60
"""Seconds after which a round of the duty ends, whatever is under way: the next one goes on with it."""
_PATIENCE = 3
"""Seconds that a worker that is to end waits for the database."""
_DROPPED_AT_ONCE = 5_000
_log = structlog.get_logger("sendtrail.hooks")


@dataclass(slots=True)
class _Held:
    """A hook of this worker. `until`: by this process's clock; `limit`: of how many sends it may be told at once;
    `waiting`: what is to be tried next, of one send after the other; `gone`: its receiver wants to hear no more."""

    hook: HookRow
    until: float
    limit: float = _FIRST
    under_way: int = 0
    waiting: deque[list[DueRow]] = field(default_factory=deque)
    gone: bool = False

    @property
    def room(self) -> int:
        """How much more is to be brought, so that while a turn lasts there is something to be tried."""
        return _AHEAD * int(self.limit) - self.under_way - len(self.waiting)


class _Try(NamedTuple):
    """A try that ended."""

    row: DueRow
    hook: HookRow
    at: datetime
    told: Told
    state: State
    wait: timedelta


class _Turn(NamedTuple):
    """What a turn brought: hooks that are held now, and what is to be tried."""

    hooks: list[HookRow]
    renewed: set[int]
    rows: list[DueRow]


class Deliveries:
    """All that one worker sends. `opened` makes it for a process."""

    def __init__(self, context: Context, outside: Outside, lease: timedelta) -> None:
        self._context = context
        self._outside = outside
        self._lease = lease
        self._holder = uuid4().hex
        self._held: dict[int, _Held] = {}
        self._busy: set[int] = set()
        """Deliveries that are under way, or tried and not recorded."""
        self._tried: list[_Try] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def opened(cls, context: Context, *, lease: timedelta = LEASE) -> AsyncIterator["Deliveries"]:
        """At the end of the block what is under way is broken off, and told again by whoever comes next."""
        async with Outside.opened(private_allowed=context.config.allow_private_hooks) as outside:
            opened = cls(context, outside, lease)
            try:
                yield opened
            finally:
                await opened._close()

    async def round(self) -> None:
        """Tell what is due until nothing is; DatabaseError. What is under way then goes on by itself."""
        end = time.monotonic() + _ROUND
        while (await self._turn() or self._tasks or self._tried) and time.monotonic() < end:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK):
                    await self._news.wait()
            await asyncio.sleep(_GATHER)
            self._news.clear()

    async def _turn(self) -> bool:
        """One transaction; whether it brought anything."""
        tried, busy = list(self._tried), list(self._busy)
        asked = time.monotonic()

        async def work(connection: Connection) -> _Turn:
            if tried:
                await self._record(connection, tried)
            return await self._fetch(connection, busy, asked)

        with in_one_line():
            turn = await self._context.database.run(work)
        del self._tried[: len(tried)]
        self._busy -= {each.row.id for each in tried}
        for hook in turn.hooks:
            self._held.setdefault(hook.id, _Held(hook, asked)).hook = hook
        for number in turn.renewed & self._held.keys():
            self._held[number].until = asked + self._lease.total_seconds()
        for number, own in groupby(turn.rows, key=lambda row: row.hook_id):
            self._queue(self._held[number], list(own))
        for held in list(self._held.values()):
            if held.gone or held.until <= asked:
                self._leave(held)
                if not held.under_way:
                    del self._held[held.hook.id]
            self._start(held)
        return bool(turn.rows)

    async def _fetch(self, connection: Connection, busy: Sequence[int], now: float) -> _Turn:
        """Hold hooks of which something is due, and take as much of each as may be under way."""
        ready = await deliveries.ready(connection, self._holder)
        if ended := [hook.id for hook in ready if hook.ended]:
            await deliveries.drop(connection, ended, _DROPPED_AT_ONCE)
        mine = {number for number, each in self._held.items() if each.until - now > self._lease.total_seconds() / 2}
        lapsing = {number for number, each in self._held.items() if each.under_way or each.waiting} - mine
        asked = lapsing | {hook.id for hook in ready if not hook.ended} - mine
        renewed = await deliveries.hold(connection, self._holder, sorted(asked), self._lease) if asked else set()
        hooks = [hook for hook in ready if not hook.ended and hook.id in mine | renewed]
        random.shuffle(hooks)  # where not all can be served, none is always the last
        left = _AHEAD * MOST - sum(each.under_way + len(each.waiting) for each in self._held.values())
        wanted = []
        for hook in hooks:
            known = self._held.get(hook.id)
            most = min(known.room if known else _FIRST, left)
            if most > 0:
                wanted.append((hook.id, most))
                left -= most
        return _Turn(hooks, renewed, await deliveries.due(connection, wanted, busy, self._lease) if wanted else [])

    def _queue(self, held: _Held, rows: Sequence[DueRow]) -> None:
        """What is due: of one send one after the other, of trials and of several sends at once."""
        for send_id, own in groupby(rows, key=lambda row: row.send_id):
            chain = list(own)
            held.waiting.extend([[row] for row in chain] if send_id == TRIAL else [chain])
        self._busy.update(row.id for row in rows)

    def _start(self, held: _Held) -> None:
        """Begin to tell a hook as much as may be under way."""
        while held.waiting and held.under_way < int(held.limit) and len(self._tasks) < MOST:
            held.under_way += 1
            task = asyncio.create_task(self._tell(held, held.waiting.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _tell(self, held: _Held, chain: list[DueRow]) -> None:
        """Tell a hook what happened to one send, in order, as far as it is taken and the hook is ours."""
        try:
            while chain and not held.gone and time.monotonic() < held.until:
                tried = await self._try(held.hook, chain[0])
                self._tried.append(tried)
                self._news.set()
                del chain[0]
                if not tried.told.error:
                    held.limit = min(held.limit + 1, _MOST_OF_ONE)
                    continue
                held.gone |= tried.told.gone
                held.limit = max(held.limit / 2, 1)
                if held.limit == 1 or tried.told.asked or tried.told.gone:
                    self._leave(held)  # the database knows whether it is to rest
                if tried.state is State.PENDING:
                    break
        finally:
            held.under_way -= 1
            self._busy.difference_update(row.id for row in chain)
        self._start(held)

    def _leave(self, held: _Held) -> None:
        """Try nothing of what waits, for now."""
        for chain in held.waiting:
            self._busy.difference_update(row.id for row in chain)
        held.waiting.clear()

    async def _try(self, hook: HookRow, row: DueRow) -> _Try:
        at = datetime.now(UTC)
        started = time.monotonic()
        notice = Notice(self._context.ids.encode("event", row.notification_id), row.type, row.body, row.send_id)
        try:
            told = await TARGETS[hook.target](self._context, self._outside, hook, notice)
        except Unreachable as error:
            told = Told(error=str(error), took_ms=_since(started))
        except Exception as error:
            _log.exception("a notification could not be told", hook=hook.id, delivery=row.id)
            told = Told(error=f"{type(error).__name__} in Sendtrail itself", took_ms=_since(started))
        if not told.error:
            return _Try(row, hook, at, told, State.DELIVERED, timedelta())
        wait = wait_after(row.tries + 1, random.random(), told.asked)  # noqa: S311 — no secret
        if wait is None or told.gone or row.send_id == TRIAL:
            return _Try(row, hook, at, told, State.FAILED, timedelta())
        return _Try(row, hook, at, told, State.PENDING, wait)

    async def _record(self, connection: Connection, tried: Sequence[_Try]) -> None:
        by_hook: dict[int, list[_Try]] = {}
        for each in tried:
            by_hook.setdefault(each.hook.id, []).append(each)
        health = await deliveries.health(connection, list(by_hook))
        await deliveries.record(connection, [_row(each) for each in tried])
        if ended := {(each.hook.id, each.row.send_id) for each in tried if each.state is not State.PENDING}:
            await deliveries.set_free(connection, sorted(ended))
        for each in tried:
            for letter in each.told.letters:
                await emails.put(connection, *letter)
        await deliveries.fared(connection, [_fared(health[number], own) for number, own in by_hook.items()])
        for number, own in by_hook.items():
            await self._look(connection, own[-1].hook, _fared(health[number], own).health, own)

    async def _look(self, connection: Connection, hook: HookRow, health: Health, tried: Sequence[_Try]) -> None:
        """Whether a hook has ended, or is to be disabled."""
        if any(each.told.gone for each in tried):
            await hook_endings.gone(connection, hook)
        elif health.exhausted(tried[-1].at):
            await hook_endings.disable(connection, self._context, hook, health, tried[-1].told.error)

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

        async def work(connection: Connection) -> None:
            if self._tried:
                await self._record(connection, self._tried)
            await deliveries.let_go(connection, self._holder)

        with suppress(SendtrailError, TimeoutError), in_one_line():  # without a database the hooks are free in a while
            async with asyncio.timeout(_PATIENCE):
                await self._context.database.run(work)


def _fared(health: Health, tried: Sequence[_Try]) -> Fared:
    """How a hook fares after some tries, in the order in which they ended."""
    for each in tried:
        health = health.failed(each.at, each.told.asked) if each.told.error else health.succeeded()
    succeeded = [each.at for each in tried if not each.told.error]
    failed = [each.at for each in tried if each.told.error]
    return Fared(tried[0].hook.id, health, max(succeeded, default=None), max(failed, default=None))


def _row(each: _Try) -> Tried:
    told = each.told
    return Tried(each.row.id, each.state, each.wait, each.at, told.status, told.took_ms, told.error, told.answer)


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
