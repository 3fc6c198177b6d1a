"""What hooks are told some business days later: it is told on its day, unless it is no longer true by then."""

from itertools import groupby

from sendtrail.domain.scope import Scope
from sendtrail.domain.trail import Trail
from sendtrail.services.context import Context
from sendtrail.store import sends
from sendtrail.store.database import Connection
from sendtrail.store.system import deliveries
from sendtrail.store.system.deliveries import WaitedRow

OVERTAKING = frozenset(
    ("rerouted", "returned", "undeliverable", "failed", "cancelled", "confirmation_expired", "refunded")
)
"""After one of these the message that something has arrived would be wrong."""
AT_ONCE = 500


async def release(context: Context) -> int:
    """Have told what has waited until now, or drop it; how many. Any number of workers may do it at once."""
    n = 0
    while done := await context.database.run(_release):
        n += done
    return n


async def _release(connection: Connection) -> int:
    rows = await deliveries.waited(connection, AT_ONCE)
    dropped = [row.id for row in rows if row.ended]
    for (organization_id, live), own in groupby(sorted(rows, key=_whose), key=_whose):
        waited = [row for row in own if not row.ended]
        trails = await sends.trails(
            connection, Scope(organization_id, live, "deliveries"), sorted({row.send_id for row in waited})
        )
        dropped += [row.id for row in waited if _overtaken(row, trails[row.send_id])]
    if rows:
        await deliveries.decide(connection, [row.id for row in rows], dropped)
    return len(rows)


def _whose(row: WaitedRow) -> tuple[int, bool]:
    return row.organization_id, row.live


def _overtaken(row: WaitedRow, trail: Trail) -> bool:
    """Whether something happened after what was to be told; a send that is no more has nothing to tell either."""
    return not trail or any(event.code in OVERTAKING and event.occurred_at > row.occurred_at for event in trail)
