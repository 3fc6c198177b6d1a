"""A send as somebody asks for it: the shape in the API and in a CSV, its defaults and its rules."""

import re
from datetime import date
from typing import Any, Literal

import msgspec

from sendtrail.domain.events import MAIL, Kind
from sendtrail.domain.imb.barcode import Barcode, ImbError, parse
from sendtrail.domain.problems import Invalid
from sendtrail.domain.service_types import MAILING_CLASSES, mailing_class_named
from sendtrail.domain.tracking_numbers import compact, looks_checked, recognise

KindWord = Literal["letter", "postcard", "cheque", "self_mailer", "gift", "egift"]
ExtraService = Literal["", "certified", "certified_return_receipt", "registered"]
Post = Literal["", "usps", "canada_post"]
US_MAIL = frozenset({"US", "PR", "VI", "GU", "AS", "MP", "UM", "FM", "MH", "PW"})
"""Countries, as ISO 3166 has them, whose addresses have ZIP Codes."""
CHECKED_CARRIERS = frozenset({"usps", "canada_post", "ups"})
VENDORS = ("lob", "postgrid", "stannp", "postalytics", "sendoso")
"""Who produces sends in our stead, and tells what becomes of them by ids of its own."""
MAX_TEXT = 500
MAX_MESSAGE = 10_000
MAX_JSON = 16_384
MAX_TAGS = 50
MAX_COST = 100_000_000


