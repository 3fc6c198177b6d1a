"""Hooks by the API: subscribe, change, unsubscribe, and what is refused."""

from typing import Any

import httpx
from standardwebhooks import Webhook

from sendtrail.services.context import Context
from tests.api.conftest import Clients

URL = "https://8.8.8.8/hook"
"""An address that needs no look-up, and to which nobody sends here."""


def refusal(answer: httpx.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json()["error"]["param"]


async def subscribed(client: httpx.AsyncClient, **more: object) -> dict[str, Any]:
    answer = await client.post("/api/v1/hooks", json={"url": URL, "events": ["send.delivered"], **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_hook_is_made_shown_changed_and_deleted(clients: Clients) -> None:
    client, other, test = await clients(), await clients("Other"), await clients(live=False)
    campaign = (await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})).json()["id"]
    made = await subscribed(
        client, events=["send.*", "postalytics.Mailed"], campaign="Spring", kinds=["gift"], bots=True
    )
    Webhook(made.pop("secret"))  # the library takes it
    assert made["campaigns"] == [{"id": campaign, "name": "Spring"}]
    assert (made["state"], made["live"], made["target"], made["format"]) == ("active", True, "webhook", "standard")
    assert made["health"]["success_rate"] is None
    address = f"/api/v1/hooks/{made['id']}"
    assert (await client.get(address)).json() == made
    assert (await client.get("/api/v1/hooks")).json() == {"data": [made], "next": None}
    for stranger in (other, test):
        assert (await stranger.get("/api/v1/hooks")).json()["data"] == []
        for method in ("GET", "PATCH", "DELETE"):
            assert (await stranger.request(method, address, json={})).status_code == 404

    news = {"name": "Shop", "campaigns": [], "kinds": [], "tags": [" VIP "], "wait_days": 2, "format": "flat"}
    changed = (await client.patch(address, json=news)).json()
    assert changed == made | news | {"tags": ["VIP"]}
    disabled = (await client.patch(address, json={"enabled": False})).json()
    assert (disabled["state"], disabled["disabled_why"]) == ("disabled", "by hand")
    assert (await client.patch(address, json={"enabled": True})).json() == changed

    assert (await client.delete(address)).status_code == 204
    assert (await client.get(address)).status_code == (await client.delete(address)).status_code == 404


async def test_secrets_are_told_to_who_may_change_hooks_and_replaced_at_leisure(
    context: Context, clients: Clients
) -> None:
    client = await clients()
    first, repeat = [
        (await client.post("/api/v1/hooks", json={"url": URL, "events": ["send.*"]}, headers={"Idempotency-Key": "1"}))
        for _ in range(2)
    ]
    made = first.json()
    assert repeat.json() == made | {"secret": None}
    address = f"/api/v1/hooks/{made['id']}"
    assert (await client.get(f"{address}/secret")).json() == {"secret": made["secret"], "old_secret_until": None}
    fresh = (await client.post(f"{address}/rotate", json={})).json()
    assert fresh["secret"] != made["secret"]
    assert fresh["old_secret_until"] is not None
    assert (await client.get(f"{address}/secret")).json() == fresh
    assert refusal(await client.post(f"{address}/rotate", json={"secret": fresh["secret"]})) == (400, "secret")
    assert refusal(await client.post(f"{address}/rotate", json={"secret": "whsec_c2hvcnQ="})) == (400, "secret")

    postgrid = await subscribed(client, format="postgrid_json", secret="twenty or more characters")
    assert refusal(await client.patch(f"/api/v1/hooks/{postgrid['id']}", json={"format": "standard"})) == (
        409,
        "format",
    )
    by_mail = await subscribed(client, url="", target="email", settings={"to": ["Ann@example.com"]})
    assert (by_mail["secret"], by_mail["settings"]) == (None, {"to": ["ann@example.com"]})
    assert (await client.get(f"/api/v1/hooks/{by_mail['id']}/secret")).status_code == 409


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"events": []}, "events"),
    ({"events": ["send.eaten"]}, "events"),
    ({"url": ""}, "url"),
    ({"url": "http://8.8.8.8/"}, "url"),
    ({"url": "https://127.0.0.1/"}, "url"),
    ({"url": "https://[::1]/"}, "url"),
    ({"url": "https://nowhere.invalid/"}, "url"),
    ({"url": "not an address"}, "url"),
    ({"secret": "short"}, "secret"),
    ({"secret": "x" * 19, "format": "postgrid_jwt"}, "secret"),
    ({"format": "xml"}, "format"),
    ({"kinds": ["parcel"]}, "kinds.0"),
    ({"campaign": "No such"}, "campaigns"),
    ({"campaigns": ["a"], "campaign": "b"}, "campaign"),
    ({"tags": [""]}, "tags"),
    ({"wait_days": 61}, "wait_days"),
    ({"target": "pigeon"}, "target"),
    ({"target": "email", "url": ""}, "settings.to"),
    ({"target": "email", "url": "", "settings": {"to": ["ann"]}}, "settings.to"),
    ({"target": "email", "settings": {"to": ["a@example.com"]}}, "url"),
    ({"target": "slack", "format": "flat"}, "format"),
    ({"settings": {"to": []}}, "settings"),
    ({"name": "x" * 201}, "name"),
    ({"colour": "red"}, "colour"),
]


async def test_a_hook_that_cannot_work_is_refused_by_the_name_of_the_field(client: httpx.AsyncClient) -> None:
    assert refusal(await client.post("/api/v1/hooks", json={"url": URL})) == (400, "events")
    for wanted, param in REFUSED:
        answer = await client.post("/api/v1/hooks", json={"url": URL, "events": ["send.*"]} | wanted)
        assert refusal(answer) == (400, param), wanted
