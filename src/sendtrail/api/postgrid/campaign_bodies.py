"""What PostGrid's client sends to make or change a campaign, and what it asks for in our words."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sendtrail.api.postgrid.order_bodies import checked_variables
from sendtrail.api.postgrid.requests import Body, day_of
from sendtrail.domain.described import check_described
from sendtrail.domain.events import Kind
from sendtrail.domain.mailings import Settings
from sendtrail.domain.pieces import Cheque, Making
from sendtrail.domain.postgrid.campaigns import KEYS, NAMES
from sendtrail.domain.postgrid.classes import MailingClass
from sendtrail.domain.problems import Invalid, NotSupported, SendtrailError
from sendtrail.domain.send import ExtraService
from sendtrail.services import contents
from sendtrail.services.bank_accounts import BANK_ACCOUNTS
from sendtrail.services.contents import Document
from sendtrail.services.context import Context
from sendtrail.services.mailings import MailingPlan
from sendtrail.services.return_envelopes import RETURN_ENVELOPES
from sendtrail.services.templates import TEMPLATES

_LAST_YEAR = 2088
"""In which a send's day can lie."""
Text = Annotated[str, Meta(max_length=500)]


class AttachedPDF(msgspec.Struct, forbid_unknown_fields=True):
    """A PDF that goes along with each letter; its file may come beside the fields of a form."""

    placement: Literal["before_template", "after_template"]
    file: str = ""


class LetterSettings(msgspec.Struct, forbid_unknown_fields=True):
    """How the letter is printed that goes along with each cheque."""

    color: bool = False


