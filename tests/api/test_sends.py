"""Sends by API: accepted, shown, listed, told about; once, and to nobody else."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from sendtrail.api.shapes import Page, RefusedItem, Send
from sendtrail.services.context import Context
from tests.api.conftest import Clients

LETTER: dict[str, Any] = {"kind": "letter", "to": {"name": "Ann Lee", "postal_code": "12345"}}
FULL: dict[str, Any] = {
    "kind": "gift",
    "to": {
        "name": "Ann Lee",
        "company": "Lee & Co",
        "email": "ann@example.com",
        "phone": "555 0100",
        "address_line1": "1 Main St",
        "address_line2": "Suite 2",
        "city": "Albany",
        "state": "NY",
        "postal_code": "12207-1234",
        "country": "US",
    },
    "from": {"company": "Acme"},
    "campaign": "Spring",
    "tags": ["b", "a", "a"],
    "send_date": "2026-03-02",
    "tracking_number": "1Z999AA10123456784",
    "carrier": "ups",
    "supplier": "Roaster",
    "message": "Thank you — José",
    "gift": {"sku": "coffee", "count": 2},
    "cost_cents": 4200,
    "sender": "bob@example.com",
    "external_id": "crm-7",
    "metadata": {"a": [1, None, {"b": "c"}]},
}


async def create(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    response = await client.post("/api/v1/sends", json={**LETTER, **fields})
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


async def names(client: httpx.AsyncClient, **query: Any) -> list[str]:
    """The recipients of a list, by page, all pages."""
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        response = await client.get("/api/v1/sends", params={**query, **after})
        assert response.status_code == 200, response.text
        page = response.json()
        found += [send["to"]["name"] for send in page["data"]]
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


async def test_a_send_comes_back_as_it_was_given(client: httpx.AsyncClient) -> None:
    await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})

    response = await client.post("/api/v1/sends", json=FULL)

    assert response.status_code == 201
    sent = response.json()
    assert {name: sent[name] for name in FULL.keys() - {"to", "from", "campaign", "tags"}} == {
        name: FULL[name] for name in FULL.keys() - {"to", "from", "campaign", "tags"}
    }
    assert {**FULL["to"], **sent["to"]} == FULL["to"]
    assert sent["from"]["company"] == "Acme"
    assert (sent["campaign"]["name"], sent["tags"], sent["day"]) == ("Spring", ["a", "b"], "2026-03-02")
    assert sent["id"].startswith("gift_")
    assert sent["live"] is True
    assert (sent["status"]["code"], sent["status"]["label"], sent["status"]["evidence"]) == (
        "created",
        "Received",
        "reported",
    )
    assert sent["tracking_url"].startswith("https://")
    assert sent["vocabularies"].keys() == {"stannp", "postalytics", "postgrid", "sendoso", "lob"}
    assert (await client.get(f"/api/v1/sends/{sent['id']}")).json() == sent
    assert (await client.get("/api/v1/sends")).json() == {"data": [sent], "next": None}


async def test_answers_have_the_documented_shape(client: httpx.AsyncClient) -> None:
    await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})
    strict = msgspec.defstruct("Strict", [], bases=(Send,), forbid_unknown_fields=True)

    for body in (LETTER, FULL):
        sent = await client.post("/api/v1/sends", json=body)
        told = await client.post(f"/api/v1/sends/{sent.json()['id']}/events", json={"code": "delivered", "note": "x"})
        for answer in (sent, told):
            decoded = msgspec.json.decode(answer.content, type=strict)
            assert msgspec.to_builtins(decoded).keys() == answer.json().keys()
        msgspec.json.decode((await client.get("/api/v1/sends")).content, type=Page[strict])  # type: ignore[valid-type]  # made above


async def test_what_people_and_printers_say_is_in_the_trail(client: httpx.AsyncClient) -> None:
    sent = await create(client)
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)

    response = await client.post(
        f"/api/v1/sends/{sent['id']}/events",
        json={"code": "printed", "source": "printer", "occurred_at": moment.isoformat(), "note": "line 2"},
    )

    assert response.status_code == 201
    assert response.json()["status"]["code"] == "printed"
    events = (await client.get(f"/api/v1/sends/{sent['id']}/events")).json()
    assert events["data"] == response.json()["trail"]
    assert events["next"] is None
    assert [
        (event["seq"], event["code"], event["source"], event["evidence"], event["detail"]) for event in events["data"]
    ] == [(1, "created", "system", "reported", None), (2, "printed", "printer", "reported", {"note": "line 2"})]
    assert datetime.fromisoformat(events["data"][1]["occurred_at"]) == moment


@pytest.mark.parametrize(
    ("event", "param"),
    [
        ({"code": "opened"}, "code"),
        ({"code": "link_opened"}, "code"),
        ({"code": "lost"}, "code"),
        ({}, "code"),
        ({"code": "printed", "source": "usps"}, "source"),
        ({"code": "printed", "occurred_at": "2026-13-02T10:00:00Z"}, "occurred_at"),
        ({"code": "printed", "occurred_at": "2026-03-02T10:00:00"}, "occurred_at"),
        ({"code": "printed", "occurred_at": "2019-12-31T10:00:00Z"}, "occurred_at"),
        ({"code": "printed", "occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"code": "printed", "occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at"),
        ({"code": "printed", "occurred_at": "tomorrow"}, "occurred_at"),
        ({"code": "printed", "note": "x" * 2_001}, "note"),
        ({"code": "printed", "note": "\0"}, "note"),
        ({"code": "printed", "colour": "red"}, "colour"),
    ],
)
async def test_an_event_that_cannot_be_is_refused_by_field(
    client: httpx.AsyncClient, event: dict[str, Any], param: str
) -> None:
    sent = await create(client)

    response = await client.post(f"/api/v1/sends/{sent['id']}/events", json=event)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == param
    assert len((await client.get(f"/api/v1/sends/{sent['id']}/events")).json()["data"]) == 1


async def test_a_list_shows_what_is_asked_for(client: httpx.AsyncClient) -> None:
    for name, type_ in (("Spring", "bulk"), ("Basket", "triggered")):
        campaign = (await client.post("/api/v1/campaigns", json={"name": name, "type": type_})).json()
    one = await create(client, to={"name": "One", "company": "Lee & Co"}, campaign="Spring", send_date="2026-03-01")
    await create(client, to={"name": "Two"}, campaign=campaign["id"], send_date="2026-03-02", external_id="crm-2")
    await create(client, to={"name": "Three"}, kind="postcard", send_date="2026-03-03")
    await create(client, to={"name": "Four", "email": "x@example.com"}, kind="egift", campaign="Spring")
    await client.post(f"/api/v1/sends/{one['id']}/events", json={"code": "delivered"})

    assert await names(client) == ["Four", "Three", "Two", "One"]
    assert await names(client, limit=1) == ["Four", "Three", "Two", "One"]
    assert await names(client, limit=3, sector="all") == ["Four", "Three", "Two", "One"]
    assert await names(client, status="delivered") == ["One"]
    assert await names(client, status="created") == ["Four", "Three", "Two"]
    assert await names(client, kind="postcard") == ["Three"]
    assert await names(client, campaign="Spring") == ["Four", "One"]
    assert await names(client, campaign=campaign["id"]) == ["Two"]
    for sector, expected in {"bulk": ["One"], "triggered": ["Two"], "single": ["Three"], "gift": ["Four"]}.items():
        assert await names(client, sector=sector) == expected
    assert await names(client, start="2026-03-02", end="2026-03-03") == ["Three", "Two"]
    assert await names(client, end="2026-03-01") == ["One"]
    for q, expected in {"tw": ["Two"], "lee": ["One"], "CO": ["One"], "crm-2": ["Two"], "x@ex": ["Four"]}.items():
        assert await names(client, q=q) == expected
    assert await names(client, q=one["id"]) == ["One"]
    assert await names(client, q="%") == []
    assert await names(client, status="delivered", kind="postcard") == []


async def test_a_batch_accepts_each_item_by_itself(client: httpx.AsyncClient) -> None:
    items = [
        LETTER,
        {"kind": "boat"},
        {**LETTER, "imb": "123"},
        5,
        {**LETTER, "external_id": "last"},
        {**LETTER, "imb": "00300912345678000001"},
        {**LETTER, "imb": "00300912345678000001"},
    ]

    response = await client.post("/api/v1/sends/batch", json={"sends": items})

    assert response.status_code == 201
    answer = response.json()
    assert (answer["created"], answer["refused"], len(answer["data"])) == (3, 4, 7)
    refused = {item["index"]: item["error"]["param"] for item in answer["data"] if "error" in item}
    assert refused == {1: "kind", 2: "imb", 3: None, 6: "imb"}
    for place in refused:
        msgspec.convert(answer["data"][place], RefusedItem)
    assert [answer["data"][place]["external_id"] for place in (0, 4, 5)] == ["", "last", ""]
    assert len(await names(client)) == 3


async def test_an_item_with_a_key_given_twice_is_refused_alone(client: httpx.AsyncClient) -> None:
    body = b'{"sends":[{"kind":"letter","kind":"postcard","to":{"name":"A"}},{"kind":"letter","to":{"name":"B"}}]}'

    response = await client.post("/api/v1/sends/batch", content=body, headers={"Content-Type": "application/json"})

    first, second = response.json()["data"]
    assert first == {
        "index": 0,
        "error": {"type": "invalid_request", "message": "kind is given twice", "param": "kind"},
    }
    assert second["to"]["name"] == "B"


async def test_a_batch_may_come_as_lines(client: httpx.AsyncClient) -> None:
    lines = [json.dumps(LETTER), "", "{", '{"kind":"letter","to":{"name":"Jos\u00e9"}}', '"x"']
    body = "\r\n".join(lines).encode() + b'\n{"kind":"letter","to":{"name":"Jos\xe9"}}'

    response = await client.post("/api/v1/sends/batch", content=body, headers={"Content-Type": "application/x-ndjson"})

    assert response.status_code == 201
    data = response.json()["data"]
    assert [item.get("index") for item in data] == [None, 1, None, 3, 4]
    assert "UTF-8" in data[4]["error"]["message"]
    assert await names(client) == ["José", "Ann Lee"]


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"sends":{}}', b'{"sends":[],"more":1}', b'{"sends":[],"sends":[]}', b"5", b"null"]
)
async def test_a_batch_is_a_list_of_sends(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/api/v1/sends/batch", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "sends"


@pytest.mark.parametrize("lines", [False, True])
async def test_ten_thousand_and_one_items_are_too_many_for_any_of_them(client: httpx.AsyncClient, lines: bool) -> None:
    item = json.dumps(LETTER)
    body = "\n".join([item] * 10_001) if lines else f'{{"sends":[{",".join([item] * 10_001)}]}}'
    media_type = "application/x-ndjson" if lines else "application/json"

    response = await client.post("/api/v1/sends/batch", content=body, headers={"Content-Type": media_type})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "sends"
    assert "10,000" in response.json()["error"]["message"]
    assert await names(client) == []


async def test_a_request_repeated_with_its_key_does_its_work_once(client: httpx.AsyncClient) -> None:
    batch = {"sends": [LETTER, {"kind": "boat"}]}
    sent = await create(client)
    requests: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("/api/v1/sends", LETTER, {**LETTER, "message": "other"}),
        ("/api/v1/sends/batch", batch, {"sends": [LETTER]}),
        (f"/api/v1/sends/{sent['id']}/events", {"code": "printed"}, {"code": "handed_over"}),
        ("/api/v1/mailer_ids", {"mid": "123456"}, {"mid": "234567"}),
        ("/api/v1/campaigns", {"name": "Spring", "type": "bulk"}, {"name": "Autumn", "type": "bulk"}),
    ]
    for number, (path, body, other) in enumerate(requests):
        headers = {"Idempotency-Key": f"key {number}"}
        first = await client.post(path, json=body, headers=headers)
        second = await client.post(path, json=body, headers=headers)
        third = await client.post(path, json=other, headers=headers)

        assert first.status_code == second.status_code == 201, first.text
        assert first.content == second.content
        assert third.status_code == 409
        assert third.json()["error"]["param"] == "Idempotency-Key"
    assert len(await names(client)) == 3
    assert len((await client.get(f"/api/v1/sends/{sent['id']}/events")).json()["data"]) == 2


async def test_a_key_is_one_request_s_whatever_its_address(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "a"}
    await client.post("/api/v1/sends/batch", json={"sends": []}, headers=headers)

    response = await client.post("/api/v1/campaigns", json={"sends": []}, headers=headers)
    assert response.status_code == 400  # that is no campaign; the key is not even looked at
    response = await client.post("/api/v1/campaigns", json={"name": "A", "type": "bulk"}, headers=headers)
    assert response.status_code == 409


async def test_a_refused_request_keeps_no_key(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "a"}
    body = {**LETTER, "campaign": "Spring"}
    assert (await client.post("/api/v1/sends", json=body, headers=headers)).status_code == 400

    await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})

    assert (await client.post("/api/v1/sends", json=body, headers=headers)).status_code == 201


async def test_repeats_at_the_same_time_create_once(client: httpx.AsyncClient) -> None:
    responses = await asyncio.gather(
        *(client.post("/api/v1/sends", json=LETTER, headers={"Idempotency-Key": "a"}) for _ in range(12))
    )

    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    assert len(await names(client)) == 1


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_an_idempotency_key_has_a_length(client: httpx.AsyncClient, key: str) -> None:
    response = await client.post("/api/v1/sends", json=LETTER, headers={"Idempotency-Key": key})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "Idempotency-Key"


async def test_organizations_and_modes_do_not_share_keys_of_requests(clients: Clients) -> None:
    for client in (await clients("Acme"), await clients("Acme", live=False), await clients("Other")):
        response = await client.post("/api/v1/sends", json=LETTER, headers={"Idempotency-Key": "a"})
        assert response.status_code == 201
        assert len(await names(client)) == 1


async def test_nobody_else_sees_or_changes_a_send(clients: Clients) -> None:
    owner = await clients("Acme")
    sent = await create(owner, external_id="crm-7")
    for stranger in (await clients("Acme", live=False), await clients("Other"), await clients("Other", live=False)):
        missing = await stranger.get("/api/v1/sends/letter_0000000000000")
        for response in (
            await stranger.get(f"/api/v1/sends/{sent['id']}"),
            await stranger.get(f"/api/v1/sends/{sent['id']}/events"),
            await stranger.post(f"/api/v1/sends/{sent['id']}/events", json={"code": "cancelled"}),
        ):
            assert response.status_code == 404
            assert response.json()["error"]["message"] == missing.json()["error"]["message"].replace(
                "letter_0000000000000", sent["id"]
            )
        for query in ({}, {"q": sent["id"]}, {"q": "crm-7"}, {"after": (await create(stranger))["id"]}):
            assert sent["id"] not in (await stranger.get("/api/v1/sends", params=query)).text
    assert (await owner.get(f"/api/v1/sends/{sent['id']}")).json() == sent


async def test_an_id_with_another_kind_s_name_is_no_id(client: httpx.AsyncClient) -> None:
    sent = await create(client)

    for id_ in (sent["id"].replace("letter", "postcard"), sent["id"][:-1], sent["id"] + "0"):
        assert (await client.get(f"/api/v1/sends/{id_}")).status_code == 404


async def test_a_large_batch_arrives_whole(client: httpx.AsyncClient, context: Context) -> None:
    body = {"sends": [{**LETTER, "external_id": str(n)} for n in range(2_000)]}

    answer = (await client.post("/api/v1/sends/batch", json=body)).json()

    assert [item["external_id"] for item in answer["data"]] == [str(n) for n in range(2_000)]
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select sum(n)::int from counts")
        assert await cursor.fetchone() == (2_000,)


async def test_each_key_has_idempotency_keys_of_its_own(clients: Clients) -> None:
    first = await clients("Acme")
    made = (await first.post("/api/v1/keys", json={"name": "Other"})).json()["key"]
    again = {"Idempotency-Key": "a"}
    sends = [
        (await first.post("/api/v1/sends", json=LETTER, headers={**again, **who})).json()["id"]
        for who in ({}, {"Authorization": f"Bearer {made}"}, {})
    ]
    assert sends[0] == sends[2] != sends[1]
