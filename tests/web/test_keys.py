"""API keys and clients on their pages, and what the keys then open."""

import re

import httpx

from sendtrail.services import accounts
from sendtrail.services.context import Context
from tests.api.conftest import Clients, clients
from tests.web.conftest import Browser

__all__ = ["clients"]


def secret(page: str) -> str:
    found = re.search(r"<code>(st_\w+_[0-9a-f]{48})</code>", page)
    assert found
    return found[1]


async def ask(client: httpx.AsyncClient, key: str, **headers: str) -> httpx.Response:
    return await client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}", **headers})


async def test_a_key_is_made_shown_once_used_and_revoked(ann: Browser, clients: Clients) -> None:
    program = await clients(None)
    made = await ann.post("/settings/keys", name="Shop", access="some", sends="write", reports="read", nonce="n")
    key = secret(made.text)
    assert key.startswith("st_live_")
    me = (await ask(program, key)).json()
    assert me["rights"] == dict.fromkeys(("sends.read", "sends.write", "sends.cancel", "reports.read"), "organization")
    again = await ann.post("/settings/keys", name="Shop", access="some", sends="write", reports="read", nonce="n")
    assert key not in again.text
    assert "This key was made before" in again.text
    page = (await ann.look("/settings/keys")).text
    assert key not in page
    assert "Sends, Reports (read)" in page
    found = re.search(r'action="(/settings/keys/\w+/revoke)"', page)
    assert found
    assert (await ann.post(found[1])).status_code == 303
    assert (await ask(program, key)).status_code == 401
    assert "revoked" in (await ann.look("/settings/keys")).text


async def test_a_key_says_who_made_it_and_whether_they_are_gone(
    ann: Browser, context: Context, clients: Clients
) -> None:
    await ann.post("/settings/keys", name="Shop")
    page = (await ann.look("/settings/keys")).text
    assert "ann@example.com</span>" in page.replace("\n", "")
    assert "no member any more" not in page
    await accounts.add_user(context, "eve@example.com", "admin", "Acme", "long enough")
    acme = await clients("Acme")
    (ann_id,) = [
        each["id"] for each in (await acme.get("/api/v1/members")).json()["data"] if each["email"] == "ann@example.com"
    ]
    assert (await acme.delete(f"/api/v1/members/{ann_id}")).status_code == 204
    (shop,) = [each for each in (await acme.get("/api/v1/keys")).json()["data"] if each["name"] == "Shop"]
    assert (shop["made_by"], shop["orphaned"]) == ("ann@example.com", True)


async def test_test_mode_makes_test_keys_and_shows_no_others(ann: Browser, clients: Clients) -> None:
    await ann.post("/settings/keys", name="Live one")
    await ann.post("/mode", mode="test")
    key = secret((await ann.post("/settings/keys", name="Rehearsal", access="read")).text)
    assert key.startswith("st_test_")
    page = (await ann.look("/settings/keys")).text
    assert "Rehearsal" in page
    assert "Read only" in page
    assert "Live one" not in page
    assert (await ask(await clients(None), key)).json()["mode"] == "test"


async def test_what_cannot_be_is_said_at_its_field(ann: Browser) -> None:
    for fields, said in (
        ({"name": ""}, "Name must be 1 to"),
        ({"name": "Shop", "access": "some"}, "choose at least one"),
    ):
        refused = await ann.post("/settings/keys", **fields)
        assert refused.status_code == 400
        assert said in refused.text


async def test_an_agency_begins_a_client_looks_at_it_and_speaks_for_it(
    ann: Browser, clients: Clients, context: Context
) -> None:
    assert "For your clients too" not in (await ann.look("/settings/keys")).text
    assert (await ann.post("/settings/clients", name="Shop")).headers["Location"] == "/settings/clients?done=added"
    page = (await ann.look("/settings/clients")).text
    found = re.search(r"<code>(organization_\w+)</code>", page)
    assert found
    key = secret((await ann.post("/settings/keys", name="Both", agency="yes")).text)
    program = await clients(None)
    me = (await ask(program, key)).json()
    assert me["clients"] == [{"id": found[1], "name": "Shop"}]
    client = (await ask(program, key, **{"Sendtrail-Organization": found[1]})).json()
    assert (client["organization"]["name"], client["clients"]) == ("Shop", [])
    for header in ("organization_0", "Shop"):
        assert (await ask(program, key, **{"Sendtrail-Organization": header})).status_code == 404
    await ann.post("/organization", organization=found[1])
    assert "You are an agency&#39;s client" in (await ann.look("/settings/clients")).text.replace("'", "&#39;")


async def test_keys_are_made_and_revoked_by_the_api_too(clients: Clients) -> None:
    acme = await clients("Acme")
    made = await acme.post("/api/v1/keys", json={"name": "Shop", "rights": {"keys.write": "organization"}})
    assert made.status_code == 201
    narrow = {"Authorization": f"Bearer {made.json()['key']}"}
    more = await acme.post("/api/v1/keys", json={"name": "More"}, headers=narrow)
    assert (more.status_code, more.json()["error"]["type"]) == (403, "forbidden")
    assert (await acme.get("/api/v1/sends", headers=narrow)).status_code == 403
    assert (await acme.delete(f"/api/v1/keys/{made.json()['id']}")).status_code == 204
    assert (await acme.get("/api/v1/me", headers=narrow)).status_code == 401
    client = await acme.post("/api/v1/clients", json={"name": "Shop"})
    assert (await acme.get("/api/v1/clients")).json()["data"] == [client.json()]
