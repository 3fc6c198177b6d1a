"""The people who responded to a campaign, as CSV: whom to call, and whom to write to again.

A line for each piece that somebody visited, or by which they reached a goal, those that were visited first at the top.
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from sendtrail.domain import cells
from sendtrail.domain.events import Kind
from sendtrail.domain.roles import Permission
from sendtrail.domain.scope import Scope
from sendtrail.services import export_notes
from sendtrail.services.campaigns import read
from sendtrail.services.context import Context
from sendtrail.services.exports import BOM, Part
from sendtrail.store import audit, organizations
from sendtrail.store import performance as store
from sendtrail.store.performance import PersonRow

COLUMNS = (
    *("send", "name", "company", "email", "first_visit", "last_visit", "visits", "goals", "value", "currency"),
    *("link", "owner"),
)
"""docs/performance.md tells what each holds."""
_PIECE = 5_000


class EngagedFile(NamedTuple):
    """The file, in parts; `sends`: how many lines it will have below its header."""

    parts: AsyncGenerator[Part, None]
    sends: int


async def engaged_people(context: Context, scope: Scope, campaign_id: str, *, spreadsheet: bool = True) -> EngagedFile:
    """Who responded to a campaign, as CSV (RFC 4180, UTF-8). NotFound where the scope has no campaign of that id.

    For a `spreadsheet` it begins with a byte order mark, and texts that would be taken for numbers are marked as text.
    The audit trail tells who took out what.
    """
    async with context.database.snapshot() as connection:
        campaign = await read(connection, context, scope, campaign_id)
        currency = (await organizations.get(connection, scope)).currency
        sends = await store.people(connection, scope, campaign.id)
    async with context.database.transaction() as connection:
        number = await audit.note(
            connection, scope, "engaged.exported", campaign.name, mode="live" if scope.live else "test"
        )
    parts = export_notes.counting(context, scope, number, _parts(context, scope, sends, currency, spreadsheet))
    return EngagedFile(parts, len(sends))


async def _parts(
    context: Context, scope: Scope, sends: Sequence[int], currency: str, spreadsheet: bool
) -> AsyncGenerator[Part, None]:
    yield Part((BOM if spreadsheet else b"") + cells.line(COLUMNS).encode(), 0)
    for start in range(0, len(sends), _PIECE):
        async with context.database.snapshot() as connection:
            rows = await store.people_rows(connection, scope, sends[start : start + _PIECE])
        lines = [_line(context, scope, row, currency, spreadsheet) for row in rows]
        yield Part("".join(lines).encode(), len(lines))


def _line(context: Context, scope: Scope, row: PersonRow, currency: str, spreadsheet: bool) -> str:
    encode = context.ids.encode
    links = ";".join(encode("link", link).removeprefix("link_") for link in row.links)
    value = f"{Decimal(row.value_cents).scaleb(-2)}" if scope.sees_money(Permission.SENDS_READ) else ""
    given = cells.marked([row.name, row.company, row.email], numbers=spreadsheet)
    ours = [_moment(row.first_visit_at), _moment(row.last_visit_at), f"{row.visits}", f"{row.goals}", value, currency]
    rest = cells.marked([links, row.owner], numbers=spreadsheet)
    return cells.joined([encode(Kind(row.kind).word, row.send_id), *given, *ours, *rest]) + "\r\n"


def _moment(at: datetime | None) -> str:
    """As other files tell times: in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if at else ""
