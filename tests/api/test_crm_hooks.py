"""Hooks that write into a CRM, by the API: what they take, and that nobody gets an account's keys out of them."""

from typing import Any

import pytest

from tests.api.conftest import Clients
from tests.api.test_hooks import URL, refusal, subscribed

TOKEN = "pat-na1-0123456789"
OTHER = "https://9.9.9.9/hook"


async def test_an_accounts_keys_are_kept_never_shown_and_told_to_its_address_alone(clients: Clients) -> None:
    client = await clients()
    made = await subscribed(client, target="hubspot", settings={"token": TOKEN, "fields": {"last_status": "status"}})
    address = f"/api/v1/hooks/{made['id']}"

    assert made["settings"] == {"fields": {"last_status": "status"}}
    assert made["secret"] is None
    changed = (await client.patch(address, json={"settings": {"external_id_field": "customer_number"}})).json()
    assert changed["settings"] == {"external_id_field": "customer_number"}
    assert refusal(await client.patch(address, json={"url": OTHER})) == (400, "settings.token")
    assert refusal(await client.patch(address, json={"url": OTHER, "settings": {}})) == (400, "settings.token")
    moved = await client.patch(address, json={"url": OTHER, "settings": {"token": TOKEN}})
    assert (moved.status_code, moved.json()["url"]) == (200, OTHER)
    for path in ("", f"/{made['id']}", f"/{made['id']}/deliveries"):
        assert TOKEN not in (await client.get(f"/api/v1/hooks{path}")).text


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"target": "hubspot"}, "settings.token"),
        ({"target": "hubspot", "settings": {"token": TOKEN, "fields": {"a b": "status"}}}, "settings.fields"),
        ({"target": "salesforce", "settings": {"client_id": "3MVG9VwZxx"}}, "settings.client_secret"),
        ({"target": "pipedrive", "settings": {"token": TOKEN}, "url": ""}, "url"),
        ({"target": "pipedrive", "settings": {"token": TOKEN}, "secret": "x" * 30}, "secret"),
        ({"target": "pipedrive", "settings": {"token": TOKEN}, "format": "flat"}, "format"),
    ],
)
async def test_what_a_crm_cannot_do_is_refused_by_name(clients: Clients, more: dict[str, Any], param: str) -> None:
    body = {"url": URL, "events": ["postalytics.*"], **more}
    assert refusal(await (await clients()).post("/api/v1/hooks", json=body)) == (400, param)


async def test_a_hook_is_tried_without_a_word_said(clients: Clients) -> None:
    client = await clients()
    address = f"/api/v1/hooks/{(await subscribed(client))['id']}/test"
    for told in (await client.post(address), await client.post(address, json={})):
        assert (told.status_code, told.json()["type"]) == (201, "send.delivered"), told.text
    assert refusal(await client.post(address, json={"type": "x"})) == (400, "type")
    assert (await client.get("/api/v1/me")).json()["organization"]["id"].startswith("organization_")
