"""Hooks by the API: subscribe, change, unsubscribe, and what is refused."""

from typing import Any

import httpx
import msgspec
from standardwebhooks import Webhook

from sendtrail.services import accounts, api_keys
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
    rotated = (
        await client.post(f"/api/v1/hooks/{postgrid['id']}/rotate", json={"secret": "another of twenty chars"})
    ).json()
    assert rotated == {"secret": "another of twenty chars", "old_secret_until": None}  # only the new one signs
    assert (await client.get(f"/api/v1/hooks/{postgrid['id']}")).json()["old_secret_until"] is None
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
    ({"url": f"{URL}#part"}, "url"),
    ({"url": f"{URL}#"}, "url"),
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
    ({"target": "email", "url": "", "settings": {"to": ["ann@example"]}}, "settings.to"),
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
    mistakes: list[tuple[dict[str, object], str]] = [
        ({"kinds": ["letter", "Letter"]}, "kinds.1 must be one of letter, postcard, "),
        ({"format": "xml"}, "format must be one of standard, flat, postgrid_json, postgrid_jwt"),
        ({"target": "pigeon"}, "target must be one of webhook, email, slack, hubspot, "),
    ]
    for wanted, said in mistakes:
        answer = await client.post("/api/v1/hooks", json={"url": URL, "events": ["send.*"]} | wanted)
        assert answer.json()["error"]["message"].startswith(said)


async def test_what_was_told_is_listed_shown_and_told_once_more(context: Context, clients: Clients) -> None:
    client, other = await clients(), await clients("Other")
    made = await subscribed(client, events=["postalytics.*"])
    address = f"/api/v1/hooks/{made['id']}"
    trial = (await client.post(f"{address}/test", json={})).json()
    chosen = (await client.post(f"{address}/test", json={"type": "letter.updated"})).json()
    assert (trial["type"], chosen["type"]) == ("postalytics.MailPieceCreated", "letter.updated")
    assert (trial["state"], trial["send"], trial["tries"]) == ("pending", None, 0)
    listed = (await client.get(f"{address}/deliveries")).json()["data"]
    assert listed == [chosen, trial]
    whole = (await client.get(f"{address}/deliveries/{trial['id']}")).json()
    body = whole.pop("body")
    assert whole == trial | {"answer": "", "attempts": []}
    assert (body["id"], body["type"], body["sample"], body["sequence"]) == (trial["event"], trial["type"], True, 0)

    async with context.database.transaction() as connection:
        await connection.execute("update delivery set state = 3, ended_at = now(), tries = 10 where id = 1")
        await connection.execute(
            "update delivery set state = 2, ended_at = now(), tries = 1, status = 200 where id = 2"
        )
    health = (await client.get(address)).json()["health"]
    assert (health["pending"], health["delivered"], health["tried"], health["success_rate"]) == (0, 1, 2, 50.0)
    since = {"since": "2026-03-02T09:00:00Z"}
    for path in ("recover", "replay"):  # what is made up is not told again
        assert (await client.post(f"{address}/{path}", json=since)).json() == {"replayed": 0}
    async with context.database.transaction() as connection:
        await connection.execute("update notification set send_id = 1; update delivery set send_id = 1")
    assert (await client.post(f"{address}/recover", json=since)).json() == {"replayed": 1}  # what arrived is not
    assert (await client.post(f"{address}/recover", json=since)).json() == {"replayed": 0}  # it is to be told already
    assert (await client.post(f"{address}/replay", json=since)).json() == {"replayed": 1}
    again = (await client.post(f"{address}/deliveries/{chosen['id']}/replay", json={})).json()
    assert (again["event"], again["again"], again["state"]) == (chosen["event"], True, "pending")
    assert again["id"] != chosen["id"]

    async def count(query: str) -> int:
        return len((await client.get(f"{address}/deliveries{query}")).json()["data"])

    assert [await count(f"?state={state}") for state in ("pending", "failed", "delivered", "waiting")] == [2, 1, 1, 0]
    assert [await count(f"?type={type_}") for type_ in ("postalytics.*", "letter.updated")] == [2, 2]
    assert [await count("?end=2026-03-02"), await count("?start=2026-03-02"), await count("?limit=2")] == [0, 4, 2]
    for query, param in (("?type=x", "type"), ("?send=x", "send"), ("?after=x", "after"), ("?state=lost", "state")):
        assert refusal(await client.get(f"{address}/deliveries{query}")) == (400, param)
    for body, param in (
        ({}, "since"),
        ({"since": "2026-03-02T09:00:00"}, "since"),
        (since | {"until": "2026-03-02T09:00:00Z"}, "until"),
    ):
        assert refusal(await client.post(f"{address}/replay", json=body)) == (400, param)
    assert refusal(await client.post(f"{address}/test", json={"type": "send.eaten"})) == (400, "type")

    aside = await subscribed(client)
    for path in (f"{made['id']}/deliveries", f"{made['id']}/deliveries/{trial['id']}"):
        assert (await other.get(f"/api/v1/hooks/{path}")).status_code == 404
    assert (await client.get(f"/api/v1/hooks/{aside['id']}/deliveries/{trial['id']}")).status_code == 404
    await client.delete(address)
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select state, count(*) from delivery group by state order by state")
        assert await cursor.fetchall() == [(2, 1), (3, 1), (4, 2)]  # what was still to be told is not


