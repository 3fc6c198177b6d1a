"""Webhooks of other vendors: who sends, whether it is really them, then taken like every other push.

Whose a message is, is told by the token of the credentials in its address, by Basic authorization with them, or by its
signature: that of the one feed of the vendor whose secret verifies it. Where the credentials have secrets, a signature
by one of them must fit as well. What is not theirs is neither kept nor read.
"""

import hmac
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from sendtrail.domain.problems import Invalid, NotFound, Unauthorized
from sendtrail.domain.scope import Scope
from sendtrail.domain.signatures import BadSignature
from sendtrail.feeds.vendors.catalogue import VENDORS, Vendor
from sendtrail.feeds.vendors.reader import is_export
from sendtrail.feeds.vendors.signatures import can_sign, verify
from sendtrail.services.accounts import digest_of
from sendtrail.services.context import Context
from sendtrail.services.feeds import Received, receive_push
from sendtrail.services.vendor_secrets import secrets_of
from sendtrail.store import organizations, system
from sendtrail.store.system import CredentialRow

_TYPE = re.compile(r"[a-z_]+(\.[a-z_]+)?")


class Message(NamedTuple):
    """What somebody posted. `type`: the end of the address, '' where there is none. `username`, `password`: of Basic
    authorization; `token`: of the address; empty where not given. `headers` by their names in small letters."""

    vendor: str
    type: str
    token: str
    username: str
    password: str
    headers: Mapping[str, str]
    body: bytes


def vendor_named(key: str, type_: str) -> Vendor:
    """The vendor whose messages come to an address; NotFound where there is none such."""
    vendor = VENDORS.get(key)
    if vendor is None:
        raise NotFound(f"no vendor {key[:40]!a}: there are {', '.join(VENDORS)}", "vendor")
    if type_ and (not vendor.types or is_export(f"{key}.{type_}") or not _TYPE.fullmatch(type_)):
        raise NotFound(f"{vendor.label}'s webhooks have no address that ends in {type_[:40]!a}", "type")
    return vendor


async def receive(context: Context, message: Message) -> Received:
    """Take a message. NotFound for no vendor; Unauthorized where it is nobody's; Invalid for an empty one.

    What it says that cannot be taken is kept with its reason, like that of every feed.
    """
    vendor = vendor_named(message.vendor, message.type)
    if not message.body:
        raise Invalid("the body is empty: send the message")
    row = await _whose(context, vendor, message)
    if row is None:
        return Received(file="", new=0, duplicate=0, unmatched=0, rejected=0)
    actor = f"feed:{row.id}"
    async with context.database.snapshot() as connection:
        clients = await organizations.clients(connection, Scope(row.organization_id, row.live, actor))
    scope = Scope(row.organization_id, row.live, actor, clients)
    format_ = f"{vendor.key}.{message.type}" if message.type else vendor.key
    return await receive_push(context, scope, _whole(message.body), row.id, what=vendor.label, format_=format_)


async def _whose(context: Context, vendor: Vendor, message: Message) -> CredentialRow | None:
    """The credentials that a message came with; None for a trial that needs none. Unauthorized."""
    now = datetime.now(UTC)
    if message.token or message.username:
        row = await _named(context, message)
        if row is None or row.vendor != vendor.key:
            raise Unauthorized(f"these credentials are unknown, revoked or not {vendor.label}'s")
        if row.secret:
            try:
                _verify(vendor, row, message, now)
            except BadSignature as bad:
                if _is_trial(vendor, message.body):
                    return None
                raise Unauthorized(str(bad)) from None
        return row
    async with context.database.snapshot() as connection:
        rows = await system.credentials_of_vendor(connection, vendor.key)
    found = [row for row in rows if row.secret and _verifies(vendor, row, message, now)]
    if len(found) == 1:
        return found[0]
    if _is_trial(vendor, message.body):
        return None
    if found:
        raise Unauthorized(f"{_sharing(found)} have this secret: put ?token= and the password of one after it")
    raise Unauthorized(
        "no secret verifies this message: put ?token= and the password of your credentials behind the address,"
        f" or give them the secret with which {vendor.label} signs"
        if can_sign(vendor.key)
        else "put ?token= and the password of your credentials behind the address"
    )


def _sharing(rows: Sequence[CredentialRow]) -> str:
    """Who has the same secret."""
    if len({row.organization_id for row in rows}) > 1:
        return "credentials of several organizations"
    return "the credentials of test and of live mode" if len({row.live for row in rows}) > 1 else "several credentials"


async def _named(context: Context, message: Message) -> CredentialRow | None:
    async with context.database.snapshot() as connection:
        if message.token:
            return await system.credential_by_digest(connection, digest_of(message.token))
        row = await system.credential_by_username(connection, message.username) if _plain(message.username) else None
    known = row is not None and hmac.compare_digest(row.password_digest, digest_of(message.password))
    return row if known else None


def _plain(text: str) -> bool:
    return "\0" not in text


def _verify(vendor: Vendor, row: CredentialRow, message: Message, now: datetime) -> None:
    """BadSignature unless one of the secrets verifies the message."""
    failure = BadSignature("there is no secret to verify it with")
    for secret in secrets_of(row.secret):
        try:
            return verify(vendor.key, secret, message.headers, message.body, now)
        except BadSignature as bad:
            failure = bad
    raise failure


def _verifies(vendor: Vendor, row: CredentialRow, message: Message, now: datetime) -> bool:
    try:
        _verify(vendor, row, message, now)
    except BadSignature:
        return False
    return True


def _is_trial(vendor: Vendor, body: bytes) -> bool:
    """Stannp tries an address before it keeps it, and wants it answered: of nothing, so it may come from anybody."""
    if vendor.key != "stannp":
        return False
    try:
        message: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return False
    return message.get("event") == "test_url"


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body
