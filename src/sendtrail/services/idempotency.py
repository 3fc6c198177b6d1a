"""The same request twice does its work once: the answer is kept with the key, in the transaction of the work."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple

from sendtrail.domain.problems import Conflict, Invalid, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import idempotency
from sendtrail.store.database import Connection

MAX_KEY = 255
Answers = list[bytes | SendtrailError]


class Request(NamedTuple):
    """A request that may be repeated: the client's key, what was asked for (route and body), and, where clients choose
    their keys each for themselves, which client."""

    key: str
    content: bytes
    client: str = ""

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.content).digest()

    @property
    def name(self) -> str:
        """Under which it is kept."""
        return f"{self.client} {self.key}" if self.client else self.key


async def once(
    context: Context, scope: Scope, request: Request | None, act: Callable[[Connection], Awaitable[bytes]]
) -> bytes:
    """The answer of `act`, or that of the earlier request with this key. Repeats at the same time wait for each other.

    Conflict where the key came with another request before. Without a request, simply act.
    """
    if request is None:
        return await context.database.run(act)
    check_key(request)

    async def keyed(connection: Connection) -> bytes:
        if await idempotency.reserve(connection, scope, request.name, request.digest):
            answer = await act(connection)
            await idempotency.keep(connection, scope, request.name, answer)
            return answer
        digest, answer = await idempotency.read(connection, scope, request.name)
        if digest != request.digest:
            raise _used()
        return answer

    return await context.database.run(keyed)


async def once_each(
    context: Context,
    scope: Scope,
    requests: Sequence[Request | None],
    act: Callable[[Connection, Sequence[int]], Awaitable[Answers]],
) -> Answers:
    """`once` for several: what each is answered, in their order. `act` is told the places of those that are to be done,
    within one transaction. Their keys were checked before."""
    told: Answers = [b""] * len(requests)
    places = list(range(len(requests)))
    while places:  # a further time only where one key came with different requests
        work = partial(_round, scope=scope, requests=requests, places=places, act=act, told=told)
        places = await context.database.run(work)
    return told


def check_key(request: Request | None) -> None:
    """Invalid for a key that cannot be one."""
    if request is not None and (not 0 < len(request.key) <= MAX_KEY or "\0" in request.key):
        raise Invalid(f"Idempotency-Key must be 1 to {MAX_KEY} characters", "Idempotency-Key")


async def _round(
    connection: Connection,
    scope: Scope,
    requests: Sequence[Request | None],
    places: Sequence[int],
    act: Callable[[Connection, Sequence[int]], Awaitable[Answers]],
    told: Answers,
) -> list[int]:
    """Answer those that need not wait for another one with the same key; the places of the others."""
    keyed = [(place, request) for place in places if (request := requests[place])]
    first: dict[str, tuple[int, bytes]] = {}
    for place, request in keyed:
        first.setdefault(request.name, (place, request.digest))
    free: set[str] = set()
    if first:
        free = await idempotency.reserve_each(connection, scope, {name: digest for name, (_, digest) in first.items()})
    doing = [place for place in places if (request := requests[place]) is None]
    doing += [place for name, (place, _) in first.items() if name in free]
    doing.sort()
    if doing:
        for place, answer in zip(doing, await act(connection, doing), strict=True):
            told[place] = answer
    done: dict[str, bytes] = {}
    refused: list[str] = []
    for name in free:
        answer = told[first[name][0]]
        if isinstance(answer, bytes):
            done[name] = answer
        else:
            refused.append(name)
    if done:
        await idempotency.keep_each(connection, scope, done)
    if refused:
        await idempotency.release_each(connection, scope, refused)
    taken = first.keys() - free
    known = await idempotency.read_each(connection, scope, taken) if taken else {}
    later: list[int] = []
    for place, request in keyed:
        beginner, digest = first[request.name]
        if request.name in known:
            digest, kept = known[request.name]
            told[place] = kept if digest == request.digest else _used()
        elif digest != request.digest:
            later.append(place)
        else:
            told[place] = told[beginner]
    return later


def _used() -> Conflict:
    return Conflict("Idempotency-Key was used before with another request", "Idempotency-Key")
