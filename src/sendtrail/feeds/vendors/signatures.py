"""Whether a message is from who knows the secret, by each vendor's own way of signing.

Lob: `Lob-Signature` over `Lob-Signature-Timestamp` + `.` + body (five public receivers agree); PostGrid:
guides.postgrid.com, "Manually Verifying Webhook Signatures"; Stannp: stannp.com direct-mail-api/webhooks, which names
no encoding and in one place spells `X-Stannp-Sigature`; Sendoso: Svix, as Standard Webhooks; EasyPost: its client
libraries' `validate_webhook`; AfterShip: webhook specifications; Karrio sends the secret itself (modules/events,
webhook task). Postalytics signs nothing.
"""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sendtrail.domain.signatures import (
    TOLERANCE,
    BadSignature,
    verify_postgrid_json,
    verify_postgrid_jwt,
    verify_standard,
)

Headers = Mapping[str, str]
"""By their names in small letters."""
_MILLISECONDS = 11
"""So many digits are milliseconds."""


def verify(vendor: str, secret: str, headers: Headers, body: bytes, now: datetime) -> None:
    """BadSignature unless the message was signed with the secret, in the last few minutes where that is told too."""
    _WAYS[vendor](secret, headers, body, now)


def can_sign(vendor: str) -> bool:
    """Whether a vendor signs what it sends."""
    return vendor in _WAYS


def _lob(secret: str, headers: Headers, body: bytes, now: datetime) -> None:
    time = headers.get("lob-signature-timestamp", "")
    _check_time(time, now, "Lob-Signature-Timestamp")
    _check(headers, "lob-signature", [_digest(secret, time.encode() + b"." + body).hex()])


def _postgrid(secret: str, headers: Headers, body: bytes, now: datetime) -> None:
    if signature := headers.get("postgrid-signature", ""):
        verify_postgrid_json(secret, signature, body, now)
    elif body.lstrip().startswith(b"{"):
        raise BadSignature("the header PostGrid-Signature is missing")
    else:
        verify_postgrid_jwt(secret, body.strip(), now)


def _stannp(secret: str, headers: Headers, body: bytes, _: datetime) -> None:
    name = "x-stannp-sigature" if "x-stannp-sigature" in headers else "x-stannp-signature"
    digest = _digest(secret, body)
    _check(headers, name, [digest.hex(), base64.b64encode(digest).decode()])


def _easypost(secret: str, headers: Headers, body: bytes, _: datetime) -> None:
    normal = unicodedata.normalize("NFKD", secret)
    _check(headers, "x-hmac-signature", [f"hmac-sha256-hex={_digest(normal, body).hex()}"])


def _aftership(secret: str, headers: Headers, body: bytes, _: datetime) -> None:
    _check(headers, "aftership-hmac-sha256", [base64.b64encode(_digest(secret, body)).decode()])


def _karrio(secret: str, headers: Headers, _: bytes, __: datetime) -> None:
    _check(headers, "x-event-id", [secret])


_WAYS: dict[str, Callable[[str, Headers, bytes, datetime], None]] = {
    "lob": _lob,
    "postgrid": _postgrid,
    "stannp": _stannp,
    "sendoso": verify_standard,
    "easypost": _easypost,
    "aftership": _aftership,
    "karrio": _karrio,
}


def _digest(secret: str, signed: bytes) -> bytes:
    return hmac.new(secret.encode(), signed, hashlib.sha256).digest()


def _check(headers: Headers, name: str, expected: list[str]) -> None:
    given = headers.get(name, "").strip()
    if not given:
        raise BadSignature(f"the header {name.title()} is missing")
    if not any(hmac.compare_digest(each.encode(), given.encode()) for each in expected):
        raise BadSignature(f"{name.title()} is no signature of this body with this secret")


def _check_time(text: str, now: datetime, name: str) -> None:
    """A time in seconds or milliseconds, or written out."""
    try:
        if text.isascii() and text.isdecimal():
            at = int(text[:16]) / (1000 if len(text) >= _MILLISECONDS else 1)
        else:
            written = datetime.fromisoformat(text)
            at = (written if written.tzinfo else written.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise BadSignature(f"{name} must be a time") from None
    if abs(at - now.timestamp()) > TOLERANCE.total_seconds():
        raise BadSignature(f"{name} is more than {TOLERANCE.total_seconds() / 60:.0f} minutes from now")
