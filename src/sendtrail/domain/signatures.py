"""How a receiver knows that a notification comes from us, and we that another's does.

Three ways: Standard Webhooks 1.0.0, and the two of PostGrid: a header over the body, or a body that is a JSON Web Token
(RFC 7519, HS256). Each is signed here and verified here. PostGrid's pages disagree on the unit of `t`: ours is
milliseconds, as its guide has it, and both are understood.
"""

import base64
import hashlib
import hmac
import json
import secrets
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from standardwebhooks import Webhook

from sendtrail.domain.problems import Invalid

TOLERANCE = timedelta(minutes=5)
"""How far the time of a signature may be from ours."""
PREFIX = "whsec_"
_BYTES = 32
_LEAST_BYTES, _MOST_BYTES = 24, 64
_LEAST_CHARACTERS, _MOST_CHARACTERS = 20, 200
_MILLISECONDS = 11
"""So many digits are milliseconds: as seconds they would be of the year 2286 or later."""


class BadSignature(Exception):
    """What was received is not from who knows the secret, or is old: why, in one line."""


def new_secret() -> str:
    """A secret that nobody can guess, good for each way of signing."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def checked_secret(secret: str, *, standard: bool) -> str:
    """A secret that somebody chose, as it is kept; Invalid names `secret`."""
    if standard:
        try:
            if not secret.startswith(PREFIX):
                raise ValueError
            if _LEAST_BYTES <= len(base64.b64decode(secret.removeprefix(PREFIX), validate=True)) <= _MOST_BYTES:
                return secret
        except ValueError:  # base64's own error is one
            pass
        raise Invalid(
            f"secret must be {PREFIX} and {_LEAST_BYTES} to {_MOST_BYTES} random bytes in base64",
            "secret",
        )
    if not (secret.isprintable() and len(secret) <= _MOST_CHARACTERS):
        raise Invalid(f"secret must be at most {_MOST_CHARACTERS} characters that can be printed", "secret")
    if len("".join(secret.split())) < _LEAST_CHARACTERS:
        raise Invalid(f"secret must have at least {_LEAST_CHARACTERS} characters that are not blank", "secret")
    return secret


def standard(secrets_: Sequence[str], event_id: str, at: datetime, body: str) -> dict[str, str]:
    """The headers of Standard Webhooks: a signature for each secret, so that a secret can be changed at leisure."""
    signatures = " ".join(Webhook(secret).sign(event_id, at, body) for secret in secrets_)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures,
    }


def verify_standard(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Whether a message of Standard Webhooks, or of Svix whose headers begin with `svix-`, was signed with the secret.

    `headers` by their names in small letters. BadSignature.
    """
    id_, at, signatures = (
        headers.get(f"webhook-{each}") or headers.get(f"svix-{each}", "") for each in ("id", "timestamp", "signature")
    )
    if not (id_ and at and signatures):
        raise BadSignature("webhook-id, webhook-timestamp and webhook-signature must be there")
    _check_time(signed := _number(at), now, "webhook-timestamp")
    try:
        expected = Webhook(secret).sign(id_, datetime.fromtimestamp(signed, UTC), body.decode())
    except (ValueError, RuntimeError) as error:  # a body that is no text, a secret that is no base64
        raise BadSignature("the body must be text in UTF-8, and the secret base64") from error
    if not any(hmac.compare_digest(expected.encode(), each.encode()) for each in signatures.split(" ")):
        raise BadSignature("webhook-signature holds no signature of this body with this secret")


def postgrid_json(secret: str, at: datetime, body: str) -> dict[str, str]:
    """The header of PostGrid's format `json`."""
    time = str(int(at.timestamp() * 1000))
    return {"PostGrid-Signature": f"t={time},v1={_hex(secret, time, body.encode())}"}


def verify_postgrid_json(secret: str, signature: str, body: bytes, now: datetime) -> None:
    """Whether a body was signed with the secret, by its header `PostGrid-Signature`; BadSignature."""
    parts = [each.strip().partition("=")[::2] for each in signature.split(",")]
    time = next((value for name, value in parts if name == "t"), "")
    given = [value for name, value in parts if name == "v1"]
    if not (time and given):
        raise BadSignature("PostGrid-Signature must be like t=1700000000000,v1=abc…")
    signed = _number(time)
    _check_time(signed / 1000 if len(time) >= _MILLISECONDS else signed, now, "t of PostGrid-Signature")
    expected = _hex(secret, time, body)
    if not any(hmac.compare_digest(expected.encode(), each.lower().encode()) for each in given):
        raise BadSignature("PostGrid-Signature is no signature of this body with this secret")


def postgrid_jwt(secret: str, at: datetime, body: str) -> str:
    """A token of a body that is a JSON object: its fields, and when it was made and ends, in seconds."""
    claims = json.loads(body) | {"iat": int(at.timestamp()), "exp": int((at + TOLERANCE).timestamp())}
    with warnings.catch_warnings():  # the 20 characters that PostGrid asks for are fewer than RFC 7518 would have
        warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
        return jwt.encode(claims, secret, algorithm="HS256")


def verify_postgrid_jwt(secret: str, token: bytes, now: datetime) -> dict[str, Any]:
    """What a token says, without when it was made and ends; BadSignature."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
            claims: dict[str, Any] = jwt.decode(
                token,
                secret,
                algorithms=["HS256"],  # its own look at the times asks the clock, not `now`
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False},
            )
    except jwt.PyJWTError as error:  # of the token, or of a secret that looks like a key of another kind
        raise BadSignature(f"the body is no token signed with this secret: {error}") from error
    made = claims.pop("iat", None)
    claims.pop("exp", None)
    if not isinstance(made, int | float):
        raise BadSignature("the token must say when it was made: iat")
    _check_time(made, now, "iat of the token")
    return claims


def _hex(secret: str, time: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        raise BadSignature(f"{text[:40]!a} is no time in seconds")
    return int(text)


def _check_time(signed: float, now: datetime, name: str) -> None:
    if abs(signed - now.timestamp()) > TOLERANCE.total_seconds():
        raise BadSignature(f"{name} is more than {TOLERANCE.total_seconds() / 60:.0f} minutes from now")
