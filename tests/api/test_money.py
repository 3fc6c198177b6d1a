"""Prices and deposits over HTTP."""

import httpx

from tests.api.conftest import Clients


async def test_prices_are_put_on_the_list_and_charged(client: httpx.AsyncClient) -> None:
    await client.put("/api/v1/prices", json={"kind": "letter", "cents": 80})
    listed = await client.put("/api/v1/prices", json={"kind": "letter", "cents": 62, "mailing_class": "marketing"})

    assert listed.json()["data"] == [
        {"kind": "letter", "mailing_class": "", "extra_service": "", "cents": 80},
        {"kind": "letter", "mailing_class": "marketing", "extra_service": "", "cents": 62},
    ]
    assert (await client.get("/api/v1/prices")).json() == listed.json()
    for mailing_class, cents in (("first_class", 80), ("marketing", 62)):
        send = {"kind": "letter", "to": {"name": "Ann"}, "mailing_class": mailing_class}
        assert (await client.post("/api/v1/sends", json=send)).json()["cost_cents"] == cents
    refused = await client.put("/api/v1/prices", json={"kind": "parcel", "cents": 1})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "kind")


async def test_a_deposit_counts_once_however_often_it_is_repeated(clients: Clients) -> None:
    client, other, test = await clients("Acme"), await clients("Other"), await clients("Acme", live=False)
    key = {"Idempotency-Key": "deposit-1"}

    answers = [await client.post("/api/v1/balance", json={"cents": 5_000}, headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["balance"] == 5_000
    assert (await client.get("/api/v1/balance")).json() == answers[0].json()
    assert (await other.get("/api/v1/balance")).json()["balance"] == 0
    assert (await test.post("/api/v1/balance", json={"cents": 1})).status_code == 403
