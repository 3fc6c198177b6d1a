"""Every refusal has one shape, one line, and names what is wrong."""

import gzip
import json
from typing import Any

import httpx
import pytest
from litestar import Litestar, get
from structlog.testing import capture_logs

from sendtrail.api.problems import HANDLERS
from sendtrail.domain.roles import Permission
from tests.api.conftest import Clients

LETTER = {"kind": "letter", "to": {"name": "Ann"}}


def error(response: httpx.Response) -> dict[str, Any]:
    """The refusal, whose form is checked."""
    body = response.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["type", "message", "param"]
    assert "\n" not in body["error"]["message"]
    assert response.headers["Content-Type"] == "application/json"
    found: dict[str, Any] = body["error"]
    return found


@pytest.mark.parametrize(
    ("method", "path", "status", "type_"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v2/sends", 404, "not_found"),
        ("GET", "/api/v1/sends/letter_0000000000000", 404, "not_found"),
        ("GET", "/api/v1/sends/../../etc/passwd", 404, "not_found"),
        ("GET", "/api/v1/sends/%00", 404, "not_found"),
        ("GET", "/api/v1/sends/x/events", 404, "not_found"),
        ("GET", "/api/v1/feeds/files/x/rejects", 404, "not_found"),
        ("GET", "/api/v1/feeds/files/file_0000000000000/rejects.csv", 404, "not_found"),
        ("PUT", "/api/v1/sends", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/me", 405, "method_not_allowed"),
        ("GET", "/api/v1/sends/batch", 405, "method_not_allowed"),
    ],
)
async def test_addresses_that_lead_nowhere(
    client: httpx.AsyncClient, method: str, path: str, status: int, type_: str
) -> None:
    response = await client.request(method, path)

    assert response.status_code == status
    assert error(response)["type"] == type_
    assert ("Allow" in response.headers) == (status == 405)


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=-1", "limit"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit=99999999999999999999999999", "limit"),
        ("limit=1&limit=2", "limit"),
        ("colour=red", "colour"),
        ("data=1", "data"),
        ("caller=1", "caller"),
        ("idempotency_key=1", "idempotency_key"),
        ("after=letter_1", "after"),
        ("after=", "after"),
        ("q=%00", "q"),
        ("q=%F0%28%8C%28%00", "q"),
        ("status=lost", "status"),
        ("kind=boat", "kind"),
        ("campaign=Nobody", "campaign"),
        ("sector=letters", "sector"),
        ("start=2026-13-01", "start"),
        ("end=yesterday", "end"),
        ("start=2026-03-03&end=2026-03-02", "start"),
    ],
)
async def test_parameters_that_cannot_be_taken(client: httpx.AsyncClient, query: str, param: str) -> None:
    response = await client.get(f"/api/v1/sends?{query}")

    assert response.status_code == 400
    refusal = error(response)
    assert (refusal["type"], refusal["param"]) == ("invalid_request", param)
    assert param in refusal["message"]


@pytest.mark.parametrize("path", ["sends", "sends/counts", "sends.csv"])
async def test_a_filter_of_sends_that_cannot_be_taken_says_what_would_be_right(
    client: httpx.AsyncClient, path: str
) -> None:
    for query, message in {
        "start=2026-13-01": "start must be a day such as 2026-03-02",
        "kind=boat": "kind must be one of letter, postcard, cheque, self_mailer, gift, egift",
        "sector=x": "sector must be one of all, ",
        "sort=bogus": "sort must be one of ",
    }.items():
        response = await client.get(f"/api/v1/{path}?{query}")

        assert response.status_code == 400
        refusal = error(response)
        assert refusal["message"].startswith(message)
        assert refusal["param"] == query.partition("=")[0]


