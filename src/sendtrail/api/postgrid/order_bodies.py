"""What PostGrid's client sends to make an order of each kind, and what it asks for in our words."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sendtrail.api.postgrid.requests import Body, day_of
from sendtrail.domain.described import check_described
from sendtrail.domain.pieces import Cheque, Making
from sendtrail.domain.postgrid.classes import MailingClass
from sendtrail.domain.postgrid.contacts import SentContact, new_contact
from sendtrail.domain.problems import Invalid, NotFound, NotSupported
from sendtrail.domain.send import KindWord
from sendtrail.services import contents
from sendtrail.services.accounts import number_of
from sendtrail.services.contacts import CONTACTS
from sendtrail.services.contents import Document
from sendtrail.services.context import Context
from sendtrail.services.orders import NewOrder, Someone
from sendtrail.services.templates import TEMPLATES

MAX_VARIABLES = 65_536
Amount = Annotated[int, Meta(ge=1, le=10_000_000_000)]
"""Cents."""
ChequeNumber = Annotated[int, Meta(ge=1, le=9_999_999_999)]
Text = Annotated[str, Meta(max_length=500)]
Who = SentContact | str
"""A contact, or the id of one."""
PEOPLE = ("to", "from", "redirectTo")
"""The fields that are one."""


class AttachedPDF(msgspec.Struct, forbid_unknown_fields=True):
    """A PDF that goes along with a letter; its file may come beside the fields of a form."""

    placement: Literal["before_template", "after_template"]
    file: str = ""


class LetterSettings(msgspec.Struct, forbid_unknown_fields=True):
    """Where the letter that goes along with a cheque lies."""

    placement: Literal["before_cheque", "after_cheque"] = "after_cheque"


class Payee(msgspec.Struct, forbid_unknown_fields=True):
    """Whom a digital cheque is for."""

    name: Annotated[str, Meta(min_length=1, max_length=500)]


class DigitalOnly(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Of a cheque that is never printed."""

    watermark: Text
    payee: Payee | None = None


