"""How the days went, kept by the worker: reading it costs nothing, and neither does it hold up the pipeline."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import counts, histories, presumption, system
from sendtrail.store.database import Connection
from sendtrail.store.histories import Cell
from sendtrail.store.system import DueHistory

REST = timedelta(seconds=30)
"""What has changed rests so long, and as long again for each 100,000 sends, which take 1.5 s to work out."""
ROUND = 2_000
"""Days of campaigns."""
_AT_ONCE_CELLS, _AT_ONCE_SENDS = 200, 20_000
"""In one transaction."""


async def refresh(context: Context, limit: int = ROUND, *, rest: timedelta = REST) -> int:
    """Work out the past of what has changed, at most `limit` days of campaigns; how many were.

    Any number of workers may do it at once, beside any number of writers. With `rest` zero all that has changed is due.
    """
    async with context.database.snapshot() as connection:
        due = await system.due_histories(connection, rest, limit)
    done = 0
    for scope, cells in _portions(due):
        done += await _refresh(context, scope, cells)
    return done


def _portions(due: Sequence[DueHistory]) -> Iterator[tuple[Scope, list[Cell]]]:
    """What can be worked out together: one organization's, in one mode, and not too much."""
    cells: list[Cell] = []
    sends = 0
    before: Scope | None = None
    for each in sorted(
        due, key=lambda row: (row.organization_id, row.live)
    ):  # else as they came, longest waiting first
        scope = Scope(each.organization_id, each.live, "history")
        if before and (scope != before or len(cells) == _AT_ONCE_CELLS or sends + each.sends > _AT_ONCE_SENDS):
            yield before, cells
            cells, sends = [], 0
        before = scope
        cells.append(Cell(each.created_on, each.campaign_id))
        sends += each.sends
    if before:
        yield before, cells


async def _refresh(context: Context, scope: Scope, cells: Sequence[Cell]) -> int:
    async def work_out(connection: Connection) -> list[Cell]:
        done = await histories.refresh(connection, scope, cells)
        if done:
            await presumption.hand_on(connection, scope, done)
        return done

    done = await context.database.run(work_out)

    async def fold(connection: Connection) -> None:
        await counts.fold(connection, scope, [cell.created_on for cell in done], [cell.campaign_id for cell in done])

    if done:
        await context.database.run(fold)
    return len(done)
