"""The ledger: every movement of money, written once. What is read of it stands in `store.statements`.

Each function works inside the caller's transaction: money moves with what moved it, or not at all (law 3).
"""

from datetime import date, datetime

from sendtrail.domain.money import EntryType
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection, statements
from sendtrail.store.reach import within

_SQL = statements("ledger.sql")


async def charge(connection: Connection, scope: Scope, at: datetime | None = None) -> bool:
    """Collect what the batch in `moved` does to money; whether there is anything to `write`.

    `at`: when it happens, now for None: another moment only where a past is invented. Part of `ingest.record`, which
    pins its plans: `moved` is joined to the largest tables there are.
    """
    await connection.execute(_SQL["tables"])
    return (await connection.execute(_SQL["charge"], {"at": at})).rowcount > 0


async def write(connection: Connection, scope: Scope) -> None:
    """Write what was collected, with its totals, in the name of who acts."""
    await connection.execute(_SQL["write"], {"actor": scope.actor}, prepare=False)
    await connection.execute(_SQL["written"])


async def rebook(connection: Connection, scope: Scope, send_id: int, day: date) -> None:
    """Move the cost of a send, which is held and has another day still, to `day`. Nothing where it owes nothing."""
    await connection.execute(_SQL["tables"])
    if (await connection.execute(_SQL["rebook"], {**within(scope), "send_id": send_id, "day": day})).rowcount:
        await write(connection, scope)


async def add(
    connection: Connection,
    scope: Scope,
    fund_id: int,
    type_: EntryType,
    cents: int,
    note: str,
    at: datetime | None = None,
) -> None:
    """Book a deposit or an adjustment; `cents` below zero takes money away. `at` as in `charge`."""
    await connection.execute(_SQL["tables"])
    values = {"fund_id": fund_id, "type": int(type_), "cents": cents, "note": note, "at": at}
    await connection.execute(_SQL["add"], {**within(scope), **values})
    await write(connection, scope)
