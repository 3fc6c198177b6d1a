"""Webhooks of other vendors by HTTP: theirs are taken, whoever else's are neither kept nor read."""

import base64
import hashlib
import hmac
import json
import time
import unicodedata
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sendtrail.domain import signatures
from sendtrail.services.context import Context
from tests.api.conftest import Clients
from tests.api.test_feeds import archived
from tests.feeds.vendors import saying
from tests.feeds.vendors.saying import checkpoint, detail, tracked

SECRET = "a-long-shared-secret-ﬁve"
PLAIN = "a-long-shared-secret"
"""As a header has it."""
WHSEC = signatures.new_secret()
LOB = saying.lob("letter.in_transit", tracked("In Transit", "2026-03-03T10:00:00Z"))
SENDOSO = {"send_gid": "g-1", "status_changed_at": "2026-03-04T08:00:00Z"}


def mac(secret: str, text: bytes) -> bytes:
    return hmac.new(secret.encode(), text, hashlib.sha256).digest()


def signed(way: str, body: bytes, secret: str = SECRET, at: float = 0) -> tuple[bytes, dict[str, str]]:
    """A body and its headers as a vendor signs them; `at`: seconds from now."""
    now = datetime.fromtimestamp(time.time() + at, UTC)
    ms = str(int(now.timestamp() * 1000))
    match way:
        case "lob":
            return body, {"Lob-Signature-Timestamp": ms, "Lob-Signature": mac(secret, f"{ms}.".encode() + body).hex()}
        case "postgrid":
            return body, signatures.postgrid_json(secret, now, body.decode())
        case "postgrid jwt":
            return signatures.postgrid_jwt(secret, now, body.decode()).encode(), {"Content-Type": "text/plain"}
        case "stannp":
            return body, {"X-Stannp-Signature": mac(secret, body).hex()}
        case "stannp base64":
            return body, {"X-Stannp-Sigature": base64.b64encode(mac(secret, body)).decode()}
        case "sendoso":
            headers = signatures.standard([WHSEC if secret == SECRET else secret], "msg_1", now, body.decode())
            return body, {name.replace("webhook", "svix"): value for name, value in headers.items()}
        case "easypost":
            digest = mac(unicodedata.normalize("NFKD", secret), body).hex()
            return body, {"X-Hmac-Signature": f"hmac-sha256-hex={digest}"}
        case "aftership":
            return body, {"aftership-hmac-sha256": base64.b64encode(mac(secret, body)).decode()}
        case "karrio":
            return body, {"X-Event-Id": PLAIN if secret == SECRET else secret}
    raise AssertionError(way)


MESSAGES: list[tuple[str, str, object]] = [
    ("lob", "/lob", LOB),
    ("postgrid", "/postgrid", saying.postgrid("letter.created", status="ready")),
    ("postgrid jwt", "/postgrid", saying.postgrid("letter.created", status="printing")),
    ("stannp", "/stannp", saying.stannp({"id": 1, "status": "dispatched"})),
    ("stannp base64", "/stannp", saying.stannp({"id": 1, "status": "returned"})),
    ("sendoso", "/sendoso/shipped", SENDOSO),
    ("easypost", "/easypost", saying.easypost(detail("delivered", "2026-03-05T10:00:00Z"))),
    ("aftership", "/aftership", saying.aftership(checkpoint("Delivered", "2026-03-05T10:00:00"))),
    ("karrio", "/karrio", saying.karrio({"date": "2026-03-04", "time": "09:10", "status": "delivered"})),
]


async def credentials(client: httpx.AsyncClient, vendor: str, secret: str = SECRET) -> dict[str, Any]:
    given = {"sendoso": WHSEC, "karrio": PLAIN}.get(vendor, SECRET) if secret == SECRET else secret
    answer = await client.post("/api/v1/feeds", json={"name": vendor, "vendor": vendor, "secret": given})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def post(
    client: httpx.AsyncClient, path: str, body: object, headers: dict[str, str] | None = None, **options: Any
) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    stranger = {"Authorization": ""} if "auth" not in options else {}
    return await client.post(f"/feeds/vendors{path}", content=content, headers=stranger | (headers or {}), **options)


