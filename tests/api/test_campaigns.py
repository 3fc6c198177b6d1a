"""Campaigns by the API."""

from datetime import timedelta

import httpx

from sendtrail.services import histories
from sendtrail.services.context import Context
from tests.api.conftest import Clients


async def test_campaigns_are_made_and_listed(client: httpx.AsyncClient) -> None:
    spring = (await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})).json()
    basket = (await client.post("/api/v1/campaigns", json={"name": "Basket", "type": "triggered"})).json()

    async def names(query: str) -> list[str]:
        return [each["name"] for each in (await client.get(f"/api/v1/campaigns{query}")).json()["data"]]

    assert await names("") == ["Basket", "Spring"]
    first = (await client.get("/api/v1/campaigns?limit=1")).json()
    assert first["data"][0].items() >= basket.items()
    second = (await client.get(f"/api/v1/campaigns?limit=1&after={first['next']}")).json()
    assert second["data"][0].items() >= spring.items()
    assert second["next"] is None
    assert await names("?q=PRIN") == ["Spring"]
    assert await names("?type=triggered") == ["Basket"]
    again = await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})
    assert (again.status_code, again.json()["error"]["param"]) == (409, "name")


async def test_a_campaign_tells_its_totals_to_its_own_organization(clients: Clients) -> None:
    client, other, test = await clients("Acme"), await clients("Other"), await clients("Acme", live=False)
    spring = (await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})).json()
    letter = {
        "kind": "letter",
        "to": {"name": "Ann"},
        "campaign": "Spring",
        "cost_cents": 70,
        "send_date": "2026-03-02",
    }
    for _ in range(2):
        await client.post("/api/v1/sends", json=letter)

    address = f"/api/v1/campaigns/{spring['id']}"
    answer = (await client.get(address)).json()

    numbers = dict.fromkeys(
        ("producing", "handed_over", "in_transit", "local_delivery", "delivered", "returned", "cancelled"), 0
    ) | {"total": 2, "received": 2}
    assert answer == {
        **spring,
        **numbers,
        "first_day": "2026-03-02",
        "last_day": "2026-03-02",
        "spent": 140,
        "currency": "USD",
        "kinds": [{"kind": "letter", **numbers}],
    }
    for stranger, where in ((other, address), (test, address), (client, "/api/v1/campaigns/campaign_x")):
        refused = await stranger.get(where)
        assert (refused.status_code, refused.json()["error"]["param"]) == (404, "id")


async def test_a_campaign_tells_how_its_days_went(clients: Clients, context: Context) -> None:
    client, other = await clients("Acme"), await clients("Other")
    spring = (await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})).json()
    letter = {"kind": "letter", "to": {"name": "Ann"}, "campaign": "Spring", "send_date": "2026-03-02"}
    sent = (await client.post("/api/v1/sends", json=letter)).json()
    delivered = {"code": "delivered", "occurred_at": "2026-03-05T12:00:00-05:00"}
    await client.post(f"/api/v1/sends/{sent['id']}/events", json=delivered)
    await histories.refresh(context, rest=timedelta())

    history = (await client.get(f"/api/v1/campaigns/{spring['id']}/history")).json()
    days = (
        await client.get(
            f"/api/v1/reports/days_to_deliver?start=2026-03-01&end=2026-03-31&sector=bulk&campaign={spring['id']}"
        )
    ).json()

    assert list(history) == ["step", "as_of", "data"]
    assert history["data"][-1]["delivered"] == history["data"][-1]["total"] == 1
    assert days["data"][3] == {"days": 3, "label": "3", "n": 1}
    assert (days["delivered"], days["median"], days["percentile_90"], days["sector"]) == (1, 3, 3, "bulk")
    assert (await other.get(f"/api/v1/campaigns/{spring['id']}/history")).status_code == 404
    refused = await other.get(f"/api/v1/reports/days_to_deliver?campaign={spring['id']}")
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "campaign")