class Address(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A recipient or sender. `country`: two letters."""

    name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = "US"


class NewSend(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, rename={"from_": "from"}):
    """One send to be tracked. `send_date` may lie in the past; `cost_cents` falls back to the price list.

    `sender`: who has it sent; the address of a member makes it theirs. `team`: a team's id or name; without one it is
    the sender's first. `funding_source`: who pays, by id or name; without one its campaign's, its owner's, its team's
    or the organization's. `vendor`, `vendor_id`: who produces it in our stead, and its id there, by which that vendor's
    webhooks know it; such mail gets no barcode of ours.
    """

    kind: KindWord
    to: Address
    from_: Address | None = None
    campaign: str = ""
    tags: list[str] = []
    send_date: date | None = None
    mailing_class: str = ""
    extra_service: ExtraService = ""
    post: Post | None = None
    imb: str = ""
    tracking_number: str = ""
    carrier: str = ""
    supplier: str = ""
    message: str = ""
    gift: dict[str, Any] | None = None
    cost_cents: int | None = None
    sender: str = ""
    team: str = ""
    funding_source: str = ""
    external_id: str = ""
    metadata: dict[str, Any] | None = None
    vendor: str = ""
    vendor_id: str = ""

    @property
    def kind_number(self) -> Kind:
        return Kind[self.kind.upper()]

    @property
    def is_mail(self) -> bool:
        return self.kind_number in MAIL

    @property
    def barcode(self) -> Barcode | None:
        """The Intelligent Mail barcode that it came with; Invalid says what is wrong with it."""
        try:
            return parse(self.imb) if self.imb else None
        except ImbError as error:
            raise Invalid(f"imb: {error.message}", "imb") from None


def settle(send: NewSend) -> NewSend:
    """The send with its defaults filled in; Invalid names the field that cannot be taken."""
    _check_texts(send)
    if not (send.to.name or send.to.company or send.to.email or send.to.address_line1):
        raise Invalid("to needs a name, company, email or address_line1", "to")
    for param, address in (("to", send.to), ("from", send.from_)):
        if address and not (len(address.country) == 2 and address.country.isascii() and address.country.isalpha()):
            raise Invalid(f"{param}.country must be two letters such as US", f"{param}.country")
    if send.kind == "egift" and not send.to.email:
        raise Invalid("an egift goes to an e-mail address: to.email is missing", "to.email")
    post: Post = send.post or ""
    mailing_class = send.mailing_class
    if send.is_mail:
        post = send.post or ("canada_post" if send.to.country.upper() == "CA" else "usps")
        mailing_class = _mailing_class(mailing_class, post)
    if send.imb and post != "usps":
        raise Invalid("imb goes with mail pieces carried by usps only", "imb")
    if send.extra_service and not (send.kind in ("letter", "cheque") and post == "usps"):
        raise Invalid("extra_service goes with letters and cheques carried by usps only", "extra_service")
    if send.gift is not None and send.is_mail:
        raise Invalid("gift goes with the kinds gift and egift only", "gift")
    if send.send_date and not 2020 <= send.send_date.year < 2089:
        raise Invalid("send_date must lie between 2020 and 2088", "send_date")
    if bool(send.vendor) != bool(send.vendor_id) or send.vendor not in ("", *VENDORS):
        raise Invalid(f"vendor and vendor_id go together; vendor is one of {', '.join(VENDORS)}", "vendor")
    if send.cost_cents is not None and not 0 <= send.cost_cents <= MAX_COST:
        raise Invalid(f"cost_cents must lie between 0 and {MAX_COST}", "cost_cents")
    barcode = send.barcode
    carrier, tracking_number = _tracking(send)
    return msgspec.structs.replace(
        send,
        to=msgspec.structs.replace(send.to, country=send.to.country.upper()),
        post=post,
        mailing_class=mailing_class,
        imb=barcode.digits if barcode else "",
        carrier=carrier,
        tracking_number=tracking_number,
        tags=sorted(set(send.tags)),
    )


def routing_of(to: Address) -> str:
    """The routing code that the recipient's ZIP Code gives: 9, 5 or no digits."""
    digits = to.postal_code.replace("-", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit()):
        return ""
    return digits if len(digits) == 9 else digits[:5] if len(digits) >= 5 else ""


def _mailing_class(text: str, post: str) -> str:
    """The class in our spelling. One of the United States post that we do not know would go without a barcode."""
    word = re.sub(r"[\s-]+", "_", text.strip().lower())
    if post != "usps":
        return word or "lettermail"
    found = mailing_class_named(word or "first_class")
    if found is None:
        raise Invalid(f"mailing_class {text[:40]!a} must be one of {', '.join(MAILING_CLASSES)}", "mailing_class")
    return found


def _tracking(send: NewSend) -> tuple[str, str]:
    """Carrier and number as the carrier knows it. Of carriers that publish their check digit the number must fit."""
    if not send.tracking_number:
        return send.carrier, ""
    found = recognise(send.tracking_number)
    carrier = send.carrier or (found.carrier if found else "")
    if found and found.carrier == carrier:
        return carrier, found.number
    if carrier in CHECKED_CARRIERS or (not carrier and looks_checked(send.tracking_number)):
        raise Invalid(
            f"tracking_number {send.tracking_number[:50]!a} is no number of {carrier or 'any carrier we know'}:"
            " its length or check digit is wrong",
            "tracking_number",
        )
    return carrier, compact(send.tracking_number)


def _check_texts(send: NewSend) -> None:
    limits = dict.fromkeys(NewSend.__struct_fields__, MAX_TEXT) | {"message": MAX_MESSAGE}
    for name, limit in limits.items():
        _check_text(name.rstrip("_"), getattr(send, name), limit)
    for param, address in (("to", send.to), ("from", send.from_)):
        for name in Address.__struct_fields__ if address else ():
            _check_text(f"{param}.{name}", getattr(address, name), MAX_TEXT)
    if len(send.tags) > MAX_TAGS:
        raise Invalid(f"tags may be {MAX_TAGS} at most", "tags")
    for tag in send.tags:
        _check_text("tags", tag, MAX_TEXT)
    for param, value in (("gift", send.gift), ("metadata", send.metadata)):
        if value is not None:
            text = msgspec.json.encode(value)
            if len(text) > MAX_JSON:
                raise Invalid(f"{param} may be {MAX_JSON} bytes of JSON at most", param)
            if b"\\u0000" in text:
                raise Invalid(f"{param} may not hold a NUL character", param)


def _check_text(param: str, value: object, limit: int) -> None:
    if not isinstance(value, str):
        return
    if len(value) > limit:
        raise Invalid(f"{param} may be {limit} characters at most", param)
    if "\0" in value:
        raise Invalid(f"{param} may not hold a NUL character", param)