@pytest.mark.parametrize(("way", "path", "message"), MESSAGES, ids=[way for way, _, _ in MESSAGES])
async def test_a_signature_alone_says_whose_a_message_is(
    client: httpx.AsyncClient, clients: Clients, context: Context, way: str, path: str, message: object
) -> None:
    vendor = way.partition(" ")[0]
    await credentials(client, vendor)
    await credentials(await clients("Other"), vendor, signatures.new_secret() if vendor == "sendoso" else "another one")
    content = json.dumps(message).encode()

    taken = await post(client, path, *signed(way, content))
    forged, headers = signed(
        way, content, "another secret that nobody has" if vendor != "sendoso" else signatures.new_secret()
    )
    refused = [
        await post(client, path, forged, headers),
        await post(client, path, content),
        *(
            []
            if way.startswith(("postgrid jwt", "karrio"))
            else [await post(client, path, content + b" ", signed(way, content)[1])]
        ),
        *(
            [await post(client, path, *signed(way, content, at=-900))]
            if vendor in ("lob", "postgrid", "sendoso")
            else []
        ),
    ]

    assert (taken.status_code, taken.json()["new"] + taken.json()["unmatched"]) == (200, 1), taken.text
    assert [answer.status_code for answer in refused] == [401] * len(refused)
    assert len(archived(context)) == 1
    (file,) = (await client.get("/api/v1/feeds/files")).json()["data"]
    assert (file["id"], file["feed"], file["source"]) == (taken.json()["file"], vendor, "push")


async def test_a_token_or_basic_credentials_say_whose_it_is(client: httpx.AsyncClient, context: Context) -> None:
    made = await credentials(client, "postalytics", "")
    body = saying.postalytics(6)

    unnamed = await post(client, "/postalytics", body)
    wrong = await post(client, "/postalytics", body, params={"token": "x" * 48})
    named = await post(client, "/postalytics/postcard", body, params={"token": made["password"]})
    again = await post(client, "/postalytics/postcard", body, auth=(made["username"], made["password"]))
    elsewhere = await post(client, "/lob", LOB, params={"token": made["password"]})
    scans = await client.post("/feeds/iv-mtr", content=b"{}", auth=(made["username"], made["password"]))

    assert [each.status_code for each in (unnamed, wrong, named, again, elsewhere, scans)] == [
        401,
        401,
        200,
        200,
        401,
        401,
    ]
    assert (named.json()["new"], again.json()["new"], again.json()["duplicate"]) == (1, 0, 1)
    (send,) = (await client.get("/api/v1/sends?q=ann@example.com")).json()["data"]
    assert (send["kind"], send["vendor"], send["vendor_id"]) == ("postcard", "postalytics", "77110")
    assert send["vocabularies"]["postalytics"]["code"] == 6
    assert send["metadata"] == {"hubspot_id": "551"}


async def test_credentials_with_a_secret_take_nothing_unsigned(client: httpx.AsyncClient) -> None:
    made = await credentials(client, "lob", "")
    token = {"token": made["password"]}

    before = await post(client, "/lob", LOB, params=token)
    changed = await client.patch(f"/api/v1/feeds/{made['id']}", json={"secret": SECRET})
    unsigned = await post(client, "/lob", LOB, params=token)
    body, headers = signed("lob", json.dumps(LOB).encode())
    verified = await post(client, "/lob", body, headers, params=token)

    assert (changed.status_code, changed.json()["signed"]) == (200, True)
    assert SECRET not in (await client.get("/api/v1/feeds")).text
    assert [each.status_code for each in (before, unsigned, verified)] == [200, 401, 200]
    assert unsigned.json()["error"]["message"] == "Lob-Signature-Timestamp must be a time"


