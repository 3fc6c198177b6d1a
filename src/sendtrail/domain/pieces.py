"""How a mail piece is to be made, and from which content."""

from typing import Any

import msgspec

from sendtrail.domain.send import ExtraService

DIGITAL_ONLY = "digital only: it is kept and shown, never printed"
"""Why a digital cheque is cancelled in the moment in which it is made."""


class Cheque(msgspec.Struct, omit_defaults=True):
    """What a cheque is made out for. `amount` in cents; `bank_account`: its number in the database; `digital_only`:
    `watermark` and maybe the `payee`'s name, of one that is never printed."""

    amount: int
    currency: str
    bank_account: int
    number: int = 0
    memo: str = ""
    message: str = ""
    logo: str = ""
    redirect_to: int = 0
    digital_only: dict[str, Any] | None = None


class Making(msgspec.Struct, omit_defaults=True):
    """A piece's settings, empty where nothing was said.

    `contents`: of each part (`html`, `front_html`, `back_html`, `inside_html`, `outside_html`, `letter_html`, `pdf`,
    `attached_pdf`, `letter_pdf`) the SHA-256 of the document in hexadecimal; `templates`: of each part (`template`,
    `front_template` and so on) the number of the template that it was made from; `mailing_class`: in the words of who
    asked, as is `extra_service`. `trackers`: whose links stand in the content.
    """

    size: str = ""
    color: bool = False
    double_sided: bool = False
    address_placement: str = ""
    attached_placement: str = ""
    envelope: str = ""
    paper: str = ""
    perforated_page: int = 0
    mailing_class: str = ""
    extra_service: ExtraService = ""
    contents: dict[str, str] = {}
    templates: dict[str, int] = {}
    merge_variables: dict[str, Any] | None = None
    trackers: list[int] = []
    cheque: Cheque | None = None


def content_of(part: str) -> str:
    """The part of the contents that a template gives: `html` for `template`, `front_html` for `front_template`."""
    return part.removesuffix("template") + "html"
