"""Accounts that cheques draw on. A number is enciphered before it is kept, and only its last digits are ever shown."""

from typing import NamedTuple

from sendtrail.clients.http import Outside, Unreachable
from sendtrail.domain.bank_accounts import NewBankAccount, last_digits
from sendtrail.domain.problems import Invalid
from sendtrail.domain.roles import Permission, Reach
from sendtrail.domain.scope import Scope
from sendtrail.services.context import Context
from sendtrail.services.nouns import Kept
from sendtrail.services.sealing import seal_of
from sendtrail.store import audit, documents, nouns
from sendtrail.store.bank_accounts import BANK_ACCOUNT, BankAccountRow
from sendtrail.store.documents import Document


def label_of(account: BankAccountRow) -> str:
    """What people call an account."""
    return f"{account.bank_name}, ending in {account.last4}"


BANK_ACCOUNTS = Kept(
    word="bank_account",
    noun=BANK_ACCOUNT,
    reads=Permission.BANK_ACCOUNTS_READ,
    writes=Permission.BANK_ACCOUNTS_WRITE,
    label=label_of,
)
MAX_IMAGE = 2 << 20
"""Bytes of the picture of a signature."""
WITHIN = 10.0
"""Seconds in which an address must give it."""
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Signature(NamedTuple):
    """The picture of a signature: where it can be fetched, or itself. `param`: the field that it came in."""

    param: str
    url: str = ""
    content: bytes = b""


async def make(
    context: Context, scope: Scope, account: NewBankAccount, signature: Signature | None = None
) -> BankAccountRow:
    """A new account, as `settle_account` gave it, signed by its text or a picture; Invalid names the picture's field;
    Forbidden; Unopenable where the secret key is missing."""
    scope.require(Permission.BANK_ACCOUNTS_WRITE, Reach.ORGANIZATION)
    picture = await _picture(context, signature) if signature else None
    seal = await seal_of(context)
    columns = {
        "bank_name": account.bank_name,
        "primary_line": account.primary_line,
        "secondary_line": account.secondary_line,
        "country": account.country,
        "routing_number": account.routing_number,
        "route_number": account.route_number,
        "transit_number": account.transit_number,
        "designation_number": account.designation_number,
        "account_number": seal.seal(account.account_number, (scope.organization_id, scope.live)),
        "last4": last_digits(account.account_number),
        "signature_text": account.signature_text,
        "signature_image": bytes.fromhex(picture.digest) if picture else None,
        "description": account.description,
        "metadata": account.metadata,
    }
    async with context.database.transaction() as connection:
        if picture:
            await documents.put(connection, scope, [picture])
        row = await nouns.add(connection, scope, BANK_ACCOUNT, columns)
        await audit.note(connection, scope, "bank_account.added", label_of(row))
        return row


async def _picture(context: Context, signature: Signature) -> Document:
    param, url, content = signature
    if url:
        try:
            async with Outside.opened(private_allowed=context.config.allow_private_hooks) as outside:
                content = b"".join([each async for each in outside.chunks(url, within=WITHIN, most=MAX_IMAGE)])
        except Unreachable as problem:
            raise Invalid(f"{param} could not be fetched: {problem}", param) from None
    if len(content) > MAX_IMAGE:
        raise Invalid(f"{param} may be {MAX_IMAGE >> 20} MB at most", param)
    for beginning, media_type in _BEGINNINGS.items():
        if content.startswith(beginning):
            return Document(media_type, content)
    raise Invalid(f"{param} must be a PNG or JPEG file, in base64, or the address of one", param)
