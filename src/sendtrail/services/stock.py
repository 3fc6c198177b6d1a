"""Return envelopes as whoever keeps them sees them: what is on the shelf, and what was ordered and has not come."""

from datetime import datetime
from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.services.contacts import ContactRow
from sendtrail.services.context import Context
from sendtrail.services.return_envelopes import RETURN_ENVELOPES, stocks
from sendtrail.services.stock_orders import STOCK_ORDERS
from sendtrail.store import nouns
from sendtrail.store.return_envelopes import RETURN_ENVELOPE

MOST = 200
"""Of each, the newest."""


class Shelved(NamedTuple):
    """A return envelope. `to`: what people call its addressee; `available`: how many are left."""

    id: str
    to: str
    place: str
    description: str
    available: int


class Awaited(NamedTuple):
    """An order that is neither filled nor cancelled, and what it brings more of."""

    id: str
    envelope: Shelved
    quantity: int
    description: str
    placed_at: datetime


async def look(context: Context, scope: Scope) -> tuple[list[Awaited], list[Shelved]]:
    """The orders that wait, the oldest first, and all return envelopes; Forbidden."""
    waiting = (await STOCK_ORDERS.page(context, scope, narrowed={"status": "placed"}, limit=MOST)).rows
    envelopes = (await RETURN_ENVELOPES.page(context, scope, limit=MOST)).rows
    others = {order.return_envelope_id for order in waiting} - {each.id for each in envelopes}
    async with context.database.snapshot() as connection:
        more = await nouns.read(connection, scope, RETURN_ENVELOPE, sorted(others))
    shelf = {
        stock.envelope.id: Shelved(
            context.ids.encode("return_envelope", stock.envelope.id),
            *_addressee(stock.to),
            stock.envelope.description,
            stock.available,
        )
        for stock in await stocks(context, scope, [*envelopes, *more.values()])
    }
    awaited = [
        Awaited(
            context.ids.encode("return_envelope_order", order.id),
            shelf[order.return_envelope_id],
            order.quantity_ordered,
            order.description,
            order.created_at,
        )
        for order in reversed(waiting)
    ]
    return awaited, [shelf[each.id] for each in envelopes]


def _addressee(to: ContactRow) -> tuple[str, str]:
    """Name and place; a secret contact's are not told."""
    if "secret" in to.settings:
        return "A secret contact", ""
    name = to.company or " ".join(each for each in (to.first_name, to.last_name) if each)
    return name, ", ".join(each for each in (to.address_line1, to.city, to.state) if each)
