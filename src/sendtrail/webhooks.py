"""For programs that receive what Sendtrail's hooks tell: one call proves where it comes from and gives it types.

    from sendtrail.webhooks import BadSignature, verify

    event = verify(body, headers, secret)  # or BadSignature: answer 400
    if event.type == "send.delivered" and event.send:
        print(event.send.to["email"], event.send.status.label)

`body` are the bytes as they came: read again from parsed JSON they are others. Answer with a status from 200 to 299
within 15 seconds. The same `event.id` may come twice, so note which you have done. It knows every format of a hook:
Sendtrail's own and the flat one (signed by Standard Webhooks 1.0.0), and both of PostGrid.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from sendtrail.domain import signatures
from sendtrail.domain.signatures import BadSignature

__all__ = ["BadSignature", "Event", "Happening", "Send", "Status", "verify"]

Format = Literal["standard", "flat", "postgrid_json", "postgrid_jwt"]


class Status(msgspec.Struct, frozen=True):
    """Where a send stands. `code`: such as `delivered`; `label`: for people; `evidence`: how we know."""

    code: str
    label: str
    since: datetime
    evidence: str


class Happening(msgspec.Struct, frozen=True):
    """The fact that is told. `evidence`: `scanned`, `logical`, `assumed`, `reported`, `inferred` or `unknown`.

    `place`: `zip`, `facility`, `city`, `state` of the post's building, None where there is none.
    """

    code: str
    label: str
    occurred_at: datetime
    recorded_at: datetime
    source: str
    evidence: str
    place: dict[str, str] | None = None
    detail: dict[str, Any] | None = None


class Send(msgspec.Struct, frozen=True):
    """The send as of that event. `to`: `name`, `company`, `email`, `phone` and the lines of the address, if any."""

    id: str
    kind: str
    to: dict[str, str]
    status: Status
    campaign: dict[str, str] | None = None
    tags: list[str] = []
    external_id: str = ""
    metadata: dict[str, Any] | None = None
    tracking_number: str = ""
    tracking_url: str | None = None
    expected_delivery: str | None = None
    vocabularies: dict[str, Any] = {}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What a hook told. `id` stays the same however often it is told.

    `format`: the way in which it was signed. What is there depends on the body: one of PostGrid's types, such as
    `letter.updated`, has PostGrid's shape in whichever format a hook tells it. `sequence`: the number of the event in
    the life of its send, None for PostGrid's types. `happening`, `send` and `previous_status` are there in Sendtrail's
    own shape alone, the last one if the status is another now. `updated_fields`: names of what changed, where that is
    what is told. `data`: all of it as it came: what Sendtrail's own shape has under `data`, the whole flat body, or
    PostGrid's order or visit.
    """

    id: str
    type: str
    live: bool
    occurred_at: datetime
    created_at: datetime
    format: Format
    sequence: int | None = None
    happening: Happening | None = None
    send: Send | None = None
    previous_status: Status | None = None
    updated_fields: list[str] | None = None
    data: dict[str, Any]


Headers = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]
"""As frameworks have them: by name, or as pairs, which ASGI gives in bytes."""


def verify(body: bytes | str, headers: Headers, secret: str | Sequence[str], *, now: datetime | None = None) -> Event:
    """The event that a request brought; BadSignature says in one line why it is not to be believed.

    `body`: as it came; a text is taken as UTF-8. `headers` in any case. `secret`: the hook's, or several while you
    change it. `now`: the time to compare with, which may be five minutes from that of the signature.
    """
    came, named = _body(body), _named(headers)
    refusal = BadSignature("there is no secret to check it with")
    for each in _secrets(secret):
        try:
            return _event(*_signed(came, named, each, now or datetime.now(UTC)))
        except BadSignature as error:
            refusal = error
    raise refusal


def _body(body: object) -> bytes:
    """Whoever calls is not always checked by a type checker, and what comes in by mistake is not to be believed."""
    match body:
        case bytes() | bytearray() | memoryview():
            return bytes(body)
        case str():
            return _encoded(body, "the body")
    raise BadSignature(f"the body must be the bytes of the request as they came, not {_a(body)}")


def _named(headers: Any) -> dict[str, str]:
    """Each header by its name in small letters."""
    given = headers.items() if hasattr(headers, "items") else headers
    try:
        return {_text(name).lower(): _text(value) for name, value in given}
    except (TypeError, ValueError):
        raise BadSignature("the headers must be texts by name, or pairs of them") from None


def _text(part: object) -> str:
    match part:
        case str():
            return part
        case bytes():
            return part.decode("latin-1")
    raise TypeError


def _secrets(secret: object) -> list[str]:
    found = [secret] if isinstance(secret, str) else secret
    if not isinstance(found, Sequence) or isinstance(found, bytes | bytearray):
        raise BadSignature(f"the secret must be a text, or several, not {_a(secret)}")
    for each in found:
        if not isinstance(each, str):
            raise BadSignature(f"each secret must be a text, not {_a(each)}")
        if not each.strip():
            raise BadSignature("the secret is empty: give the one of the hook")
        _encoded(each, "the secret")
    return list(found)


def _encoded(text: str, what: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadSignature(f"{what} must be text in UTF-8") from None


def _a(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"


def _signed(body: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> tuple[dict[str, Any], Format]:
    """What was signed, and in which format it is."""
    if "webhook-signature" in headers:
        signatures.verify_standard(secret, headers, body, now)
        said = _read(body)
        return said, "standard" if isinstance(said.get("data"), dict) else "flat"
    if signature := headers.get("postgrid-signature"):
        signatures.verify_postgrid_json(secret, signature, body, now)
        return _read(body), "postgrid_json"
    if body.count(b".") == 2 and not body.lstrip().startswith(b"{"):
        return signatures.verify_postgrid_jwt(secret, body.strip(), now), "postgrid_jwt"
    raise BadSignature("no signature: there is no webhook-signature, no PostGrid-Signature, and the body is no token")


def _read(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise BadSignature("the body is signed, but is no object in JSON") from None


def _event(said: Mapping[str, Any], format_: Format) -> Event:
    """The event in what was signed, by the shape that it has; what others signed with this secret is none."""
    data = said.get("data")
    known: dict[str, Any] = {name: said.get(name) for name in ("id", "type", "live", "sequence", "created_at")}
    if said.get("object") == "event":  # PostGrid's
        changed = said.get("updatedFields")  # each field with its new value
        known |= dict.fromkeys(("occurred_at", "created_at"), said.get("createdAt"))
        known |= {"updated_fields": list(changed) if isinstance(changed, dict) else changed}
    elif isinstance(data, dict):
        known |= {name: data.get(name) for name in ("send", "previous_status", "updated_fields")}
        known |= {"occurred_at": said.get("timestamp"), "happening": data.get("event")}
    else:
        changed, data = said.get("updated_fields"), said
        known |= {"occurred_at": said.get("occurred_at"), "updated_fields": changed and str(changed).split(",")}
    try:
        return msgspec.convert({**known, "format": format_, "data": data}, Event)
    except msgspec.ValidationError as error:
        raise BadSignature(f"the body is signed, but is no event of a hook: {error}") from None