class Sent(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """What all orders may say. `kind`: which they are; `parts`: those of their content that can be HTML or a template;
    `pdfs`: those that can be a PDF, by their fields; `alone`: whether one of these must be there."""

    kind: ClassVar[KindWord]
    parts: ClassVar[tuple[str, ...]]
    pdfs: ClassVar[dict[str, str]] = {"pdf": "pdf"}
    alone: ClassVar[bool] = True

    to: Who | UnsetType = UNSET
    from_: Who | UnsetType = msgspec.field(name="from", default=UNSET)
    description: str | None = None
    mailing_class: MailingClass | UnsetType = UNSET
    extra_service: Literal["certified", "certified_return_receipt", "registered"] | UnsetType = UNSET
    merge_variables: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    send_date: str | None = None

    def making(self, context: Context) -> Making:
        """All but its contents; SendtrailError names the field."""
        return Making()

    def sender_needed(self) -> bool:
        return True


class Letter(Sent):
    kind = "letter"
    parts = ("",)
    pdfs: ClassVar[dict[str, str]] = {"pdf": "pdf", "attachedPDF": "attached_pdf"}

    html: str | None = None
    template: str | None = None
    pdf: str | None = None
    attached_pdf: AttachedPDF | None = msgspec.field(name="attachedPDF", default=None)
    address_placement: Literal["top_first_page", "insert_blank_page"] = "top_first_page"
    color: bool = False
    double_sided: bool = False
    envelope: str = "standard"
    paper: Literal[
        "standard", "premium_paper_letter_standard_white_70lb", "premium_paper_letter_standard_white_80lb"
    ] = "standard"
    perforated_page: Literal[1] | None = None
    plastic_card: Any = None
    return_envelope: str | None = None
    size: Literal["us_letter", "a4"] = "us_letter"

    def making(self, context: Context) -> Making:
        _standard(self.envelope)
        if self.plastic_card is not None:
            raise NotSupported("plasticCard: Sendtrail has no plastic cards", "plasticCard")
        return Making(
            size=self.size,
            color=self.color,
            double_sided=self.double_sided,
            address_placement=self.address_placement,
            attached_placement=self.attached_pdf.placement if self.attached_pdf else "",
            envelope=self.envelope,
            paper=self.paper,
            perforated_page=self.perforated_page or 0,
        )


class Postcard(Sent):
    kind = "postcard"
    parts = ("front", "back")

    size: Literal["6x4", "9x6", "11x6"]
    front_html: str | None = msgspec.field(name="frontHTML", default=None)
    back_html: str | None = msgspec.field(name="backHTML", default=None)
    front_template: str | None = None
    back_template: str | None = None
    pdf: str | None = None
    paper: Literal[
        "standard",
        "premium_paper_heavy_1_glossy",
        "premium_paper_postcard_uv_glossy_ss",
        "premium_paper_postcard_uv_glossy_ss_120lb",
        "premium_paper_postcard_satin_ds",
    ] = "standard"

    def making(self, context: Context) -> Making:
        return Making(size=self.size, paper=self.paper)

    def sender_needed(self) -> bool:
        return False


class SelfMailer(Sent):
    kind = "self_mailer"
    parts = ("inside", "outside")

    size: Literal["8.5x11_bifold", "8.5x11_trifold", "9.5x16_trifold"]
    inside_html: str | None = msgspec.field(name="insideHTML", default=None)
    outside_html: str | None = msgspec.field(name="outsideHTML", default=None)
    inside_template: str | None = None
    outside_template: str | None = None
    pdf: str | None = None

    def making(self, context: Context) -> Making:
        return Making(size=self.size)


class ChequeOrder(Sent):
    kind = "cheque"
    parts = ("letter",)
    pdfs: ClassVar[dict[str, str]] = {"letterPDF": "letter_pdf"}
    alone = False

    amount: Amount
    bank_account: str
    currency_code: Literal["USD", "CAD"] | None = None
    digital_only: DigitalOnly | None = None
    envelope: str = "standard"
    letter_html: str | None = msgspec.field(name="letterHTML", default=None)
    letter_template: str | None = None
    letter_pdf: str | None = msgspec.field(name="letterPDF", default=None)
    letter_settings: LetterSettings | None = None
    logo: Annotated[str, Meta(max_length=2000)] = ""
    memo: Text = ""
    message: Annotated[str, Meta(max_length=10_000)] = ""
    number: ChequeNumber | None = None
    redirect_to: Who | UnsetType = UNSET
    return_envelope: str | None = None
    size: Literal["us_letter", "us_legal"] = "us_letter"

    def making(self, context: Context) -> Making:
        _standard(self.envelope)
        if self.logo and not self.logo.startswith("https://"):
            raise Invalid("logo must be the address of a picture, such as https://example.com/logo.png", "logo")
        digital = self.digital_only
        return Making(
            size=self.size,
            envelope=self.envelope,
            attached_placement=self.letter_settings.placement if self.letter_settings else "",
            cheque=Cheque(
                amount=self.amount,
                currency=self.currency_code or "",
                bank_account=_number(context, "bank_account", self.bank_account, "bankAccount"),
                number=self.number or 0,
                memo=self.memo,
                message=self.message,
                logo=self.logo,
                digital_only=msgspec.to_builtins(digital) if digital else None,
            ),
        )

    def sender_needed(self) -> bool:
        return self.digital_only is None


async def order_of(context: Context, body: Body, type_: type[Sent]) -> NewOrder:
    """What a request asks for. PDFs that are named by their address are fetched. SendtrailError names the field."""
    sent, files = _read(body, type_)
    digital = isinstance(sent, ChequeOrder) and sent.digital_only
    if sent.to is UNSET and not (digital and digital.payee):
        raise Invalid("to is missing: a contact, or the id of one", "to")
    if sent.from_ is UNSET and sent.sender_needed():
        raise Invalid("from is missing: a contact, or the id of one", "from")
    described = check_described(sent.description, sent.metadata)
    envelope = getattr(sent, "return_envelope", None)
    redirect = getattr(sent, "redirect_to", UNSET)
    making = sent.making(context)
    making.mailing_class, making.extra_service = sent.mailing_class or "", sent.extra_service or ""
    making.merge_variables = checked_variables(sent.merge_variables)
    documents = _written(context, sent, making)
    order = NewOrder(
        kind=sent.kind,
        to=_person(context, sent.to, "to"),
        from_=_person(context, sent.from_, "from"),
        redirect_to=_person(context, redirect, "redirectTo"),
        making=making,
        documents=documents,
        send_date=day_of(sent.send_date, "sendDate") if sent.send_date else None,
        description=str(described["description"]),
        metadata=sent.metadata,
        return_envelope=_number(context, "return_envelope", envelope, "returnEnvelope") if envelope else None,
    )
    _check_parts(sent, files)
    for name, part in sent.pdfs.items():  # last: nothing is fetched for an order that is refused anyway
        if (pdf := await _pdf(context, sent, part, files.get(name))) is not None:
            documents[part] = pdf
    return order


def checked_variables(given: dict[str, Any] | None) -> dict[str, Any] | None:
    """What is merged into a piece; Invalid names `mergeVariables`."""
    if given is not None and len(msgspec.json.encode(given)) > MAX_VARIABLES:
        raise Invalid(f"mergeVariables may be {MAX_VARIABLES:,} bytes of JSON at most", "mergeVariables")
    return given


def _read(body: Body, type_: type[Sent]) -> tuple[Sent, dict[str, bytes]]:
    """The fields, and the files beside them by the field that they stand for."""
    sent = body.read(type_, files=[*type_.pdfs, *(f"{name}[file]" for name in type_.pdfs)])
    files: dict[str, bytes] = {}
    for name, content in body.files.items():
        field = name.removesuffix("[file]")
        if field in files:
            raise Invalid(f"{field} is given twice, as two files", field)
        files[field] = content
    return sent, files


def _written(context: Context, sent: Sent, making: Making) -> dict[str, Document]:
    """Each part that was given as HTML; those of templates go into `making`."""
    documents: dict[str, Document] = {}
    for part in sent.parts:
        html, template = f"{part}_html".lstrip("_"), f"{part}_template".lstrip("_")
        names = _names(sent)
        text, public_id = getattr(sent, html), getattr(sent, template)
        if text is not None and public_id is not None:
            raise Invalid(f"{names[html]} and {names[template]} exclude each other", names[template])
        if text is not None:
            documents[html] = contents.html(text, names[html])
        if public_id is not None:
            making.templates[template] = TEMPLATES.number(context, public_id, names[template])
    return documents


def _names(sent: Sent) -> dict[str, str]:
    """What its fields are called by the client."""
    return dict(zip(sent.__struct_fields__, sent.__struct_encode_fields__, strict=True))


def _check_parts(sent: Sent, files: dict[str, bytes]) -> None:
    """All parts, or a PDF of them all, and not both."""
    names = _names(sent)
    pairs = [(f"{part}_html".lstrip("_"), f"{part}_template".lstrip("_")) for part in sent.parts]
    there = [getattr(sent, html) is not None or getattr(sent, template) is not None for html, template in pairs]
    (name, part), *_ = sent.pdfs.items()
    if name in files or getattr(sent, part) is not None:
        if any(there):
            raise Invalid(f"{name} takes the place of HTML and templates: give the one or the other", name)
    elif sent.alone and not all(there):
        html, template = pairs[there.index(False)]
        raise Invalid(f"{names[html]}, {names[template]} or {name} is missing", names[html])


async def _pdf(context: Context, sent: Sent, part: str, file: bytes | None) -> Document | None:
    names = _names(sent)
    name, given = names[part], getattr(sent, part)
    if isinstance(given, AttachedPDF):
        name, given = f"{name}.file", given.file or None
        if given is None and file is None:
            raise Invalid(f"{name} is missing", name)
    if file is not None:
        if given is not None:
            raise Invalid(f"{name} is given twice, as a file and as the address of one", name)
        return contents.pdf(file, name)
    return await contents.pdf_at(context, given, name) if given is not None else None


def _person(context: Context, who: Who | UnsetType, at: str) -> Someone | None:
    if isinstance(who, str):
        return CONTACTS.number(context, who, at)
    return None if who is UNSET else new_contact(who, at)


def _number(context: Context, word: str, public_id: str, param: str) -> int:
    try:
        return number_of(context, word, public_id)
    except NotFound:
        raise NotFound(f"no {word} {public_id[:60]!a}", param) from None


def _standard(envelope: str) -> None:
    if envelope != "standard":
        raise NotSupported("envelope: Sendtrail has the standard one only", "envelope")