@pytest.mark.parametrize("path", ["me", "keys", "balance", "mailer_ids", "feeds", "sends/x", "feeds/files/x/rejects"])
async def test_no_address_takes_a_parameter_that_it_does_not_read(client: httpx.AsyncClient, path: str) -> None:
    for name in ("colour", "send_id", "file_id"):
        response = await client.get(f"/api/v1/{path}?{name}=1")

        assert response.status_code == 400
        assert error(response)["param"] == name


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"", None),
        (b'{"kind":"letter"', None),
        (b"null", None),
        (b'{"kind":"letter","to":{"name":"Ann"},"kind":"letter"}', "kind"),
        (b'{"kind":"letter","to":{"name":"Ann","name":"Bob"}}', "to.name"),
        (b'{"kind":"letter","to":{"name":"Ann\\u0000"}}', "to.name"),
        (b'{"kind":"letter","to":{"name":"Ann"},"metadata":{"a":["\\u0000"]}}', "metadata.a.0"),
        ('{"kind":"letter","to":{"name":"José"}}'.encode("latin-1"), None),
        (b'{"kind":"letter","to":{"name":"Ann"},"metadata":' + b'{"a":' * 900 + b"1" + b"}" * 901, None),
        (b'{"kind":"letter","to":{"name":"Ann"},"send_date":"2026-13-01"}', "send_date"),
        (b'{"kind":"letter","to":{"name":"Ann"},"send_date":"1999-01-01"}', "send_date"),
        (b'{"kind":"letter","to":{"name":"Ann"},"imb":"00300912345678000001123456"}', "imb"),
        (b'{"kind":"letter","to":{"name":"Ann"},"imb":"0030091234567800000112345678901x"}', "imb"),
        (b'{"kind":"letter","to":{"name":"Ann"},"cost_cents":100000000000000000000}', "cost_cents"),
        (b'{"kind":"letter","to":{"name":"Ann"},"cost_cents":-1}', "cost_cents"),
        (b'{"kind":"letter","to":{"name":"Ann"},"cost_cents":"5"}', "cost_cents"),
        (b'{"kind":"letter","to":{"name":"Ann"},"colour":"red"}', "colour"),
        (b'{"kind":"letter","to":{"name":"Ann","colour":"red"}}', "to.colour"),
        (b'{"kind":"letter","to":{"name":"Ann"},"campaign":"Nobody"}', "campaign"),
        (b'{"kind":"letter","to":{"name":"' + b"x" * 501 + b'"}}', "to.name"),
        (b'{"kind":"letter","to":{}}', "to"),
    ],
)
async def test_sends_that_cannot_be_taken(client: httpx.AsyncClient, body: bytes, param: str | None) -> None:
    response = await client.post("/api/v1/sends", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    refusal = error(response)
    assert refusal["type"] == "invalid_request"
    assert refusal["param"] == param or not param
    assert (await client.get("/api/v1/sends")).json()["data"] == []


async def test_a_body_is_json_and_says_so(client: httpx.AsyncClient) -> None:
    for media_type in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        response = await client.post("/api/v1/sends", content=b"a=b", headers={"Content-Type": media_type})
        assert response.status_code == 415
        assert error(response)["type"] == "unsupported_media_type"

    for headers in ({"Content-Type": "application/json; charset=utf-8"}, {"Content-Type": "Application/JSON"}, {}):
        response = await client.post("/api/v1/sends", content=json.dumps(LETTER), headers=headers)
        assert response.status_code == 201


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_has_a_limit(client: httpx.AsyncClient, chunked: bool) -> None:
    body = json.dumps({**LETTER, "metadata": {"a": "x" * (1 << 20)}}).encode()

    async def chunks() -> Any:
        for start in range(0, len(body), 1 << 16):
            yield body[start : start + (1 << 16)]

    content: Any = chunks() if chunked else body
    response = await client.post("/api/v1/sends", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == 413
    assert (error(response)["type"], error(response)["message"]) == (
        "too_large",
        "the body is larger than the 1,048,576 bytes that this address takes at most",
    )


async def test_without_a_key_nothing_is_told(clients: Clients) -> None:
    stranger = await clients(None)
    paths = ["me", "sends", "sends/letter_0000000000000", "keys", "balance", "reports/summary", "feeds/files"]

    for headers in (
        {},
        {"Authorization": "Bearer st_live_0000"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "nonsense"},
        {"X-API-Key": "st_live_0000"},
        {"X-API-Key": "\xe9\xff"},
    ):
        for path in paths:
            raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
            response = await stranger.get(f"/api/v1/{path}?nonsense=1", headers=raw)
            assert response.status_code == 401
            assert error(response)["type"] == "unauthorized"
            assert response.headers["WWW-Authenticate"].startswith("Bearer")


async def test_either_header_carries_the_key(clients: Clients) -> None:
    client = await clients("Acme", live=False)
    _, key = client.headers.pop("Authorization").split()

    for headers in ({"Authorization": f"bearer  {key} "}, {"X-API-Key": key}):
        response = await client.get("/api/v1/me", headers=headers)
        told = response.json()
        assert told["organization"].pop("id").startswith("organization_")
        assert told == {
            "organization": {
                "name": "Acme",
                "time_zone": "America/New_York",
                "currency": "USD",
                "support_contact": "",
            },
            "mode": "test",
            "label": "Acme (test)",
            "rights": dict.fromkeys(Permission, "organization"),
            "clients": [],
        }


async def test_what_nobody_expected_is_logged_under_a_number_and_tells_nothing() -> None:
    @get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError("the password is swordfish")

    app = Litestar([broken], exception_handlers=HANDLERS, logging_config=None)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]  # httpx types it loosely
    async with httpx.AsyncClient(transport=transport, base_url="http://sendtrail.test") as client:
        with capture_logs() as logged:
            response = await client.get("/api/v1/broken")

    assert response.status_code == 500
    refusal = error(response)
    assert refusal["type"] == "internal"
    assert "swordfish" not in response.text
    (event,) = logged
    assert refusal["message"].endswith(f"under request {event['request']}")
    assert (event["method"], event["path"], str(event["exc_info"])) == (
        "GET",
        "/api/v1/broken",
        "the password is swordfish",
    )


async def test_compressed_json_is_not_mistaken_for_json(client: httpx.AsyncClient) -> None:
    body = gzip.compress(json.dumps(LETTER).encode())

    response = await client.post("/api/v1/sends", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert "UTF-8" in error(response)["message"]
