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
    left = await client.delete("/api/v1/prices?kind=letter&mailing_class=marketing")
    assert (left.status_code, left.json()["data"]) == (200, listed.json()["data"][:1])
    again = await client.delete("/api/v1/prices?kind=letter&mailing_class=marketing")
    assert (again.status_code, again.json()["error"]["param"]) == (404, "kind")


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


async def test_the_ledger_is_listed_entry_by_entry(clients: Clients) -> None:
    client, other, test = await clients("Acme"), await clients("Other"), await clients("Acme", live=False)
    await client.post("/api/v1/balance", json={"cents": 5_000, "note": "Transfer 1"})
    await client.post("/api/v1/adjustments", json={"cents": -100, "note": "Bank fee"})
    letter = {"kind": "letter", "to": {"name": "Ann"}, "cost_cents": 75}
    sent = [(await client.post("/api/v1/sends", json=letter)).json()["id"] for _ in range(3)]
    assert (await client.post(f"/api/v1/sends/{sent[0]}/cancel", json={})).status_code == 200

    first = (await client.get("/api/v1/ledger?limit=4")).json()
    rest = (await client.get(f"/api/v1/ledger?limit=4&after={first['next']}")).json()
    entries = first["data"] + rest["data"]
    assert [(each["type"], each["cents"]) for each in entries] == [
        ("refund", 75),
        *[("charge", -75)] * 3,
        ("adjustment", -100),
        ("deposit", 5_000),
    ]
    assert rest["next"] is None
    assert (entries[0]["send"], entries[0]["reason"], entries[0]["funding_source"]["name"]) == (
        sent[0],
        "Cancelled",
        "Main account",
    )
    of_send = (await client.get(f"/api/v1/ledger?send={sent[0]}")).json()["data"]
    assert [each["id"] for each in of_send] == [entries[0]["id"], entries[3]["id"]]
    assert len((await client.get("/api/v1/ledger?type=charge&campaign=none")).json()["data"]) == 3
    statement = (await client.get("/api/v1/statement")).json()
    assert (statement["opening"], statement["closing"]) == (0, 4_750)
    assert (await client.get("/api/v1/balance")).json()["balance"] == 4_750
    assert len((await client.get("/api/v1/statement.csv")).text.splitlines()) == 7
    for stranger in (other, test):
        assert (await stranger.get("/api/v1/ledger")).json()["data"] == []
        assert (await stranger.get(f"/api/v1/ledger?after={first['next']}")).status_code in (200, 400)
    wrong = ("type=gift", "campaign=Winter", "team=None", "funding_source=x", "after=x", "start=2026-13-01", "send=x")
    for query in wrong:
        assert (await client.get(f"/api/v1/ledger?{query}")).status_code == 400, query
    assert (await client.post("/api/v1/adjustments", json={"cents": 5, "note": " "})).json()["error"]["param"] == "note"


async def test_sources_refuse_what_they_cannot_pay_for(client: httpx.AsyncClient) -> None:
    opened = (await client.post("/api/v1/funding_sources", json={"name": "Gifts", "never_below_zero": True})).json()
    taken = await client.post("/api/v1/funding_sources", json={"name": "gifts"})
    assert (taken.status_code, taken.json()["error"]["param"]) == (409, "name")
    await client.post("/api/v1/balance", json={"cents": 4_000, "funding_source": "Gifts"})
    gift = {"kind": "gift", "to": {"name": "Ann"}, "cost_cents": 4_000, "funding_source": opened["id"]}

    batch = (await client.post("/api/v1/sends/batch", json={"sends": [gift, gift]})).json()
    assert (batch["created"], batch["refused"]) == (1, 1)
    assert batch["data"][0]["funding_source"] == {"id": opened["id"], "name": "Gifts"}
    assert batch["data"][1]["error"]["type"] == "insufficient_funds"
    refused = await client.post("/api/v1/sends", json=gift)
    assert (refused.status_code, refused.json()["error"]["param"]) == (402, "funding_source")

    path = f"/api/v1/funding_sources/{opened['id']}"
    assert (await client.patch(path, json={"never_below_zero": False})).json()["never_below_zero"] is False
    assert (await client.post("/api/v1/sends", json=gift)).status_code == 201
    assert (await client.post(f"{path}/close")).json()["balance"] == -4_000
    assert (await client.post("/api/v1/sends", json=gift)).json()["error"]["param"] == "funding_source"
    assert [each["name"] for each in (await client.get("/api/v1/funding_sources")).json()["data"]] == [
        "Main account",
        "Gifts",
    ]


async def test_budgets_are_set_shown_and_removed(client: httpx.AsyncClient) -> None:
    letter = {"kind": "letter", "to": {"name": "Ann"}, "cost_cents": 75}
    await client.post("/api/v1/sends", json=letter)
    put = await client.put("/api/v1/budgets", json={"period": "year", "cents": 100, "strict": True})
    assert (put.status_code, put.json()["spent"], put.json()["left"]) == (200, 75, 25)
    refused = await client.post("/api/v1/sends", json=letter)
    assert (refused.status_code, refused.json()["error"]["type"]) == (402, "insufficient_funds")
    assert (await client.get("/api/v1/budgets")).json()["data"] == [put.json()]
    assert (await client.delete(f"/api/v1/budgets/{put.json()['id']}")).status_code == 204
    assert (await client.post("/api/v1/sends", json=letter)).status_code == 201
