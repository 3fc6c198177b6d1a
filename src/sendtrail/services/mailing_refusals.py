"""Whom a campaign that makes its sends itself could never send to, and why."""

from collections.abc import AsyncGenerator

from sendtrail.domain import cells
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.exports import Part
from sendtrail.services.mailings import MAILINGS
from sendtrail.store import audit, nouns
from sendtrail.store import mailings as store
from sendtrail.store.mailings import MAILING
from sendtrail.store.mailings import Refused as Refused

SHOWN = 100
"""So many a page lists."""
COLUMNS = ("id", "name", "company", "address_line1", "city", "state", "postal_code", "country", "reason")
_PIECE = 5_000


def may_see(scope: Scope) -> bool:
    """Whether somebody may see who is in mailing lists."""
    return scope.may(Permission.SENDS_READ, Reach.ORGANIZATION)


def require(scope: Scope) -> None:
    """Forbidden for who may not see them."""
    scope.require(Permission.SENDS_READ, Reach.ORGANIZATION)


async def first(context: Context, scope: Scope, campaign_id: str) -> list[Refused]:
    """The first whom a campaign passed over, by the numbers of their contacts; nobody for whom may not see them."""
    if not may_see(scope):
        return []
    async with context.database.snapshot() as connection:
        return await store.refused(connection, scope, MAILINGS.number(context, campaign_id), 0, SHOWN)


async def csv(context: Context, scope: Scope, campaign_id: str) -> AsyncGenerator[Part, None]:
    """All of them, none of a campaign that makes no sends itself, with an apostrophe before what a spreadsheet would
    run; the audit trail tells who took them out. Forbidden."""
    require(scope)
    number = MAILINGS.number(context, campaign_id)
    async with context.database.transaction() as connection:
        row = (await nouns.read(connection, scope, MAILING, [number])).get(number)
        name = row.description if row else ""
        await audit.note(connection, scope, "refused.exported", name or campaign_id.lower(), format="csv")
    return _csv(context, scope, number)


async def _csv(context: Context, scope: Scope, number: int) -> AsyncGenerator[Part, None]:
    yield Part(cells.line(COLUMNS).encode(), 0)
    after, rows = 0, list[Refused]()
    while not after or len(rows) == _PIECE:
        async with context.database.snapshot() as connection:
            rows = await store.refused(connection, scope, number, after, _PIECE)
        lines = [cells.line((context.ids.encode("contact", row.contact_id), *row[1:])) for row in rows]
        yield Part("".join(lines).encode(), len(rows))
        after = rows[-1].contact_id if rows else 1
