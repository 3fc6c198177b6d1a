"""The loop: each duty is done again and again, on its own, whatever becomes of the others.

How they go is noted in the database; of duties that come every few seconds no more often than needed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from uuid import uuid4

from sendtrail.domain.problems import SendtrailError
from sendtrail.services import duties as notes
from sendtrail.services.context import Context
from sendtrail.services.duties import LEASE, LONGEST, SIGN, Ended, Known

_RENEWALS = 3
"""Signs of life within a lease, so that one that comes late loses nothing."""
_PATIENCE = 3
"""Seconds that a worker that is to end waits for the database."""
_MOST_TOLD = 500
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done every so many seconds, by any number of workers at once.

    One that is done `alone` is done by one worker at a time: all share its schedule through the database, so it writes
    there each time and should not come every second. Either kind may be broken off at any point and begun anew, and
    must lose and double nothing then. `about` says in a sentence what it is for, to whoever runs the installation.
    """

    name: str
    every: float
    act: Callable[[], Awaitable[object]]
    alone: bool = False
    about: str = ""


async def run(context: Context, duties: list[Duty], stop: asyncio.Event, *, lease: timedelta = LEASE) -> None:
    """Do the duties until `stop` is set; what is under way then is broken off, as a crash would (law 2)."""
    worker = _Worker(context, duties, lease)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(worker.alone(duty) if duty.alone else worker.repeat(duty)) for duty in duties]
        tasks.append(group.create_task(worker.note()))
        await stop.wait()
        for task in tasks:
            task.cancel()


@dataclass(frozen=True, slots=True)
class _Course:
    """How a duty goes with this worker, by its own clock."""

    began: float | None = None
    """None: it is not under way."""
    ended: float = 0
    took: float = 0
    wait: float = 0
    failures: int = 0
    error: str = ""
    noted: bool = True
    """Whether how it ended is in the database."""


class _Worker:
    """One worker of the installation."""

    def __init__(self, context: Context, duties: list[Duty], lease: timedelta) -> None:
        self._context = context
        self._lease = lease
        self._id = uuid4().hex
        self._known = [_known(duty) for duty in duties]
        self._courses: dict[str, _Course] = {}
        self._news = asyncio.Event()

    async def repeat(self, duty: Duty) -> None:
        """Do a duty that others may do at the same time."""
        while True:
            before = self._courses.get(duty.name, _Course(failures=-1))
            began = monotonic()
            self._courses[duty.name] = replace(before, began=began)
            error = await _done(duty)
            failures = max(before.failures, 0) + 1 if error else 0
            wait = min(duty.every * 2 ** min(failures, 20), max(duty.every, LONGEST.total_seconds()))
            ended = monotonic()
            self._courses[duty.name] = _Course(None, ended, ended - began, wait, failures, error, noted=False)
            if failures != before.failures:
                self._news.set()
            await asyncio.sleep(wait)

    async def note(self) -> None:
        """Keep the database informed: at once when a duty fails or no longer does, else now and then."""
        silent = False
        while True:
            self._news.clear()
            try:
                await self._note()
                silent = False
            except SendtrailError as error:
                if not silent:
                    _log.warning("how the duties go cannot be noted: %s", error.message)
                silent = True
                await asyncio.sleep(1)
            with suppress(TimeoutError):
                async with asyncio.timeout(SIGN.total_seconds()):
                    await self._news.wait()

    async def _note(self) -> None:
        now = monotonic()
        courses = dict(self._courses)
        under_way = [
            (name, timedelta(seconds=now - each.began)) for name, each in courses.items() if each.began is not None
        ]
        await notes.note(
            self._context,
            self._known,
            [(name, ago) for name, ago in under_way if ago > SIGN],
            [_end(name, each, now) for name, each in courses.items() if not each.noted],
        )
        for name, each in courses.items():
            if self._courses[name].ended == each.ended:
                self._courses[name] = replace(self._courses[name], noted=True)

    async def alone(self, duty: Duty) -> None:
        """Do a duty whenever it is due and no other worker does it."""
        known = _known(duty)
        try:
            while True:
                wait: timedelta | None = SIGN
                try:
                    wait = await notes.claim(self._context, known, self._id, self._lease)
                    if wait is None:
                        await self._do_claimed(duty)
                        continue
                except SendtrailError as error:
                    _log.warning("%s has to wait: %s", duty.name, error.message)
                await asyncio.sleep(min(wait or SIGN, SIGN).total_seconds())
        except asyncio.CancelledError:
            with suppress(SendtrailError, TimeoutError):  # without a database the claim lapses by itself
                async with asyncio.timeout(_PATIENCE):
                    await notes.give_back(self._context, duty.name, self._id)
            raise

    async def _do_claimed(self, duty: Duty) -> None:
        doing, holding = asyncio.create_task(_done(duty)), asyncio.create_task(self._hold(duty.name))
        try:
            await asyncio.wait((doing, holding), return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                await notes.finish(self._context, duty.name, self._id, doing.result())
            else:
                _log.warning("%s is broken off: its claim is lost", duty.name)
        finally:
            doing.cancel()
            holding.cancel()
            await asyncio.gather(doing, holding, return_exceptions=True)

    async def _hold(self, name: str) -> None:
        """Renew a claim; returns when it is lost, or may be."""
        until = monotonic() + self._lease.total_seconds()
        with suppress(TimeoutError):
            while True:
                await asyncio.sleep((self._lease / _RENEWALS).total_seconds())
                asked = monotonic()
                async with asyncio.timeout(until - asked):
                    with suppress(SendtrailError):
                        if not await notes.renew(self._context, name, self._id, self._lease):
                            return
                        until = asked + self._lease.total_seconds()


async def _done(duty: Duty) -> str:
    """Do a duty once: empty, or why it failed in a line."""
    try:
        await duty.act()
    except Exception as error:
        _log.exception("%s failed; trying again", duty.name)
        told = error.message if isinstance(error, SendtrailError) else f"{type(error).__name__}: {error}"
        return told.replace("\0", " ").strip().partition("\n")[0][:_MOST_TOLD]
    return ""


def _known(duty: Duty) -> Known:
    return Known(duty.name, duty.about, timedelta(seconds=duty.every), duty.alone)


def _end(name: str, course: _Course, now: float) -> Ended:
    ago, took, wait = (timedelta(seconds=each) for each in (now - course.ended, course.took, course.wait))
    return Ended(name, ago, took, wait, course.failures, course.error)
