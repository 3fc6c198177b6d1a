"""What people may change of a send that was made: whom it goes to and when, and the number by which it is followed."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec import UNSET, UnsetType

from sendtrail.domain.imb.barcode import Barcode, parse
from sendtrail.domain.problems import Conflict, Invalid
from sendtrail.domain.send import US_MAIL, Address, NewSend, routing_of, settle

_ZIP_CODE = re.compile(r"[0-9]{5}(-?[0-9]{4})?")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
"""Loose: a host inside a company's network has no dot."""


class AddressChange(msgspec.Struct, forbid_unknown_fields=True):
    """The fields of a recipient that change; an empty text empties one."""

    name: str | UnsetType = UNSET
    company: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    address_line1: str | UnsetType = UNSET
    address_line2: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    postal_code: str | UnsetType = UNSET
    country: str | UnsetType = UNSET


class SendChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is not named stays as it is. Without a `send_date` (null) the day counts on which it was accepted.

    Recipient and date can change for as long as the send could be cancelled; a tracking number is often known only
    after that, and can change at any time. With another number the carrier is told anew, by it or beside it.
    """

    to: AddressChange | UnsetType = UNSET
    send_date: date | UnsetType | None = UNSET
    tracking_number: str | UnsetType = UNSET
    carrier: str | UnsetType = UNSET

    @property
    def early(self) -> bool:
        """Whether it must come before the send is on its way."""
        return self.to is not UNSET or self.send_date is not UNSET


def changed(send: NewSend, change: SendChange) -> NewSend:
    """A settled send with what changes, settled again; Invalid names the field that cannot be taken.

    `imb`, where it has one, comes with `send`: mail with a barcode cannot do without a ZIP Code.
    """
    fields = {} if change.to is UNSET else {name: getattr(change.to, name) for name in AddressChange.__struct_fields__}
    to = msgspec.structs.replace(send.to, **{name: text for name, text in fields.items() if text is not UNSET})
    send_date = send.send_date if change.send_date is UNSET else change.send_date
    number = send.tracking_number if change.tracking_number is UNSET else change.tracking_number.strip()
    carrier = (send.carrier if change.tracking_number is UNSET else "") if change.carrier is UNSET else change.carrier
    new = settle(
        msgspec.structs.replace(send, to=to, send_date=send_date, tracking_number=number, carrier=carrier.strip())
    )
    if send.is_mail and _post_to(new.to.country) != _post_to(send.to.country):
        raise Invalid(
            f"to.country cannot change from {send.to.country} to {new.to.country}: the mail goes another way then;"
            " cancel this one and send another",
            "to.country",
        )
    check_recipient(send, new)
    return new


def rerouted(imb: str, given: bool, old: Address, new: Address) -> str:
    """The digits of a send's barcode when its recipient changes. `given`: by us, so that it follows the ZIP Code.

    Conflict where the send came with its barcode and that names another ZIP Code.
    """
    routing = routing_of(new)
    if not imb or routing == routing_of(old):
        return imb
    barcode = parse(imb)
    if given:
        return Barcode(barcode.tracking, routing).digits
    known = min(len(barcode.routing), len(routing)) or len(barcode.routing)
    if barcode.routing[:known] != routing[:known]:
        raise Conflict(
            f"to.postal_code {new.postal_code[:20]!a} is not the ZIP Code {barcode.routing[:5]} of the barcode that the"
            " send came with: cancel it and send another with a new barcode",
            "to.postal_code",
        )
    return imb


def differences(old: NewSend, new: NewSend) -> dict[str, tuple[str, str]]:
    """Which fields differ: before and after, as texts; those of the recipient by their own names."""
    texts = [
        {
            **msgspec.structs.asdict(send.to),
            "send_date": send.send_date.isoformat() if send.send_date else "",
            "tracking_number": send.tracking_number,
            "carrier": send.carrier,
        }
        for send in (old, new)
    ]
    return {name: (text, texts[1][name]) for name, text in texts[0].items() if text != texts[1][name]}


def edition(to: Mapping[str, str], send_date: date | None) -> str:
    """What tells apart a send before and after a change. `to`: as the API shows it."""
    address = msgspec.convert(to, Address)
    return hashlib.sha256(msgspec.json.encode([address, send_date])).hexdigest()[:16]


def check_recipient(old: NewSend, new: NewSend) -> None:
    """What changes must be right. What stays need not be: it came so, and its change is not the time to ask."""
    if new.to.email not in ("", old.to.email) and not _EMAIL.fullmatch(new.to.email):
        raise Invalid(f"to.email {new.to.email[:60]!a} must look like name@example.com", "to.email")
    zip_code = new.to.postal_code
    has_zip_code = new.is_mail and new.post == "usps" and new.to.country in US_MAIL
    if not has_zip_code or zip_code == old.to.postal_code or _ZIP_CODE.fullmatch(zip_code):
        return
    if zip_code or new.imb:
        raise Invalid(
            f"to.postal_code {zip_code[:20]!a} must be a ZIP Code such as 60614 or 60614-1234", "to.postal_code"
        )


def _post_to(country: str) -> str:
    """Countries to which mail goes the same way."""
    return "US" if country in US_MAIL else "CA" if country == "CA" else ""
