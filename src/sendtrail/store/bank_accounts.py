"""Accounts that cheques draw on. Their numbers are enciphered; the key is not in the database."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from sendtrail.store.nouns import Noun


class BankAccountRow(NamedTuple):
    """One account. `last4`: as much of its number as is shown; `signature_image`: the SHA-256 of a document."""

    id: int
    bank_name: str
    primary_line: str
    secondary_line: str
    country: Literal["US", "CA"]
    routing_number: str
    route_number: str
    transit_number: str
    designation_number: str
    last4: str
    signature_text: str
    signature_image: bytes | None
    description: str
    metadata: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


BANK_ACCOUNT = Noun(
    "bank_account",
    BankAccountRow,
    "bank_name || ' ' || last4 || ' ' || routing_number || ' ' || route_number || ' ' || transit_number || ' '"
    " || description || ' ' || coalesce(metadata::text, '')",
)
