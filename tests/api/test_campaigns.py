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


async def test_a_campaign_is_changed_archived_restored_and_deleted(client: httpx.AsyncClient) -> None:
    begun = await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})
    assert begun.status_code == 201
    spring = begun.json()
    assert (spring["state"], spring["archived_at"], spring["owner"], spring["team"]) == ("active", None, None, None)
    address = f"/api/v1/campaigns/{spring['id']}"
    letter = {"kind": "letter", "to": {"name": "Ann"}, "campaign": spring["id"], "send_date": "2026-03-02"}
    await client.post("/api/v1/sends", json=letter)

    async def listed(query: str = "") -> list[tuple[str, str]]:
        answer = await client.get(f"/api/v1/campaigns{query}")
        return [(each["name"], each["state"]) for each in answer.json()["data"]]

    renamed = await client.patch(address, json={"name": "Summer"})
    assert (renamed.status_code, renamed.json()) == (200, spring | {"name": "Summer"})
    archived = await client.post(f"{address}/archive")
    assert (archived.status_code, archived.json()["state"]) == (200, "archived")
    assert archived.json()["archived_at"]
    assert (await listed(), await listed("?state=archived")) == ([], [("Summer", "archived")])
    refused = await client.post("/api/v1/sends", json=letter)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "campaign")
    assert "is archived" in refused.json()["error"]["message"]
    restored = await client.post(f"{address}/restore")
    assert (restored.status_code, restored.json()) == (200, renamed.json())
    for _ in range(2):
        gone = await client.delete(address)
        assert (gone.status_code, gone.content) == (204, b"")
    assert (await listed(), await listed("?state=deleted")) == ([], [("Summer", "deleted")])
    assert (await client.post("/api/v1/campaigns", json={"name": "Summer", "type": "bulk"})).status_code == 201
    assert await listed("?state=all") == [("Summer", "active"), ("Summer", "deleted")]
    kept = (await client.get(address)).json()
    assert (kept["state"], kept["total"], kept["deleted_at"] is not None) == ("deleted", 1, True)
    (sent,) = (await client.get(f"/api/v1/sends?campaign={spring['id']}")).json()["data"]
    assert sent["campaign"] == {"id": spring["id"], "name": "Summer"}
    assert (await client.get("/api/v1/reports/summary?start=2026-03-02&end=2026-03-02&sector=bulk")).json()[
        "total"
    ] == 1
    taken = await client.post(f"{address}/restore")
    assert (taken.status_code, taken.json()["error"]["param"]) == (409, "name")


async def test_what_cannot_be_changed_so_is_refused_by_field(client: httpx.AsyncClient) -> None:
    spring = (await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})).json()
    await client.post("/api/v1/campaigns", json={"name": "Summer", "type": "bulk"})
    address = f"/api/v1/campaigns/{spring['id']}"
    for body, status, param in (
        ({"type": "triggered"}, 400, "type"),
        ({"name": ""}, 400, "name"),
        ({"name": None}, 400, "name"),
        ({"name": "Summer"}, 409, "name"),
        ({"owner": "ann@example.com"}, 400, "owner"),
        ({"team": "East"}, 400, "team"),
    ):
        refused = await client.patch(address, json=body)
        assert (refused.status_code, refused.json()["error"]["param"]) == (status, param)
    assert (await client.patch(address, json={"owner": None, "team": None})).json() == spring
    assert (await client.patch(address, json={})).json() == spring
    refused = await client.get("/api/v1/campaigns?state=gone")
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "state")
