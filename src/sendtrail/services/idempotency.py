"""The same request twice does its work once: the answer is kept with the key, in the transaction of the work."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import idempotency
from sendtrail.store.database import Connection

MAX_KEY = 255


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
    if not 0 < len(request.key) <= MAX_KEY or "\0" in request.key:
        raise Invalid(f"Idempotency-Key must be 1 to {MAX_KEY} characters", "Idempotency-Key")

    async def keyed(connection: Connection) -> bytes:
        if await idempotency.reserve(connection, scope, request.name, request.digest):
            answer = await act(connection)
            await idempotency.keep(connection, scope, request.name, answer)
            return answer
        digest, answer = await idempotency.read(connection, scope, request.name)
        if digest != request.digest:
            raise Conflict("Idempotency-Key was used before with another request", "Idempotency-Key")
        return answer

    return await context.database.run(keyed)
