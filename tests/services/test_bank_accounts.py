"""The picture that signs for a bank account, where it is given by its address."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sendtrail.domain.bank_accounts import NewBankAccount
from sendtrail.domain.problems import Forbidden, Invalid
from sendtrail.domain.roles import READING, ROLES
from sendtrail.services import bank_accounts
from sendtrail.services.bank_accounts import BANK_ACCOUNTS, MAX_IMAGE, Signature
from sendtrail.services.context import Context
from sendtrail.store import documents
from tests.clients.receiving import Received, receiving
from tests.services.organizations import organization

ACCOUNT = NewBankAccount("First Bank", "US", "12345678", routing_number="021000021")
SIGNED = NewBankAccount("First Bank", "US", "12345678", routing_number="021000021", signature_text="Ann Lee")
JPEG = b"\xff\xd8\xff\xe0" + bytes(5000)


@pytest.fixture
async def pictures() -> AsyncIterator[str]:
    """The address of a server with pictures: /good, /page, /large."""
    served = {"/good": JPEG, "/page": b"<html>", "/large": JPEG + bytes(MAX_IMAGE)}

    async def answer(request: Received) -> bytes:
        body = served.get(request.path)
        if body is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    async with receiving(answer) as url:
        yield url


async def test_a_picture_is_fetched_whole_or_refused_by_its_field(context: Context, pictures: str) -> None:
    scope = await organization(context)
    near = replace(context, config=replace(context.config, allow_private_hooks=True))

    row = await bank_accounts.make(near, scope, ACCOUNT, Signature("signature", f"{pictures}/good"))

    assert row.signature_image is not None
    digest = row.signature_image.hex()
    async with context.database.snapshot() as connection:
        kept = (await documents.read(connection, scope, [digest]))[digest]
    assert (kept.media_type, kept.content) == ("image/jpeg", JPEG)
    for where, url in ((near, "/page"), (near, "/large"), (near, "/gone"), (context, "/good")):
        with pytest.raises(Invalid) as refusal:
            await bank_accounts.make(where, scope, ACCOUNT, Signature("signature", f"{pictures}{url}"))
        assert refusal.value.param == "signature"
    assert (await BANK_ACCOUNTS.page(context, scope)).total == 1


async def test_accounts_are_for_admins_and_whoever_was_given_them(context: Context) -> None:
    scope = await organization(context)
    for rights in (ROLES["manager"], ROLES["sender"], READING):
        narrow = replace(scope, rights=rights)
        with pytest.raises(Forbidden):
            await BANK_ACCOUNTS.page(context, narrow)
        with pytest.raises(Forbidden):
            await bank_accounts.make(context, narrow, SIGNED)
    admin = replace(scope, rights=ROLES["admin"])
    await bank_accounts.make(context, admin, SIGNED)
    assert (await BANK_ACCOUNTS.page(context, admin)).total == 1
