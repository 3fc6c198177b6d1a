"""What is signed verifies, here and with the libraries of others; what was touched does not."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from sendtrail.domain.problems import Invalid
from sendtrail.domain.signatures import (
    BadSignature,
    checked_secret,
    new_secret,
    postgrid_json,
    postgrid_jwt,
    standard,
    verify_postgrid_json,
    verify_postgrid_jwt,
    verify_standard,
)

NOW = datetime(2026, 11, 20, 15, 4, 5, 678000, UTC)
SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
PLAIN = "twenty characters and some"
BODY = '{"id":"event_1","type":"send.delivered","data":{"to":"Zoë"}}'
texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts, st.lists(st.binary(min_size=24, max_size=64), min_size=1, max_size=3))
def test_each_secret_of_a_rotation_verifies_what_was_signed_with_all(body: str, keys: list[bytes]) -> None:
    secrets = [new_secret() for _ in keys]
    headers = standard(secrets, "event_1", NOW, body)
    for secret in secrets:
        verify_standard(secret, headers, body.encode(), NOW)
    with pytest.raises(BadSignature):
        verify_standard(new_secret(), headers, body.encode(), NOW)


def test_standard_headers_are_those_of_the_published_library() -> None:
    now = datetime.now(UTC)
    headers = standard([new_secret(), SECRET], "event_1", now, BODY)
    assert Webhook(SECRET).verify(BODY, headers) == json.loads(BODY)
    assert headers["webhook-timestamp"] == str(int(now.timestamp()))
    svix = {name.replace("webhook-", "svix-"): value for name, value in headers.items()}
    verify_standard(SECRET, svix, BODY.encode(), now)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "event_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": "1795187046"},
        {"webhook-timestamp": "12e3"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,ü"},
        {"webhook-signature": "v1a,abc"},
    ],
)
def test_a_touched_header_no_longer_verifies(change: dict[str, str]) -> None:
    headers = standard([SECRET], "event_1", NOW, BODY)
    with pytest.raises(BadSignature):
        verify_standard(SECRET, headers | change, BODY.encode(), NOW)


@pytest.mark.parametrize("body", [BODY.encode() + b" ", b"", b"\xff\xfe"])
def test_a_touched_body_no_longer_verifies_in_any_way(body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify_standard(SECRET, standard([SECRET], "event_1", NOW, BODY), body, NOW)
    with pytest.raises(BadSignature):
        verify_postgrid_json(PLAIN, postgrid_json(PLAIN, NOW, BODY)["PostGrid-Signature"], body, NOW)
    with pytest.raises(BadSignature):
        verify_postgrid_jwt(PLAIN, postgrid_jwt(PLAIN, NOW, BODY).encode() + body + b"x", NOW)


@pytest.mark.parametrize("away", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_what_is_old_or_from_the_future_is_refused(away: timedelta) -> None:
    with pytest.raises(BadSignature, match="5 minutes"):
        verify_standard(SECRET, standard([SECRET], "event_1", NOW, BODY), BODY.encode(), NOW + away)
    with pytest.raises(BadSignature, match="5 minutes"):
        verify_postgrid_json(PLAIN, postgrid_json(PLAIN, NOW, BODY)["PostGrid-Signature"], BODY.encode(), NOW + away)
    with pytest.raises(BadSignature, match="5 minutes"):
        verify_postgrid_jwt(PLAIN, postgrid_jwt(PLAIN, NOW, BODY).encode(), NOW + away)


@pytest.mark.parametrize("time", ["1795187045678", "1795187045"])
def test_the_time_of_postgrids_header_may_be_in_milliseconds_or_seconds(time: str) -> None:
    digest = hmac.new(PLAIN.encode(), f"{time}.{BODY}".encode(), hashlib.sha256).hexdigest()
    verify_postgrid_json(PLAIN, f"t={time},v1={digest}", BODY.encode(), NOW)
    verify_postgrid_json(PLAIN, f"t={time}, v1=beef, v1={digest.upper()}", BODY.encode(), NOW)


def test_our_header_of_postgrids_format_is_as_its_guide_has_it() -> None:
    digest = hmac.new(PLAIN.encode(), f"1795187045678.{BODY}".encode(), hashlib.sha256).hexdigest()
    assert postgrid_json(PLAIN, NOW, BODY) == {"PostGrid-Signature": f"t=1795187045678,v1={digest}"}


@pytest.mark.parametrize("header", ["", "t=1", "v1=ab", "t=x,v1=ab", "t==,,v1", "t=1795187045678,v1=é"])
def test_a_header_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(BadSignature):
        verify_postgrid_json(PLAIN, header, BODY.encode(), NOW)


def test_a_token_says_what_the_body_did_to_us_and_to_the_published_library() -> None:
    token = postgrid_jwt(PLAIN[:20], datetime.now(UTC), BODY)
    assert verify_postgrid_jwt(PLAIN[:20], token.encode(), datetime.now(UTC)) == json.loads(BODY)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        claims = jwt.decode(token, PLAIN[:20], algorithms=["HS256"])
    assert claims["id"] == "event_1"
    assert claims["exp"] > claims["iat"]


def test_a_token_without_signature_or_time_is_refused() -> None:
    for token in (
        jwt.encode(json.loads(BODY) | {"iat": int(NOW.timestamp())}, "", algorithm="none"),
        jwt.encode(json.loads(BODY) | {"iat": int(NOW.timestamp())}, "p" * 64, algorithm="HS512"),
        jwt.encode(json.loads(BODY), "p" * 64, algorithm="HS256"),
        jwt.encode(json.loads(BODY) | {"iat": "soon"}, "p" * 64, algorithm="HS256"),
        "e30.e30.e30",
        "",
    ):
        with pytest.raises(BadSignature):
            verify_postgrid_jwt("p" * 64, token.encode(), NOW)


def test_secrets_are_long_enough_or_refused() -> None:
    assert checked_secret(new_secret(), standard=True)
    assert checked_secret(new_secret(), standard=False)
    assert checked_secret(PLAIN, standard=False) == PLAIN
    for secret in ("", PLAIN, "whsec_", "whsec_QUJD", "whsec_*" + "A" * 50, "whsec_" + "é" * 40, SECRET * 3):
        with pytest.raises(Invalid, match="secret") as refused:
            checked_secret(secret, standard=True)
        assert refused.value.param == "secret"
    for secret in ("", "a b c d e f g h i j k l", "twenty characters\n and some", "x" * 201):
        with pytest.raises(Invalid, match="secret"):
            checked_secret(secret, standard=False)
