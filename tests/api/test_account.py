"""What belongs to the organization of a key."""

import httpx

from sendtrail.services import accounts, api_keys, money
from sendtrail.services.context import Context
from tests.api.conftest import Clients


async def test_mailer_ids_are_registered_once_and_listed(clients: Clients) -> None:
    client, other = await clients("Acme"), await clients("Other")

    added = await client.post("/api/v1/mailer_ids", json={"mid": "912345678", "first_serial": 5, "last_serial": 9})

    assert added.status_code == 201
    assert (
        added.json().items()
        >= {
            "mid": "912345678",
            "live": True,
            "first_serial": 5,
            "last_serial": 9,
            "next_serial": 5,
        }.items()
    )
    assert added.json()["id"].startswith("mailer_id_")
    assert (await client.get("/api/v1/mailer_ids")).json() == {"data": [added.json()], "next": None}
    taken = await other.post("/api/v1/mailer_ids", json={"mid": "912345678"})
    assert (taken.status_code, taken.json()["error"]["type"], taken.json()["error"]["param"]) == (
        409,
        "conflict",
        "mid",
    )
    assert "Acme" not in taken.text
    assert (await other.get("/api/v1/mailer_ids")).json()["data"] == []
    address = f"/api/v1/mailer_ids/{added.json()['id']}"
    assert (await other.delete(address)).status_code == 404
    assert (await client.delete(address)).status_code == 204
    assert (await client.get("/api/v1/mailer_ids")).json()["data"] == []


async def test_keys_are_listed_without_their_secrets_and_by_mode(clients: Clients) -> None:
    live, test = await clients("Acme"), await clients("Acme", live=False)

    for client in (live, test):
        _, key = client.headers["Authorization"].split()
        response = await client.get("/api/v1/keys")
        (listed,) = response.json()["data"]
        assert key.startswith(listed["hint"])
        assert key not in response.text
        assert listed["live"] == (client is live)


async def test_a_revoked_key_opens_nothing_from_then_on(client: httpx.AsyncClient, context: Context) -> None:
    (listed,) = (await client.get("/api/v1/keys")).json()["data"]

    await api_keys.revoke_key(context, await accounts.scope_of_organization(context, "Acme", True), listed["id"])

    assert (await client.get("/api/v1/me")).status_code == 401


async def test_the_balance_and_reports_tell_the_same_money(clients: Clients, context: Context) -> None:
    client, test = await clients("Acme"), await clients("Acme", live=False)
    scope = await accounts.scope_of_organization(context, "Acme", True)
    await money.set_price(context, scope, "letter", 75)
    await money.deposit(context, scope, 1_000)
    for each in (client, test):
        await each.post("/api/v1/sends", json={"kind": "letter", "to": {"name": "Ann"}, "send_date": "2026-03-02"})

    period = "start=2026-03-01&end=2026-03-31"
    summary = (await client.get(f"/api/v1/reports/summary?{period}&sector=single")).json()

    told = (await client.get("/api/v1/balance")).json()
    (fund,) = told.pop("funds")
    assert told == {"balance": 925, "deposited": 1_000, "spent": 75, "currency": "USD"}
    assert (fund["name"], fund["main"], fund["balance"]) == ("Main account", True, 925)
    assert summary == {
        "start": "2026-03-01",
        "end": "2026-03-31",
        "sector": "single",
        "total": 1,
        "received": 1,
        "producing": 0,
        "handed_over": 0,
        "in_transit": 0,
        "local_delivery": 0,
        "delivered": 0,
        "returned": 0,
        "cancelled": 0,
        "spent": 75,
        "balance": 925,
        "currency": "USD",
    }
    timeline = (await client.get(f"/api/v1/reports/timeline?{period}")).json()
    assert len(timeline["data"]) == 31
    assert [day["day"] for day in timeline["data"] if day["total"]] == ["2026-03-02"]
    assert (await test.get("/api/v1/balance")).json()["balance"] == 0
