"""Bank accounts, as PostGrid's client knows them."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from sendtrail.api.postgrid.requests import Body
from sendtrail.api.postgrid.resources import Resource
from sendtrail.domain.postgrid.bank_accounts import SentBankAccount, bank_account, new_account
from sendtrail.domain.problems import Invalid
from sendtrail.domain.scope import Scope
from sendtrail.services import bank_accounts, files
from sendtrail.services.bank_accounts import BANK_ACCOUNTS, Signature
from sendtrail.services.context import Context
from sendtrail.services.idempotency import Request

_IMAGE = "signatureImage"


async def _show(context: Context, scope: Scope, rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        bank_account(context.ids, row, scope.live)
        | ({_IMAGE: files.link(context, scope, row.id, "signature")} if row.signature_image else {})
        for row in rows
    ]


async def _make(context: Context, scope: Scope, body: Body, _: Request | None) -> Any:
    """Repeats are not remembered: a digest of the request would be one of the account's number."""
    sent = body.read(SentBankAccount, files=[_IMAGE])
    signature = _signature(body, sent.signature_image)
    return await bank_accounts.make(context, scope, new_account(sent, pictured=signature is not None), signature)


def _signature(body: Body, text: str | None) -> Signature | None:
    if content := body.files.get(_IMAGE):
        return Signature(_IMAGE, content=content)
    if not text:
        return None
    if text.startswith(("https://", "http://")):
        return Signature(_IMAGE, url=text)
    try:
        return Signature(_IMAGE, content=base64.b64decode(text, validate=True))
    except binascii.Error:
        raise Invalid(f"{_IMAGE} must be the address of a PNG or JPEG file, or one in base64", _IMAGE) from None


RESOURCE = Resource(path="bank_accounts", kept=BANK_ACCOUNTS, show=_show, make=_make)
