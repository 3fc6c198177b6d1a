"""What came of something that was done to many sends at once, for whoever did it: it can be looked at again, and is
done once however often it is asked for.

The work is done piece by piece, so its key is taken before and its result kept after; in between it is under way.
"""

import hashlib

import msgspec

from sendtrail.domain.problems import NotFound
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import idempotency

_MOST = 100


class Result(msgspec.Struct, frozen=True):
    """`done`: how many were changed; `refused`: how many were not, by why (`selections.Outcome`). `action`: cancel, tag
    or untag; `address`: of the list, after its question mark."""

    action: str
    address: str
    done: int
    refused: dict[str, int]


async def begin(context: Context, scope: Scope, key: str) -> bool:
    """Take the key; False if this was begun before."""
    async with context.database.transaction() as connection:
        return await idempotency.reserve(connection, scope, _name(key), _whose(scope))


async def give_up(context: Context, scope: Scope, key: str) -> None:
    """Nothing was done after all."""
    async with context.database.transaction() as connection:
        await idempotency.release(connection, scope, _name(key))


async def keep(context: Context, scope: Scope, key: str, result: Result) -> None:
    """It is done."""
    async with context.database.transaction() as connection:
        await idempotency.keep(connection, scope, _name(key), msgspec.json.encode(result))


async def result_of(context: Context, scope: Scope, key: str) -> Result | None:
    """What came of it; None while it is under way. NotFound where whoever asks has begun nothing of this key."""
    async with context.database.snapshot() as connection:
        try:
            whose, answer = await idempotency.read(connection, scope, _name(key))
        except LookupError:
            whose, answer = b"", b""
    if whose != _whose(scope):
        raise NotFound("no such result: they are kept for three days", "result")
    return msgspec.json.decode(answer, type=Result) if answer else None


def _name(key: str) -> str:
    return f"selection-{key[:_MOST]}".replace("\0", "")


def _whose(scope: Scope) -> bytes:
    return hashlib.sha256(scope.actor.encode()).digest()
