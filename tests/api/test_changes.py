"""Cancelling and changing sends by the API."""

from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest

from sendtrail.api.shapes import Cancelled, Send
from tests.api.conftest import Clients
from tests.api.test_sends import create

SEND = msgspec.defstruct("StrictSend", [], bases=(Send,), forbid_unknown_fields=True)
CANCELLED = msgspec.defstruct("StrictCancelled", [], bases=(Cancelled,), forbid_unknown_fields=True)


class TestCancel:
    async def test_answers_the_send_with_reason_and_key(self, client: httpx.AsyncClient) -> None:
        sent = await create(client)
        answer = await client.post(f"/api/v1/sends/{sent['id']}/cancel", json={"reason": "wrong list"})
        assert answer.status_code == 200
        msgspec.json.decode(answer.content, type=SEND)
        assert answer.json()["status"]["code"] == "cancelled"
        assert answer.json()["trail"][-1]["detail"]["reason"] == "wrong list"
        assert answer.json()["trail"][-1]["detail"]["by"].startswith("API key")
        assert (await client.get(f"/api/v1/sends/{sent['id']}")).json() == answer.json()

    async def test_a_repeat_is_a_conflict_unless_it_is_the_same_request(self, client: httpx.AsyncClient) -> None:
        sent = await create(client)
        address, key = f"/api/v1/sends/{sent['id']}/cancel", {"Idempotency-Key": "once"}
        first = await client.post(address, json={}, headers=key)
        assert (await client.post(address, json={}, headers=key)).content == first.content
        again = await client.post(address, json={})
        assert again.status_code == 409
        assert again.json()["error"] == {"type": "conflict", "message": "it is cancelled already", "param": None}

    async def test_it_is_refused_with_the_status_once_it_is_too_late(self, client: httpx.AsyncClient) -> None:
        sent = await create(client)
        at = datetime.now(UTC).isoformat()
        await client.post(f"/api/v1/sends/{sent['id']}/events", json={"code": "printed", "occurred_at": at})
        for address, body in (("cancel", {}), ("events", {"code": "cancelled"})):
            answer = await client.post(f"/api/v1/sends/{sent['id']}/{address}", json=body)
            assert answer.status_code == 409
            assert answer.json()["error"]["message"].endswith("the status is Producing: printed (printed)")

    @pytest.mark.parametrize(
        ("body", "param"),
        [({"reason": 5}, "reason"), ({"reason": "x" * 2_001}, "reason"), ({"why": "x"}, "why"), ([], None)],
    )
    async def test_what_cannot_be_taken_is_named(self, client: httpx.AsyncClient, body: Any, param: str | None) -> None:
        sent = await create(client)
        answer = await client.post(f"/api/v1/sends/{sent['id']}/cancel", json=body)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)

    async def test_anothers_send_does_not_exist(self, clients: Clients, client: httpx.AsyncClient) -> None:
        sent = await create(client)
        for stranger in (await clients("Bolt"), await clients(live=False)):
            answer = await stranger.post(f"/api/v1/sends/{sent['id']}/cancel", json={})
            assert answer.status_code == 404


class TestCancelMany:
    async def test_cancels_what_it_can_and_names_the_others(self, client: httpx.AsyncClient) -> None:
        one, two, three = [(await create(client))["id"] for _ in range(3)]
        await client.post(f"/api/v1/sends/{two}/events", json={"code": "printed"})

        answer = await client.post("/api/v1/sends/cancel", json={"sends": [one, two, "x", three], "reason": "off"})

        assert answer.status_code == 200
        msgspec.json.decode(answer.content, type=CANCELLED)
        told = answer.json()
        assert (told["cancelled"], told["refused"]) == (2, 2)
        assert [(each["index"], each["error"]["type"]) for each in told["refusals"]] == [
            (1, "conflict"),
            (2, "not_found"),
        ]
        for public_id in (one, three):
            shown = (await client.get(f"/api/v1/sends/{public_id}")).json()
            assert shown["trail"][-1]["detail"]["reason"] == "off"

    async def test_a_repeat_with_the_same_key_gets_the_first_answer(self, client: httpx.AsyncClient) -> None:
        body = {"sends": [(await create(client))["id"]]}
        answers = [
            (await client.post("/api/v1/sends/cancel", json=body, headers={"Idempotency-Key": "all"})).json()
            for _ in range(2)
        ]
        assert answers == [{"cancelled": 1, "refused": 0, "refusals": []}] * 2

    @pytest.mark.parametrize(
        ("body", "param"),
        [({}, "sends"), ({"sends": "x"}, "sends"), ({"sends": ["x"] * 10_001}, "sends"), ({"sends": [], "q": 1}, "q")],
    )
    async def test_what_cannot_be_taken_is_named(self, client: httpx.AsyncClient, body: Any, param: str) -> None:
        answer = await client.post("/api/v1/sends/cancel", json=body)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


class TestEdit:
    async def test_what_is_not_named_stays(self, client: httpx.AsyncClient) -> None:
        sent = await create(client, to={"name": "Ann", "city": "Boston"})
        answer = await client.patch(
            f"/api/v1/sends/{sent['id']}", json={"to": {"email": "ann@example.com"}, "send_date": "2026-05-01"}
        )
        assert answer.status_code == 200
        msgspec.json.decode(answer.content, type=SEND)
        told = answer.json()
        assert told["to"] == {**sent["to"], "email": "ann@example.com"}
        assert (told["send_date"], told["day"]) == ("2026-05-01", "2026-05-01")
        back = await client.patch(f"/api/v1/sends/{sent['id']}", json={"send_date": None})
        assert (back.json()["send_date"], back.json()["day"]) == (None, sent["day"])
        assert (await client.patch(f"/api/v1/sends/{sent['id']}", json={})).json() == back.json()

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({"message": "x"}, "message"),
            ({"to": {"zip": "60614"}}, "to.zip"),
            ({"to": {"name": None}}, "to.name"),
            ({"to": {"name": 5}}, "to.name"),
            ({"to": None}, "to"),
            ({"to": {"country": "France"}}, "to.country"),
            ({"send_date": "soon"}, "send_date"),
            ({"send_date": "2019-12-31"}, "send_date"),
            ([], None),
        ],
    )
    async def test_what_cannot_be_taken_is_named(self, client: httpx.AsyncClient, body: Any, param: str | None) -> None:
        sent = await create(client)
        answer = await client.patch(f"/api/v1/sends/{sent['id']}", json=body)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
        assert (await client.get(f"/api/v1/sends/{sent['id']}")).json() == sent

    async def test_a_repeat_with_the_same_key_gets_the_first_answer(self, client: httpx.AsyncClient) -> None:
        sent = await create(client)
        address, key = f"/api/v1/sends/{sent['id']}", {"Idempotency-Key": "once"}
        first = await client.patch(address, json={"to": {"name": "Bo"}}, headers=key)
        await client.post(f"{address}/events", json={"code": "printed"})
        assert (await client.patch(address, json={"to": {"name": "Bo"}}, headers=key)).content == first.content
        late = await client.patch(address, json={"to": {"name": "Bo"}})
        assert late.status_code == 409
        assert late.json()["error"]["message"].endswith("the status is Producing: printed (printed)")
