"""Signed links to what orders are made from, open for a quarter of an hour to whoever has them.

A link says of which send, or bank account, it shows what, and until when. That is sealed with a key derived from the
installation's (AES-SIV, RFC 5297): nothing of it is kept, nobody can make one up or prolong it, and nobody can read how
many sends there are.
"""

import base64
import binascii
import hmac
import time
from collections.abc import Mapping
from struct import Struct
from struct import error as StructError
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from sendtrail.domain.events import Kind
from sendtrail.domain.pieces import Making
from sendtrail.domain.problems import NotFound, SendtrailError
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.store import documents, nouns, pieces, sends
from sendtrail.store.bank_accounts import BANK_ACCOUNT

OPEN_FOR = 15 * 60
"""Seconds."""
PARTS: Mapping[str, str] = {
    "": "Preview",
    "pdf": "PDF",
    "html": "HTML",
    "front_html": "Front",
    "back_html": "Back",
    "inside_html": "Inside",
    "outside_html": "Outside",
    "letter_html": "Letter",
    "letter_pdf": "Letter",
    "attached_pdf": "Attached PDF",
    "signature": "Signature",
}
"""What people call the parts of a piece, and the picture that signs for a bank account. Links have a part by its place
here: new ones come at the end."""
_NAMES = tuple(PARTS)
_TOKEN = Struct(">IIB?Q")
_ACTOR = "file link"


class Expired(SendtrailError):
    """A link that was open for its time."""

    type = "expired"


class File(NamedTuple):
    """One document as it was given."""

    name: str
    media_type: str
    content: bytes


class Preview(NamedTuple):
    """A piece of which there is no one document to show. `facts`: names and values; `parts`: what each document is
    called, and the link to it."""

    kind: Kind
    facts: list[tuple[str, str]]
    parts: list[tuple[str, str]]


def link(context: Context, scope: Scope, send_id: int, part: str = "") -> str:
    """The address at which a part of a send's content can be seen for a quarter of an hour; all of it where no part is
    named. A `signature` is a bank account's, by its number."""
    return context.config.links_address + path(context, scope, send_id, part)


def path(context: Context, scope: Scope, send_id: int, part: str = "") -> str:
    """The same without the host."""
    body = _TOKEN.pack(int(time.time()) + OPEN_FOR, scope.organization_id, _NAMES.index(part), scope.live, send_id)
    token = base64.urlsafe_b64encode(_seal(context).encrypt(body, None)).decode().rstrip("=")
    return f"/files/{token}"


async def opened(context: Context, token: str) -> File | Preview:
    """What a link shows; NotFound, Expired."""
    until, organization_id, place, live, send_id = _read(context, token)
    if until < time.time():
        raise Expired("this link has expired")
    part, scope = _NAMES[place], Scope(organization_id, live, _ACTOR)
    if part == "signature":
        return await _signature_of(context, scope, send_id)
    async with context.database.snapshot() as connection:
        row = (await pieces.read(connection, scope, [send_id])).get(send_id)
        kinds = await sends.known(connection, scope, [send_id])
        if row is None or send_id not in kinds:
            raise _nothing()
        public_id, making = context.ids.encode(kinds[send_id].word, send_id), row.making
        if not part and len(making.contents) == 1 and kinds[send_id] is not Kind.CHEQUE:
            (part,) = making.contents
        if not part:
            return _preview(context, scope, kinds[send_id], send_id, making)
        digest = making.contents.get(part, "")
        document = (await documents.read(connection, scope, [digest] if digest else [])).get(digest)
    if document is None:
        raise _nothing()
    ending = "pdf" if document.media_type == "application/pdf" else "html"
    return File(f"{public_id}-{part}.{ending}", document.media_type, document.content)


async def _signature_of(context: Context, scope: Scope, account: int) -> File:
    async with context.database.snapshot() as connection:
        row = (await nouns.read(connection, scope, BANK_ACCOUNT, [account])).get(account)
        digest = row.signature_image.hex() if row and row.signature_image else ""
        document = (await documents.read(connection, scope, [digest] if digest else [])).get(digest)
    if document is None:
        raise _nothing()
    name = f"{context.ids.encode('bank_account', account)}-signature.{document.media_type.partition('/')[2]}"
    return File(name, document.media_type, document.content)


def _preview(context: Context, scope: Scope, kind: Kind, send_id: int, making: Making) -> Preview:
    facts = [("Order", context.ids.encode(kind.word, send_id))]
    if cheque := making.cheque:
        facts += [
            ("Amount", f"{cheque.amount // 100:,}.{cheque.amount % 100:02d} {cheque.currency}"),
            ("Number", str(cheque.number)),
            ("Memo", cheque.memo),
            ("Message", cheque.message),
        ]
    parts = [(PARTS[part], path(context, scope, send_id, part)) for part in PARTS if part in making.contents]
    return Preview(kind, [(name, value) for name, value in facts if value], parts)


def _read(context: Context, token: str) -> tuple[int, int, int, bool, int]:
    """The parts of a token that we made; NotFound."""
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        body = _seal(context).decrypt(sealed, None)
        until, organization_id, place, live, send_id = _TOKEN.unpack(body)
    except (binascii.Error, ValueError, InvalidTag, StructError):
        raise _nothing() from None
    return until, organization_id, place, live, send_id


def _seal(context: Context) -> AESSIV:
    return AESSIV(hmac.digest(context.ids.key, b"file links", "sha512"))


def _nothing() -> NotFound:
    return NotFound("there is nothing at this address")