async def test_samples_are_real_where_there_are_some_and_marked_where_they_are_made_up(
    context: Context, clients: Clients
) -> None:
    client = await clients()
    events = (await client.get("/api/v1/hooks/events")).json()["data"]
    assert {"postalytics.*", "send.delivered", "letter.updated", "lob.re_routed"} <= {each["type"] for each in events}
    for each in events:
        for shape in ("standard", "flat"):
            query = {"events": each["type"], "format": shape}
            (made_up,) = (await client.get("/api/v1/hooks/sample", params=query)).json()["data"]
            assert made_up["sample"] is True
            assert each["pattern"] or made_up["type"] == each["type"]

    body = made_up | {"id": "event_of_mine"}
    del body["sample"]
    async with context.database.transaction() as connection:
        await connection.execute(
            "insert into notification (organization_id, live, send_id, sequence, type, occurred_at, body)"
            " select id, true, 1, 1, 'lob.deleted', now(), %s from organization",
            [msgspec.json.encode(body).decode()],
        )
    query = {"events": "postalytics.*,lob.deleted"}
    assert (await client.get("/api/v1/hooks/sample", params=query)).json() == {"data": [body], "next": None}
    for stranger in (await clients("Other"), await clients(live=False)):
        (found,) = (await stranger.get("/api/v1/hooks/sample", params=query)).json()["data"]
        assert found["sample"] is True
    for query, param in (
        ({"events": "x"}, "events"),
        ({"events": "send.*", "campaign": "x"}, "campaign"),
        ({}, "events"),
    ):
        assert refusal(await client.get("/api/v1/hooks/sample", params=query)) == (400, param)


async def test_nobody_hears_by_a_hook_of_sends_that_they_may_not_see(context: Context, clients: Clients) -> None:
    await clients()
    scope = await accounts.scope_of_organization(context, "Acme", live=True)
    narrow = await api_keys.make(context, scope, "Hooks", {"hooks.write": "organization"})
    client = await clients()
    made = await subscribed(client)
    client.headers["Authorization"] = f"Bearer {narrow.key}"
    assert (await client.post("/api/v1/hooks", json={"url": URL, "events": ["send.*"]})).status_code == 403
    address = f"/api/v1/hooks/{made['id']}"
    assert (await client.get(address)).status_code == 200
    assert (await client.patch(address, json={"url": "https://1.1.1.1/"})).status_code == 403
    assert (await client.get(f"{address}/deliveries")).status_code == 403
    assert (
        await client.post("/api/v1/hooks", json={"url": URL, "events": ["send.*"], "clients": True})
    ).status_code == 403


async def test_an_agencys_key_hears_of_all_clients_or_of_one(context: Context, clients: Clients) -> None:
    client = await clients()
    scope = await accounts.scope_of_organization(context, "Acme", live=True)
    one = (await client.post("/api/v1/clients", json={"name": "One"})).json()["id"]
    wanted = {"url": URL, "events": ["send.*"], "clients": True}
    assert refusal(await client.post("/api/v1/hooks", json=wanted)) == (403, "clients")
    agency = await api_keys.make(context, scope, "Agency", agency=True)
    client.headers["Authorization"] = f"Bearer {agency.key}"
    assert (await client.post("/api/v1/hooks", json=wanted)).json()["clients"] is True
    await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})
    assert refusal(await client.post("/api/v1/hooks", json=wanted | {"campaign": "Spring"})) == (400, "campaigns")

    client.headers["Sendtrail-Organization"] = one
    assert (await client.get("/api/v1/hooks")).json()["data"] == []
    assert refusal(await client.post("/api/v1/hooks", json=wanted)) == (400, "clients")
    made = await subscribed(client)
    assert [each["id"] for each in (await client.get("/api/v1/hooks")).json()["data"]] == [made["id"]]
