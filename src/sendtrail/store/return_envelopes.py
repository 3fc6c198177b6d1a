"""Return envelopes that letters and cheques can bring along, and the orders that bring more of them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.domain.vocabularies.stannp import CATEGORIES
from sendtrail.store.database import Connection, statements
from sendtrail.store.nouns import Noun

_SQL = statements("return_envelopes.sql")
_CANCELLED = [category.word for category in CATEGORIES].index("cancelled")


class ReturnEnvelopeRow(NamedTuple):
    """One return envelope. `contact_id`: whom it is addressed to."""

    id: int
    contact_id: int
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class StockOrderRow(NamedTuple):
    """An order of more of one. `quantity_filled`: how many came, once they did."""

    id: int
    return_envelope_id: int
    quantity_ordered: int
    quantity_filled: int | None
    status: Literal["placed", "filled", "cancelled"]
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


RETURN_ENVELOPE = Noun(
    "return_envelope",
    ReturnEnvelopeRow,
    "description || ' ' || coalesce(metadata::text, '') || ' ' || coalesce("
    " (select concat_ws(' ', first_name, last_name, company, address_line1, city, state, postal_code)"
    "    from contact where contact.id = return_envelope.contact_id and not settings ? 'secret'), '')",
)
STOCK_ORDER = Noun("stock_order", StockOrderRow, "status || ' ' || description || ' ' || coalesce(metadata::text, '')")


async def of_contact(connection: Connection, scope: Scope, contact_id: int) -> int | None:
    """The return envelope that is addressed to a contact."""
    cursor = await connection.execute(_SQL["of_contact"], {**_own(scope), "contact_id": contact_id})
    row = await cursor.fetchone()
    return int(row[0]) if row else None


async def hold(connection: Connection, scope: Scope, numbers: Collection[int]) -> None:
    """Let nobody else hold these return envelopes before the transaction ends, in the order of their numbers."""
    await connection.execute(_SQL["hold"], {**_own(scope), "numbers": list(numbers)})


async def available(connection: Connection, scope: Scope, numbers: Collection[int]) -> dict[int, int]:
    """How many there are of each: what came, less what pieces brought along that were not cancelled."""
    values = {**_own(scope), "numbers": list(numbers), "cancelled": _CANCELLED}
    return {number: left async for number, left in await connection.execute(_SQL["available"], values)}


def _own(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
