"""Many sends in one request: each is accepted or refused by itself."""

from collections.abc import Sequence

import msgspec

from sendtrail.domain.problems import Invalid, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import NewSend
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request, once
from sendtrail.services.sends import MAX_BATCH, accept
from sendtrail.store.database import Connection


def check_size(items: int) -> None:
    """Invalid for a batch of more items than we take at once: nothing of it is accepted then."""
    if items > MAX_BATCH:
        raise Invalid(f"sends has {items:,} items; a batch may hold {MAX_BATCH:,} at most", "sends")


async def create_batch_once(
    context: Context, scope: Scope, items: Sequence[NewSend | SendtrailError], request: Request | None
) -> bytes:
    """Accept those items that can be; an item that could not even be read comes as the reason why.

    The JSON of the answer: `created` and `refused` count, `data` holds for each item in order the send, or its `index`
    and `error`. A repeat with the same Idempotency-Key gets it again. Invalid for more than 10,000 items.
    """
    check_size(len(items))

    async def act(connection: Connection) -> bytes:
        results = iter(await accept(connection, context, scope, [item for item in items if isinstance(item, NewSend)]))
        data = [next(results) if isinstance(item, NewSend) else item for item in items]
        refused = sum(isinstance(result, SendtrailError) for result in data)
        shown = [
            {"index": index, "error": {"type": result.type, "message": result.message, "param": result.param}}
            if isinstance(result, SendtrailError)
            else result
            for index, result in enumerate(data)
        ]
        return msgspec.json.encode({"created": len(data) - refused, "refused": refused, "data": shown})

    return await once(context, scope, request, act)
