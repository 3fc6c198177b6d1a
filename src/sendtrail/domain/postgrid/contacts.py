"""Contacts in the words of PostGrid's client, whatever they stand in: a list of them, an order, a return envelope."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from sendtrail.domain.ids import Ids
from sendtrail.domain.new_contact import NewContact, settle_contact
from sendtrail.domain.postgrid.common import Described, common

ADDRESS: Mapping[str, str] = {
    "company": "companyName",
    "email": "email",
    "phone": "phoneNumber",
    "address_line1": "addressLine1",
    "address_line2": "addressLine2",
    "city": "city",
    "state": "provinceOrState",
    "postal_code": "postalOrZip",
}
"""What a send's address has too."""
NAMES: Mapping[str, str] = {"first_name": "firstName", "last_name": "lastName", "job_title": "jobTitle", **ADDRESS}
"""What is shown of a contact where it is not empty; of a secret one nothing is."""
SWITCHES: Mapping[str, str] = {
    "skip_verification": "skipVerification",
    "force_verified_status": "forceVerifiedStatus",
    "secret": "secret",
}
_CALLED = {**NAMES, **SWITCHES, "country": "countryCode"}


class SentContact(msgspec.Struct, rename=_CALLED, forbid_unknown_fields=True, omit_defaults=True):
    """A contact as the client sends it."""

    address_line1: str
    country: str
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    job_title: str | None = None
    email: str | None = None
    phone: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    skip_verification: bool | None = None
    force_verified_status: bool | None = None
    secret: bool | None = None
    description: str | None = None
    metadata: dict[str, Any] | None = None


class Contact(Described, Protocol):
    """A row of a contact."""

    @property
    def id(self) -> int: ...
    @property
    def country(self) -> str: ...
    @property
    def address_status(self) -> str: ...
    @property
    def address_errors(self) -> str: ...
    @property
    def settings(self) -> dict[str, bool]: ...


def new_contact(sent: SentContact, at: str = "") -> NewContact:
    """What was sent as a contact to be kept; Invalid names the field as the client does, below `at`."""
    given = {name: value for name, value in msgspec.structs.asdict(sent).items() if value is not None}
    return settle_contact(NewContact(**given), _CALLED, at)


def inner(ids: Ids, row: Contact) -> dict[str, Any]:
    """A contact within something else that keeps it as it was then."""
    secret = row.settings.get("secret", False)
    told = {} if secret else {name: value for ours, name in NAMES.items() if (value := getattr(row, ours))}
    return {
        "id": ids.encode("contact", row.id),
        "addressLine1": "",
        **told,
        "countryCode": row.country,
        "addressStatus": row.address_status,
        **({"addressErrors": row.address_errors} if row.address_errors and not secret else {}),
        **{name: True for ours, name in SWITCHES.items() if row.settings.get(ours)},
        **({"description": row.description} if row.description else {}),
        **({"metadata": row.metadata} if row.metadata is not None else {}),
    }


def contact(ids: Ids, row: Contact, live: bool) -> dict[str, Any]:
    """A contact of its own."""
    return {**common(ids, "contact", row.id, row, live), **inner(ids, row)}