class Piece(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """What pieces of every kind may say. `kind`: which they are; `pdfs`: those of their content that can be a PDF, by
    their fields."""

    kind: ClassVar[Kind]
    pdfs: ClassVar[dict[str, str]] = {"pdf": "pdf"}

    description: str | None = None
    mailing_class: MailingClass | None = None
    extra_service: ExtraService = ""
    merge_variables: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None

    def making(self, context: Context) -> Making:
        """All but content, mailing class and variables; SendtrailError names the field within the piece."""
        return Making(size=getattr(self, "size", None) or "", paper=getattr(self, "paper", None) or "")


class Letter(Piece):
    kind = Kind.LETTER
    pdfs: ClassVar[dict[str, str]] = {"pdf": "pdf", "attachedPDF": "attached_pdf"}

    address_placement: Literal["top_first_page", "insert_blank_page"] | None = None
    attached_pdf: AttachedPDF | None = msgspec.field(name="attachedPDF", default=None)
    color: bool = False
    double_sided: bool = False
    envelope: str | None = None
    envelope_type: Literal["standard_double_window", "flat"] | None = None
    paper: (
        Literal["standard", "premium_paper_letter_standard_white_70lb", "premium_paper_letter_standard_white_80lb"]
        | None
    ) = None
    pdf: str | None = None
    perforated_page: Literal[1] | None = None
    return_envelope: str | None = None
    size: Literal["us_letter", "a4"] | None = None
    template: str | None = None

    def making(self, context: Context) -> Making:
        _check_envelope(self.envelope)
        if self.envelope_type == "flat":
            raise NotSupported("envelopeType flat: Sendtrail has the standard envelope only", "envelopeType")
        return msgspec.structs.replace(
            super().making(context),
            color=self.color,
            double_sided=self.double_sided,
            address_placement=self.address_placement or "",
            attached_placement=self.attached_pdf.placement if self.attached_pdf else "",
            envelope=self.envelope or "",
            perforated_page=self.perforated_page or 0,
        )


class Postcard(Piece):
    kind = Kind.POSTCARD

    back_template: str | None = None
    front_template: str | None = None
    paper: (
        Literal[
            "standard",
            "premium_paper_heavy_1_glossy",
            "premium_paper_postcard_uv_glossy_ss",
            "premium_paper_postcard_uv_glossy_ss_120lb",
            "premium_paper_postcard_satin_ds",
        ]
        | None
    ) = None
    pdf: str | None = None
    size: Literal["6x4", "9x6", "11x6"] | None = None


class SelfMailer(Piece):
    kind = Kind.SELF_MAILER

    inside_template: str | None = None
    outside_template: str | None = None
    pdf: str | None = None
    size: Literal["8.5x11_bifold", "8.5x11_trifold", "9.5x16_trifold"] | None = None


class ChequePiece(Piece):
    kind = Kind.CHEQUE
    pdfs: ClassVar[dict[str, str]] = {"letterPDF": "letter_pdf"}

    bank_account: str | None = None
    currency_code: Literal["CAD", "USD"] | None = None
    envelope: str | None = None
    letter_pdf: str | None = msgspec.field(name="letterPDF", default=None)
    letter_settings: LetterSettings | None = None
    letter_template: str | None = None
    logo: Annotated[str, Meta(max_length=2000)] = ""
    memo: Text = ""
    message: Annotated[str, Meta(max_length=10_000)] = ""
    return_envelope: str | None = None
    size: Literal["us_letter", "us_legal"] | None = None

    def making(self, context: Context) -> Making:
        _check_envelope(self.envelope)
        if self.logo and not self.logo.startswith("https://"):
            raise Invalid("logo must be the address of a picture, such as https://example.com/logo.png", "logo")
        account = self.bank_account
        return msgspec.structs.replace(
            super().making(context),
            envelope=self.envelope or "",
            color=self.letter_settings.color if self.letter_settings else False,
            cheque=Cheque(
                amount=0,  # each recipient's own
                currency=self.currency_code or "",
                bank_account=BANK_ACCOUNTS.number(context, account, "bankAccount"),
                memo=self.memo,
                message=self.message,
                logo=self.logo,
            )
            if account
            else None,
        )


class Changed(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """What of a campaign can be changed; null takes out."""

    mailing_list: str | UnsetType = UNSET
    default_sender_contact: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET
    letter: Letter | UnsetType | None = UNSET
    postcard: Postcard | UnsetType | None = UNSET
    self_mailer: SelfMailer | UnsetType | None = UNSET
    cheque: ChequePiece | UnsetType | None = UNSET
    snap_pack: dict[str, Any] | UnsetType | None = UNSET

    @property
    def pieces(self) -> dict[Kind, Piece | UnsetType | None]:
        return {
            Kind.LETTER: self.letter,
            Kind.POSTCARD: self.postcard,
            Kind.SELF_MAILER: self.self_mailer,
            Kind.CHEQUE: self.cheque,
        }


class Created(Changed, kw_only=True):
    """A campaign as the client sends it."""

    mailing_list: str
    send_date: str | None = None


async def plan_of(context: Context, body: Body, type_: type[Changed]) -> MailingPlan:
    """What a request asks for. PDFs that are named by their address are fetched. SendtrailError names the field."""
    sent = _with_pieces(body).read(type_, files=body.files)
    if sent.snap_pack is not UNSET and sent.snap_pack is not None:
        raise NotSupported("snapPack: Sendtrail has no snap packs", "snapPack")
    given = [piece for piece in sent.pieces.values() if isinstance(piece, Piece)]
    if len(given) > 1:
        second = KEYS[given[1].kind]
        raise Invalid(f"{second} does not go with {KEYS[given[0].kind]}: a campaign sends one kind", second)
    files = dict(body.files)
    settings, documents = await _settings(context, given[0], files) if given else (Settings(), [])
    if files:
        name = next(iter(files))[:60]
        raise Invalid(f"{name!a} is not a file here", name)
    day = getattr(sent, "send_date", None)
    return MailingPlan(
        mailing_list=sent.mailing_list,
        sender=sent.default_sender_contact,
        kind=given[0].kind if given else UNSET,
        without=frozenset(kind for kind, piece in sent.pieces.items() if piece is None),
        settings=settings,
        documents=documents,
        send_date=coming_day(day) if day else UNSET,
        description=sent.description,
        metadata=sent.metadata,
    )


def _with_pieces(body: Body) -> Body:
    """A form with a file of a piece has that piece, whether or not it says anything else of it."""
    if not (body.files and isinstance(body.value, dict)):
        return body
    keys = {name.partition("[")[0] for name in body.files} & set(KEYS.values())
    return msgspec.structs.replace(body, value={**{key: {} for key in keys}, **body.value})


def coming_day(text: str) -> date:
    """The day of a moment that is still to come; Invalid names `sendDate`."""
    day = day_of(text, "sendDate")
    moment = datetime.fromisoformat(text)
    if (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= datetime.now(UTC):
        raise Invalid(f"sendDate {text[:40]} is over: it must lie in the future", "sendDate")
    if day.year > _LAST_YEAR:
        raise Invalid(f"sendDate {text[:40]} is too far: it must lie before {_LAST_YEAR + 1}", "sendDate")
    return day


async def _settings(context: Context, piece: Piece, files: dict[str, bytes]) -> tuple[Settings, list[Document]]:
    """How pieces are made, and the documents that this names; those of `files` that belong to it are taken out."""
    key = KEYS[piece.kind]
    try:
        check_described(piece.description, piece.metadata)
        making = piece.making(context)
        making.mailing_class, making.extra_service = piece.mailing_class or "", piece.extra_service
        making.merge_variables = checked_variables(piece.merge_variables)
        for part, name in NAMES.items():
            if part.endswith("template") and (public_id := getattr(piece, part, None)):
                making.templates[part] = TEMPLATES.number(context, public_id, name)
        envelope = getattr(piece, "return_envelope", None)
        number = RETURN_ENVELOPES.number(context, envelope, "returnEnvelope") if envelope else 0
        documents = {part: await _pdf(context, piece, name, part, files) for name, part in piece.pdfs.items()}
    except SendtrailError as error:
        named = error.param and error.message.startswith(error.param)
        error.message = f"{key}.{error.message}" if named else error.message
        error.param = f"{key}.{error.param}"
        raise
    kept = {part: document for part, document in documents.items() if document}
    making.contents = {part: document.digest for part, document in kept.items()}
    if making.templates and ("pdf" in kept or "letter_pdf" in kept):
        name = f"{key}.{next(iter(piece.pdfs))}"
        raise Invalid(f"{name} takes the place of templates: give the one or the other", name)
    return Settings(making, piece.description or "", piece.metadata, number), list(kept.values())


async def _pdf(context: Context, piece: Piece, name: str, part: str, files: dict[str, bytes]) -> Document | None:
    at = f"{KEYS[piece.kind]}[{name}]"
    file = files.pop(at, None) or files.pop(f"{at}[file]", None)
    if file is not None:
        return contents.pdf(file, name)
    given = getattr(piece, part)
    if isinstance(given, AttachedPDF):
        if not given.file:
            raise Invalid(f"{name}.file is missing", f"{name}.file")
        given = given.file
    return await contents.pdf_at(context, given, name) if given else None


def _check_envelope(envelope: str | None) -> None:
    if envelope not in (None, "standard"):
        raise NotSupported("envelope: Sendtrail has the standard one only", "envelope")