async def test_any_of_several_secrets_verifies(client: httpx.AsyncClient) -> None:
    secrets = [signatures.new_secret() for _ in range(28)]
    made = await credentials(client, "sendoso", "")
    given = [
        await client.patch(f"/api/v1/feeds/{made['id']}", json={"secret": secret})
        for secret in (secrets, "\r\n".join(secrets))
    ]

    answers = []
    for n, (type_, secret) in enumerate((("shipped", secrets[0]), ("delivered", secrets[27]), ("opened", WHSEC))):
        told = {"send_gid": f"g-{n}", "status_changed_at": "2026-03-04T08:00:00Z"}
        content, headers = signed("sendoso", json.dumps(told).encode(), secret)
        answers.append(await post(client, f"/sendoso/{type_}", content, headers))
        answers.append(await post(client, f"/sendoso/{type_}", content, headers, params={"token": made["password"]}))

    assert [each.json()["signed"] for each in given] == [True, True]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 401, 401]


async def test_a_secret_of_both_modes_needs_the_token(client: httpx.AsyncClient, clients: Clients) -> None:
    await credentials(client, "lob")
    await credentials(await clients(live=False), "lob")
    body, headers = signed("lob", json.dumps(LOB).encode())

    unclear = await post(client, "/lob", body, headers)

    assert unclear.json()["error"]["message"] == (
        "the credentials of test and of live mode have this secret: put ?token= and the password of one after it"
    )


async def test_a_secret_that_two_organizations_share_needs_the_token(
    client: httpx.AsyncClient, clients: Clients
) -> None:
    other = await clients("Other")
    await credentials(client, "karrio")
    made = await credentials(other, "karrio")
    body, headers = signed("karrio", json.dumps(MESSAGES[-1][2]).encode())

    unclear = await post(client, "/karrio", body, headers)
    clear = await post(client, "/karrio", body, headers, params={"token": made["password"]})

    assert (unclear.status_code, clear.status_code) == (401, 200)
    assert "?token=" in unclear.json()["error"]["message"]
    assert (await client.get("/api/v1/feeds/unmatched")).json()["data"] == []
    (waiting,) = (await other.get("/api/v1/feeds/unmatched")).json()["data"]
    assert (waiting["send"], waiting["code"], waiting["imb"]) == (saying.PARCEL, "delivered", "")


async def test_what_is_refused_after_its_signature_is_kept_with_its_reason(client: httpx.AsyncClient) -> None:
    made = await credentials(client, "sendoso")
    reasons = []
    for path, body in (
        ("/sendoso", SENDOSO),
        ("/sendoso/teleported", SENDOSO | {"n": 1}),
        ("/sendoso/shipped", b"{"),
        ("/sendoso/shipped", b"[1]"),
        ("/sendoso/shipped", {"send_gid": "g-2", "status_changed_at": "2031-01-01T00:00:00Z"}),
    ):
        content, headers = signed("sendoso", body if isinstance(body, bytes) else json.dumps(body).encode())
        answer = await post(client, path, content, headers, params={"token": made["password"]})
        assert (answer.status_code, answer.json()["rejected"]) == (200, 1), answer.text
        rejects = (await client.get(f"/api/v1/feeds/files/{answer.json()['file']}/rejects")).json()["data"]
        reasons += [reject["reason"] for reject in rejects]

    assert reasons[0].startswith("the address does not say what happened; it must end in one of amazon_fulfilling, ")
    assert reasons[1].startswith('the address ends in "teleported"; ')
    assert reasons[2:4] == ["the body must be a JSON object"] * 2
    assert reasons[4].endswith("is more than 24 hours in the future")


async def test_no_address_of_another_shape_is_answered(client: httpx.AsyncClient, context: Context) -> None:
    made = await credentials(client, "lob", "")
    token = {"token": made["password"]}

    answers = [
        await post(client, "/fedex", LOB, params=token),
        await post(client, "/lob/created", LOB, params=token),
        await post(client, "/postalytics/csv", saying.postalytics(), params=token),
        await post(client, "/sendoso/csv.gift", SENDOSO, params=token),
        await post(client, "/lob", LOB, params=token | {"mode": "live"}),
        await post(client, "/lob", b"", params=token),
        await post(client, "/lob", b"x" * (1 << 20 | 1), params=token),
        await post(client, "/lob", LOB, auth=("a\0b", "c")),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404, 400, 400, 413, 401]
    assert archived(context) == []


