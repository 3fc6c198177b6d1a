"""What happened and hooks may want to hear, put there by the transaction in which it happened (law 3).

What comes through the pipeline, and what people do at links, its own statements announce (`ingest.sql`,
`system/responses.sql`); here is the rest. `system.outbox` takes it out again.
"""

from collections.abc import Mapping

from psycopg.types.json import Jsonb

from sendtrail.domain.deliveries import State
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import within

_SQL = statements("outbox.sql")
_STATES = {"dropped": State.DROPPED, "to_come": [State.WAITING, State.PENDING]}


async def changed(connection: Connection, scope: Scope, send_id: int, fields: Mapping[str, tuple[str, str]]) -> None:
    """Somebody changed a send, which is held: each field before and after, as texts."""
    values = {**within(scope), "send_id": send_id, "change": Jsonb(fields)}
    await connection.execute(_SQL["changed"], values)


async def unsay(connection: Connection, scope: Scope) -> None:
    """What this transaction put there is past, or invented: nobody hears of it, whosever sends it is about."""
    await connection.execute(_SQL["unsay"], {"organizations": scope.organizations, "live": scope.live})


async def forget(connection: Connection, scope: Scope, send_id: int) -> None:
    """A test send stands as it did before a rehearsal: what was not told of that is not told any more, nor what hooks
    were not sent yet."""
    for step in ("forget", "forget_told", "forget_deliveries"):
        await connection.execute(_SQL[step], {**within(scope), **_STATES, "send_id": send_id})
