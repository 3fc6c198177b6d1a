"""What comes while the last of its sort is under way is done together by the next one, and answered one by one.

A look-up for one request costs as many round trips to the database as one for fifty, and a commit waits for the disk
however little it writes. Nobody waits for company: whoever comes alone is served alone.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from sendtrail.services.context import Context
from sendtrail.store.errors import DatabaseError, in_one_line

MOST = 100
"""Done at once: more would make the first of them wait."""

L = TypeVar("L", bound=Hashable)
Q = TypeVar("Q")
A = TypeVar("A")
Act = Callable[[Context, L, Sequence[Q]], Awaitable[Sequence[A | Exception]]]
"""Answers each of some questions of one lane, in their order; an exception is one's own answer. What it raises instead
concerns all of them, and each is asked once more by itself."""


async def gathered(context: Context, act: Act[L, Q, A], lane: L, question: Q, most: int = MOST) -> A:
    """The answer of `act` to one question, which is asked together with those that came meanwhile.

    `lane`: only what is asked by the same function in the same lane, in practice a scope, is done together, and other
    lanes do not wait for it. `act` begins after the question was asked: it sees what was true then.
    """
    name = (act, lane)
    collector = context.gathering.get(name)
    if collector is None:
        collector = context.gathering[name] = _Collector(context, act, lane, most)
    answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
    collector.waiting.append((question, answer))
    return await answer


class _Collector(Generic[L, Q, A]):
    """Those who wait in one lane. It is there for as long as somebody does."""

    def __init__(self, context: Context, act: Act[L, Q, A], lane: L, most: int) -> None:
        self._context, self._act, self._lane, self._most = context, act, lane, most
        self.waiting: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._task = asyncio.create_task(self._work())  # it begins when all who come in this moment have come

    async def _work(self) -> None:
        try:
            while self.waiting:
                some = [self.waiting.popleft() for _ in range(min(self._most, len(self.waiting)))]
                await self._settle([(question, answer) for question, answer in some if not answer.done()])
        finally:  # with nothing in between: whoever comes now begins another
            del self._context.gathering[(self._act, self._lane)]

    async def _settle(self, some: Sequence[tuple[Q, "asyncio.Future[A]"]]) -> None:
        told: Sequence[A | Exception]
        try:
            with in_one_line():
                told = await self._act(self._context, self._lane, [question for question, _ in some])
        except DatabaseError as error:  # nobody need wait for what is not well
            told = [error] * len(some)
        except Exception as error:
            if len(some) > 1:
                for each in some:
                    await self._settle([each])
                return
            told = [error]
        for (_, future), answer in zip(some, told, strict=True):
            _tell(future, answer)


def _tell(future: asyncio.Future[Any], what: object) -> None:
    if future.done():  # whoever asked is gone
        return
    if isinstance(what, Exception):
        future.set_exception(what)
    else:
        future.set_result(what)