async def test_stannp_s_trial_of_an_address_is_answered_and_kept_nowhere(
    client: httpx.AsyncClient, context: Context
) -> None:
    trial = {"webhook_id": 0, "event": "test_url", "created": "2026-03-04 08:00:00", "retries": 0}
    made = await credentials(client, "stannp")

    answers = [
        await post(client, "/stannp", trial),
        await post(client, "/stannp", trial, params={"token": made["password"]}),
    ]

    assert [(answer.status_code, answer.json()["file"]) for answer in answers] == [(200, "")] * 2
    assert archived(context) == []


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"name": "x", "vendor": "fedex"}, "vendor"),
        ({"name": "x", "secret": "s"}, "secret"),
        ({"name": "x", "vendor": "postalytics", "secret": "s"}, "secret"),
        ({"name": "x", "vendor": "lob", "secret": "a\u0000b"}, "secret"),
        ({"name": "x", "vendor": "lob", "secret": "s" * 201}, "secret"),
        ({"name": "x", "vendor": "lob", "secret": "seven77"}, "secret"),
        ({"name": "x", "vendor": "lob", "secret": ["long enough", "short"]}, "secret"),
        ({"name": "x", "vendor": "lob", "secret": [f"secret {n:04}" for n in range(51)]}, "secret"),
        ({"name": "x", "vendor": "sendoso", "secret": "whsec_short"}, "secret"),
    ],
)
async def test_credentials_for_no_vendor_or_with_no_good_secret_are_refused(
    client: httpx.AsyncClient, body: dict[str, object], param: str
) -> None:
    answer = await client.post("/api/v1/feeds", json=body)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_a_send_says_what_it_is_called_elsewhere_and_is_no_other_s(client: httpx.AsyncClient) -> None:
    letter = {"kind": "letter", "to": {"name": "Ann"}, "vendor": "lob", "vendor_id": "ltr_1"}

    answers = [
        await client.post("/api/v1/sends", json=letter),
        await client.post("/api/v1/sends", json=letter),
        await client.post("/api/v1/sends", json=letter | {"vendor_id": ""}),
        await client.post("/api/v1/sends", json=letter | {"vendor": "fedex"}),
    ]

    assert [answer.status_code for answer in answers] == [201, 409, 400, 400]
    assert [answer.json()["error"]["param"] for answer in answers[1:]] == ["vendor_id", "vendor", "vendor"]
    assert (answers[0].json()["vendor"], answers[0].json()["vendor_id"]) == ("lob", "ltr_1")
    found = (await client.get("/api/v1/sends?q=ltr_1")).json()["data"]
    assert [send["id"] for send in found] == [answers[0].json()["id"]]
    header, line = (await client.get("/api/v1/sends.csv")).text.splitlines()
    assert (header.rpartition(",lob,")[2], line.rpartition(",created,")[2]) == ("vendor,vendor_id", "lob,ltr_1")


async def test_test_and_live_never_mix(client: httpx.AsyncClient, clients: Clients) -> None:
    rehearsing = await clients(live=False)
    made = await credentials(rehearsing, "postgrid", "")
    event = saying.postgrid("letter.created", status="ready")

    live = await post(client, "/postgrid", event, params={"token": made["password"]})
    test = await post(client, "/postgrid", event | {"live": False, "id": "event_2"}, params={"token": made["password"]})

    assert (live.json()["rejected"], test.json()["new"]) == (1, 1)
    assert len((await rehearsing.get("/api/v1/sends")).json()["data"]) == 1
    assert (await client.get("/api/v1/sends")).json()["data"] == []
