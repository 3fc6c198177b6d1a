"""Accounts that cheques draw on, in the words of PostGrid's client. It is never told a whole number again."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import msgspec

from sendtrail.domain.bank_accounts import NewBankAccount, masked, settle_account
from sendtrail.domain.ids import Ids
from sendtrail.domain.postgrid.common import Described, common
from sendtrail.domain.problems import Invalid

_NAMES: Mapping[str, str] = {
    "bank_name": "bankName",
    "primary_line": "bankPrimaryLine",
    "secondary_line": "bankSecondaryLine",
    "country": "bankCountryCode",
    "routing_number": "routingNumber",
    "route_number": "routeNumber",
    "transit_number": "transitNumber",
    "designation_number": "caDesignationNumber",
    "signature_text": "signatureText",
}
_CALLED = {**_NAMES, "account_number": "accountNumber", "signature_image": "signatureImage"}


class SentBankAccount(msgspec.Struct, rename=_CALLED, forbid_unknown_fields=True, omit_defaults=True):
    """An account as the client sends it. `signature_image`: an address, or a file in base64."""

    bank_name: str
    country: Literal["US", "CA"]
    account_number: str
    primary_line: str | None = None
    secondary_line: str | None = None
    routing_number: str | None = None
    route_number: str | None = None
    transit_number: str | None = None
    designation_number: str | None = None
    signature_text: str | None = None
    signature_image: str | None = None
    description: str | None = None
    metadata: dict[str, Any] | None = None


class BankAccount(Described, Protocol):
    """A row of an account."""

    @property
    def id(self) -> int: ...
    @property
    def last4(self) -> str: ...


def new_account(sent: SentBankAccount, *, pictured: bool) -> NewBankAccount:
    """What was sent as an account to be kept; `pictured`: with a picture of a signature. Invalid names the field as the
    client does."""
    given = {name: value for name, value in msgspec.structs.asdict(sent).items() if value is not None}
    given.pop("signature_image", None)
    account = settle_account(NewBankAccount(**given), lambda name: _CALLED.get(name, name))
    if bool(account.signature_text) == pictured:
        raise Invalid("a bank account needs signatureText or signatureImage, one of the two", "signatureText")
    return account


def bank_account(ids: Ids, row: BankAccount, live: bool) -> dict[str, Any]:
    """An account."""
    return {
        **common(ids, "bank_account", row.id, row, live),
        **{theirs: value for ours, theirs in _NAMES.items() if (value := getattr(row, ours))},
        "accountNumber": masked(row.last4),
    }
