"""Return envelopes and orders of them, in the words of PostGrid's client."""

from typing import Any, Protocol

import msgspec

from sendtrail.domain.ids import Ids
from sendtrail.domain.postgrid.common import Described, common
from sendtrail.domain.postgrid.contacts import Contact, SentContact, inner


class SentReturnEnvelope(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A return envelope as the client sends it; `to`: a contact or its id."""

    to: str | SentContact
    description: str | None = None
    metadata: dict[str, Any] | None = None


class SentStockOrder(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """An order of return envelopes as the client sends it."""

    quantity_ordered: int
    description: str | None = None
    metadata: dict[str, Any] | None = None


class ReturnEnvelope(Described, Protocol):
    """A row of a return envelope."""

    @property
    def id(self) -> int: ...


class StockOrder(ReturnEnvelope, Protocol):
    """A row of an order of return envelopes."""

    @property
    def return_envelope_id(self) -> int: ...
    @property
    def quantity_ordered(self) -> int: ...
    @property
    def quantity_filled(self) -> int | None: ...
    @property
    def status(self) -> str: ...


def return_envelope(ids: Ids, row: ReturnEnvelope, to: Contact, available: int, live: bool) -> dict[str, Any]:
    """A return envelope, whom it is addressed to, and how many are left."""
    return {**common(ids, "return_envelope", row.id, row, live), "to": inner(ids, to), "available": available}


def stock_order(ids: Ids, row: StockOrder, live: bool) -> dict[str, Any]:
    """An order of return envelopes."""
    filled = {"quantityFilled": row.quantity_filled} if row.status == "filled" else {}
    return {
        **common(ids, "return_envelope_order", row.id, row, live),
        "returnEnvelope": ids.encode("return_envelope", row.return_envelope_id),
        "quantityOrdered": row.quantity_ordered,
        "status": row.status,
        **filled,
    }
