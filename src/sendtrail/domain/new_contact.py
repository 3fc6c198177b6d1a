"""A contact as somebody gives it: whom a piece goes to or comes from, kept under an id of its own."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from sendtrail.domain.address_checks import AddressStatus, Place, check_address
from sendtrail.domain.countries import COUNTRIES
from sendtrail.domain.described import check_described
from sendtrail.domain.problems import Invalid
from sendtrail.domain.send import MAX_TEXT
from sendtrail.domain.whole_addresses import take_apart

TESTED: Mapping[str, AddressStatus] = {"test failed": "failed", "test corrected": "corrected"}
"""What the description of a test contact makes of its address; any other, and none, verifies it."""
_APART = ("description", "metadata")
"""What does not tell two contacts apart."""


class NewContact(msgspec.Struct, frozen=True, omit_defaults=True):
    """`country`: two letters. `secret`: answers do not tell who it is; None of `description` and `metadata` leaves what
    an equal contact has."""

    address_line1: str
    country: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    job_title: str = ""
    email: str = ""
    phone: str = ""
    address_line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    skip_verification: bool = False
    force_verified_status: bool = False
    secret: bool = False
    description: str | None = None
    metadata: dict[str, Any] | None = None

    @property
    def digest(self) -> bytes:
        """Equal for two that are the same contact."""
        same = msgspec.structs.replace(self, **dict.fromkeys(_APART))
        return hashlib.sha256(msgspec.json.encode(same)).digest()

    @property
    def settings(self) -> dict[str, bool]:
        """The switches that are on."""
        names = ("skip_verification", "force_verified_status", "secret")
        return {name: True for name in names if getattr(self, name)}


def settle_contact(contact: NewContact, called: Mapping[str, str] | None = None, at: str = "") -> NewContact:
    """The contact without outer blanks, its country in capitals; Invalid names the field, by what it is `called` where
    that is not its name here, below `at`."""

    def name_of(field: str) -> str:
        own = (called or {}).get(field, field)
        return f"{at}.{own}" if at else own

    texts = {}
    for field in NewContact.__struct_fields__:
        value = getattr(contact, field)
        if isinstance(value, str) and field not in _APART:
            texts[field] = value.strip()
            if len(texts[field]) > MAX_TEXT:
                raise Invalid(f"{name_of(field)} may be {MAX_TEXT} characters at most", name_of(field))
            if "\0" in value:
                raise Invalid(f"{name_of(field)} may not hold a NUL character", name_of(field))
    country = texts["country"].upper()
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Invalid(f"{name_of('country')} must be two letters such as US", name_of("country"))
    if country not in COUNTRIES:
        said = f"{name_of('country')} must be two letters of ISO 3166-1 such as US: there is no country {country}"
        raise Invalid(said, name_of("country"))
    if not texts["address_line1"]:
        raise Invalid(f"{name_of('address_line1')} is missing", name_of("address_line1"))
    if not (texts["first_name"] or texts["company"]):
        names = f"{name_of('first_name')} or {name_of('company')}"
        raise Invalid(f"a contact needs {names}", name_of("first_name"))
    try:
        check_described(contact.description, contact.metadata)
    except Invalid as error:
        param = name_of(error.param or "")
        raise Invalid(error.message.replace(error.param or "", param, 1), param) from None
    return msgspec.structs.replace(contact, **{**texts, "country": country})


class Judged(NamedTuple):
    """`contact`: its address as it should be written; `errors`: what is wrong with it, or what was put right."""

    contact: NewContact
    status: AddressStatus
    errors: str


def judge(contact: NewContact, live: bool) -> Judged:
    """Whether a settled contact's address can be one. In test mode its description decides."""
    if contact.force_verified_status or contact.skip_verification:
        return Judged(contact, "verified", "")
    if not live:
        status = TESTED.get(contact.description or "", "verified")
        return Judged(contact, status, "" if status == "verified" else f"the description says {contact.description!a}")
    if not (contact.city or contact.state or contact.postal_code) and (whole := _taken_apart(contact)):
        return whole
    return _checked(contact)


def _checked(contact: NewContact) -> Judged:
    place, status, errors = check_address(Place(contact.city, contact.state, contact.postal_code, contact.country))
    return Judged(msgspec.structs.replace(contact, **place._asdict()), status, errors)


def _taken_apart(contact: NewContact) -> Judged | None:
    """The same for one whose first line holds the whole address, if it does."""
    whole = take_apart(contact.address_line1, contact.country)
    if whole is None:
        return None
    parts = {"address_line1": whole.street, "city": whole.city, "state": whole.state, "postal_code": whole.postal_code}
    right, status, _ = _checked(msgspec.structs.replace(contact, **parts))
    if status == "failed":
        return None
    return Judged(right, "corrected", f"the line {contact.address_line1[:200]!a} was taken apart")
