"""What a receiver proves by one call: each format of a hook becomes a typed event, anything else is refused."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from sendtrail.domain import notices, signatures
from sendtrail.domain.flat import flat
from sendtrail.domain.notice_bodies import NATIVE, POSTGRID, Told
from sendtrail.domain.notice_samples import made_up
from sendtrail.webhooks import BadSignature, Event, verify

NOW = datetime(2026, 11, 20, 15, 31, 41, tzinfo=UTC)
SECRET = signatures.new_secret()


def signed(
    body: dict[str, Any], format_: str, secret: str = SECRET, at: datetime = NOW
) -> tuple[bytes, dict[str, str]]:
    """A request's body and headers, as a hook of this format sends them."""
    text = json.dumps(body, separators=(",", ":"))
    if format_ == "postgrid_jwt":
        return signatures.postgrid_jwt(SECRET, at, text).encode(), {"content-type": "application/jwt"}
    if format_ == "postgrid_json":
        return text.encode(), signatures.postgrid_json(SECRET, at, text)
    return text.encode(), signatures.standard([SECRET], body["id"], at, text)


BODIES = {"standard": NATIVE, "flat": flat(NATIVE), "postgrid_json": POSTGRID, "postgrid_jwt": POSTGRID}
POSTGRID_TYPES = [type_ for type_ in notices.VOCABULARIES["postgrid"] if "return_envelope" not in type_]
formats = pytest.mark.parametrize("format_", BODIES)


@formats
def test_each_format_becomes_an_event_by_the_same_call(format_: str) -> None:
    told = BODIES[format_]
    body, headers = signed(told, format_)
    event = verify(body, {name.title(): value for name, value in headers.items()}, SECRET, now=NOW)

    assert isinstance(event, Event)
    assert (event.format, event.id, event.type, event.live) == (format_, told["id"], told["type"], True)
    assert event.created_at == datetime(2026, 11, 20, 15, 31, 40, 218000, UTC)
    assert event.sequence == (None if told is POSTGRID else 7)
    assert event.data == (told if format_ == "flat" else told["data"])
    assert event.updated_fields == (["imbStatus", "imbDate", "imbZIPCode"] if told is POSTGRID else None)


@formats
@pytest.mark.parametrize("type_", POSTGRID_TYPES)
def test_the_types_of_postgrid_are_taken_in_every_format(format_: str, type_: str) -> None:
    told = made_up(Told("event_1", type_, NOW, NOW, 3, live=True), NATIVE["organization"])
    shaped = flat(told) if format_ == "flat" else told
    event = verify(*signed(shaped, format_), SECRET, now=NOW)

    assert (event.format, event.id, event.type, event.live) == (format_, "event_1", type_, True)
    assert (event.occurred_at, event.created_at, event.sequence, event.send) == (NOW, NOW, None, None)
    assert event.data == (shaped if format_ == "flat" else told["data"])


def test_our_own_format_says_with_types_what_happened_to_whose_mail() -> None:
    body, headers = signed(NATIVE, "standard")
    event = verify(body, headers, SECRET, now=NOW)

    assert event.happening
    assert event.send
    assert event.previous_status
    assert (event.happening.label, event.happening.evidence, event.happening.place) == (
        "Out for delivery", "scanned", NATIVE["data"]["event"]["place"],
    )  # fmt: skip
    assert (event.send.to["email"], event.send.external_id) == ("ann@example.com", "crm-20418")
    assert (event.previous_status.code, event.send.status.code) == ("in_local_area", "out_for_delivery")
    assert event.occurred_at == event.send.status.since == datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)


@formats
def test_another_secret_another_time_and_a_touched_body_are_refused(format_: str) -> None:
    body, headers = signed(BODIES[format_], format_)
    touched = body[:-4] + b"x" + body[-3:]
    for given, secret, now in (
        (body, [signatures.new_secret()], NOW),
        (body, [SECRET], NOW + timedelta(minutes=6)),
        (body, [], NOW),
        (touched, [SECRET], NOW),
    ):
        with pytest.raises(BadSignature):
            verify(given, headers, secret, now=now)


@formats
def test_while_a_secret_is_changed_both_are_taken(format_: str) -> None:
    body, headers = signed(BODIES[format_], format_)
    assert verify(body, headers, [signatures.new_secret(), SECRET], now=NOW).id == BODIES[format_]["id"]


def test_now_is_the_clock_unless_it_is_given() -> None:
    body, headers = signed(NATIVE, "standard", at=datetime.now(UTC))
    assert verify(body, headers, SECRET).id == NATIVE["id"]
    assert Webhook(SECRET).verify(body, headers) == NATIVE  # the published library says the same


@pytest.mark.parametrize("format_", ["standard", "postgrid_json", "postgrid_jwt"])
@pytest.mark.parametrize(
    "body", [{"id": "msg_1"}, {"id": "msg_1", "type": "order.paid", "data": {"total": 3}}, {**NATIVE, "timestamp": 3}]
)
def test_what_somebody_else_signed_with_the_secret_is_no_event(format_: str, body: dict[str, Any]) -> None:
    body = {**body, "createdAt": 7}
    with pytest.raises(BadSignature, match="no event of a hook"):
        verify(*signed(body, format_), SECRET, now=NOW)


@pytest.mark.parametrize("text", ["[1]", '"text"', "{", "3"])
def test_what_is_signed_but_no_object_is_refused(text: str) -> None:
    with pytest.raises(BadSignature, match="no object in JSON"):
        verify(text.encode(), signatures.standard([SECRET], "event_1", NOW, text), SECRET, now=NOW)


@pytest.mark.parametrize("body", [b"", b"{}", b"a.b.c", b"\xff.\xfe.\xfd", b"{.}."])
def test_without_a_signature_nothing_is_believed(body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(body, {}, SECRET, now=NOW)


@formats
def test_a_body_as_text_and_headers_as_pairs_are_taken(format_: str) -> None:
    body, headers = signed(BODIES[format_], format_)
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    for given in (list(headers.items()), pairs):
        assert verify(body.decode(), given, SECRET, now=NOW).id == BODIES[format_]["id"]


@formats
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"body": NATIVE}, "the body must be the bytes of the request as they came, not of type dict"),
        ({"body": None}, "not None"),
        ({"body": "\ud800"}, "the body must be text in UTF-8"),
        ({"headers": None}, "the headers must be texts by name"),
        ({"headers": ["webhook-id"]}, "the headers must be texts by name"),
        ({"headers": {"webhook-signature": ["v1,"]}}, "the headers must be texts by name"),
        ({"secret": ""}, "the secret is empty"),
        ({"secret": " "}, "the secret is empty"),
        ({"secret": None}, "the secret must be a text, or several, not None"),
        ({"secret": b"whsec_x"}, "the secret must be a text, or several, not of type bytes"),
        ({"secret": [SECRET, None]}, "each secret must be a text, not None"),
        ({"secret": "-----BEGIN PUBLIC KEY-----\nxxxx\n-----END PUBLIC KEY-----"}, "secret|signature"),
        ({"secret": "\ud800"}, "the secret must be text in UTF-8"),
    ],
)
def test_what_is_given_by_mistake_is_refused_in_one_line(format_: str, wrong: dict[str, Any], why: str) -> None:
    body, headers = signed(BODIES[format_], format_)
    given: dict[str, Any] = {"body": body, "headers": headers, "secret": SECRET, **wrong}
    with pytest.raises(BadSignature, match=why) as refused:
        verify(given["body"], given["headers"], given["secret"], now=NOW)
    assert "\n" not in str(refused.value)
