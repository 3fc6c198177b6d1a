"""For programs that receive what Sendtrail's hooks tell: one call proves where it comes from and gives it types.

    from sendtrail.webhooks import BadSignature, verify

    event = verify(body, headers, secret)  # or BadSignature: answer 400
    if event.type == "send.delivered" and event.send:
        print(event.send.to["email"], event.send.status.label)

`body` are the bytes as they came: read again from parsed JSON they are others. Answer with a status from 200 to 299
within 15 seconds. The same `event.id` may come twice, so note which you have done. It knows every format of a hook:
Sendtrail's own and the flat one (signed by Standard Webhooks 1.0.0), and both of PostGrid.
"""

from collections.abc import Mapping, Sequence
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

    `sequence`: the number of the event in the life of its send, None in PostGrid's formats. `happening`, `send` and
    `previous_status` are there in Sendtrail's own format alone, the last one if the status is another now.
    `updated_fields`: names of what changed, where that is what is told. `data`: all of it as it came: what Sendtrail's
    own format has under `data`, the whole flat body, or PostGrid's order.
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


def verify(
    body: bytes, headers: Mapping[str, str], secret: str | Sequence[str], *, now: datetime | None = None
) -> Event:
    """The event that a request brought; BadSignature says in one line why it is not to be believed.

    `headers` in any case. `secret`: the hook's, or several while you change it. `now`: the time to compare with, which
    may be five minutes from that of the signature.
    """
    named = {name.lower(): value for name, value in headers.items()}
    refusal = BadSignature("there is no secret to check it with")
    for each in (secret,) if isinstance(secret, str) else secret:
        try:
            return _event(*_signed(body, named, each, now or datetime.now(UTC)))
        except BadSignature as error:
            refusal = error
    raise refusal


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
    """The event in what was signed; what others signed with this secret is none."""
    data = said if format_ == "flat" else said.get("data")
    known: dict[str, Any] = {name: said.get(name) for name in ("id", "type", "live", "sequence", "created_at")}
    match format_:
        case "standard":
            known |= {"occurred_at": said.get("timestamp")}
            if isinstance(data, dict):
                known |= {name: data.get(name) for name in ("send", "previous_status", "updated_fields")}
                known |= {"happening": data.get("event")}
        case "flat":
            changed = said.get("updated_fields")
            known |= {"occurred_at": said.get("occurred_at"), "updated_fields": changed and str(changed).split(",")}
        case _:
            changed = said.get("updatedFields")  # each field with its new value
            known |= dict.fromkeys(("occurred_at", "created_at"), said.get("createdAt"))
            known |= {"updated_fields": list(changed) if isinstance(changed, dict) else changed}
    try:
        return msgspec.convert({**known, "format": format_, "data": data}, Event)
    except msgspec.ValidationError as error:
        raise BadSignature(f"the body is signed, but is no event of a hook: {error}") from None
