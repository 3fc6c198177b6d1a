"""Moving test sends along and rehearsing whole journeys, by the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from sendtrail.api.shapes import Send
from sendtrail.services import rehearsals
from sendtrail.services.context import Context
from tests.api.conftest import Clients

SEND = msgspec.defstruct("StrictSend", [], bases=(Send,), forbid_unknown_fields=True)
TO = {"name": "Ann", "email": "ann@example.com", "city": "Chicago", "postal_code": "60614"}


@pytest.fixture
async def test(clients: Clients) -> httpx.AsyncClient:
    """A client with a test key, whose mail gets barcodes."""
    client = await clients(live=False)
    await client.post("/api/v1/mailer_ids", json={"mid": "901000111"})
    return client


async def made(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/sends", json={"kind": "letter", "to": TO, **more})
    assert answer.status_code == 201, answer.text
    sent: dict[str, Any] = answer.json()
    return sent


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["message"]


class TestCampaigns:
    async def test_a_campaign_of_test_mode_makes_test_sends_and_is_nobodys_for_a_live_key(
        self, client: httpx.AsyncClient, test: httpx.AsyncClient
    ) -> None:
        campaign = (await test.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})).json()
        assert campaign["live"] is False
        sent = await made(test, campaign="Spring")
        assert (sent["live"], sent["campaign"]["id"]) == (False, campaign["id"])
        for name in ("Spring", campaign["id"]):
            answer = await client.post("/api/v1/sends", json={"kind": "letter", "to": TO, "campaign": name})
            assert refusal(answer) == (400, f"campaign {name!r} does not exist in live mode: create it there first")
        assert (await client.get("/api/v1/sends")).json()["data"] == []
        await client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"})
        live = await made(client, campaign="Spring")
        assert live["live"] is True
        assert live["campaign"]["id"] != campaign["id"]
        for mode, own in ((client, live), (test, sent)):
            assert [each["id"] for each in (await mode.get("/api/v1/sends?campaign=Spring")).json()["data"]] == [
                own["id"]
            ]


class TestProgressions:
    async def test_each_moves_a_send_to_its_next_usual_event_until_nothing_follows(
        self, test: httpx.AsyncClient
    ) -> None:
        sent = await made(test)
        address, codes, known = f"/api/v1/sends/{sent['id']}/progressions", [], []
        while (answer := await test.post(address)).status_code == 200:
            msgspec.json.decode(answer.content, type=SEND)
            shown = answer.json()
            codes.append(shown["status"]["code"])
            known.append((shown["trail"][-1]["source"], shown["trail"][-1]["evidence"]))
        assert codes == [
            *("rendered", "addressed", "printed", "handed_over"),
            *("in_transit", "in_local_area", "out_for_delivery", "delivered"),
        ]
        assert known == [("printer", "reported")] * 4 + [("usps", "scanned")] * 3 + [("usps", "logical")]
        message = "nothing usually follows the status Delivered (delivered): this send has come to its end"
        assert refusal(answer) == (409, message)
        files = (await test.get("/api/v1/feeds/files")).json()["data"]
        assert [each["name"] for each in files] == [f"next step of {sent['id']}.json"] * 4
        assert {each["source"] for each in files} == {"sample"}

    @pytest.mark.parametrize(
        ("kind", "last", "source"), [("gift", "delivered", "carrier"), ("egift", "redeemed", "recipient")]
    )
    async def test_gifts_and_egifts_have_their_own_ways(
        self, test: httpx.AsyncClient, kind: str, last: str, source: str
    ) -> None:
        sent = await made(test, kind=kind)
        answers = [await test.post(f"/api/v1/sends/{sent['id']}/progressions") for _ in range(7)]
        shown = [answer.json() for answer in answers if answer.status_code == 200][-1]
        assert (shown["status"]["code"], shown["trail"][-1]["source"]) == (last, source)
        assert answers[-1].status_code == 409

    async def test_an_event_can_be_named(self, test: httpx.AsyncClient) -> None:
        sent = await made(test)
        address = f"/api/v1/sends/{sent['id']}/progressions"
        for event, evidence in (("out_for_delivery", "scanned"), ("rerouted", "scanned"), ("returned", "reported")):
            answer = await test.post(address, json={"event": event})
            assert (answer.json()["status"]["code"], answer.json()["status"]["evidence"]) == (event, evidence)
        assert answer.json()["trail"][-1]["detail"]["nixie"] == "A"
        assert refusal(await test.post(address, json={"event": "delivered"})) == (
            409,
            "this send is beyond delivered: its status is Returned (returned)",
        )
        for event in ("redeemed", "cancelled", "created", "nonsense"):
            answer = await test.post(address, json={"event": event})
            assert answer.status_code == 400
            assert answer.json()["error"]["param"] == "event"

    async def test_a_repeat_with_its_key_moves_it_once(self, test: httpx.AsyncClient) -> None:
        sent = await made(test)
        address, key = f"/api/v1/sends/{sent['id']}/progressions", {"Idempotency-Key": "step"}
        first = await test.post(address, json={"event": "in_transit"}, headers=key)
        assert (await test.post(address, json={"event": "in_transit"}, headers=key)).content == first.content
        assert len(first.json()["trail"]) == len(
            (await test.get(address.removesuffix("/progressions"))).json()["trail"]
        )
        assert (await test.post(address, json={}, headers=key)).status_code == 409

    async def test_a_day_that_is_still_to_come_is_said(self, test: httpx.AsyncClient) -> None:
        sent = await made(test, send_date="2088-01-05")
        for path in ("progressions", "rehearsal"):
            status, message = refusal(await test.post(f"/api/v1/sends/{sent['id']}/{path}"))
            assert (status, message.partition(":")[0]) == (409, "its send date, 2088-01-05, is still to come")


class TestRehearsal:
    async def test_it_is_begun_played_looked_at_and_reset(self, context: Context, test: httpx.AsyncClient) -> None:
        sent = await made(test)
        address = f"/api/v1/sends/{sent['id']}/rehearsal"
        assert (await test.get(address)).status_code == 404
        key = {"Idempotency-Key": "once"}
        body = {"pace": "hours", "problem": "returned"}
        answer = await test.post(address, json=body, headers=key)
        begun = answer.json()
        assert answer.status_code == 201
        assert (await test.post(address, json=body, headers=key)).json() == begun
        told = {name: begun[name] for name in ("send", "pace", "problem", "state", "played", "next", "outcome")}
        assert told == {
            "send": sent["id"],
            **body,
            "state": "playing",
            "played": 0,
            "next": "rendered",
            "outcome": "returned",
        }
        assert refusal(await test.post(address)) == (409, "this send has a rehearsal already: reset it first")
        message = "a rehearsal of this send is being played: stop or reset it first"
        assert refusal(await test.post(f"/api/v1/sends/{sent['id']}/progressions")) == (409, message)
        later = datetime.fromisoformat(begun["next_at"])
        for n in range(3):
            await rehearsals.play(context, later + timedelta(hours=n))
        looked = (await test.get(address)).json()
        assert (looked["played"], looked["next"]) == (3, "handed_over")
        assert (await test.get(f"/api/v1/sends/{sent['id']}")).json()["status"]["code"] == "printed"
        assert (await test.delete(address)).status_code == 204
        assert (await test.get(f"/api/v1/sends/{sent['id']}")).json() == sent
        assert (await test.delete(address)).status_code == 404
        assert (await test.post(address)).json()["pace"] == "seconds"

    async def test_what_cannot_be_is_refused(self, test: httpx.AsyncClient) -> None:
        card = await made(test, kind="egift")
        for body, param in (
            ({"pace": "years"}, "pace"),
            ({"problem": "fire"}, "problem"),
            ({"problem": "rerouted"}, "problem"),
            ({"speed": 1}, "speed"),
        ):
            answer = await test.post(f"/api/v1/sends/{card['id']}/rehearsal", json=body)
            assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
        for _ in range(4):
            await test.post(f"/api/v1/sends/{card['id']}/progressions")
        answer = await test.post(f"/api/v1/sends/{card['id']}/rehearsal")
        assert refusal(answer) == (409, "nothing is left to be played: the status is Redeemed (redeemed)")

    async def test_a_live_send_is_no_test_and_anothers_is_none(
        self, clients: Clients, client: httpx.AsyncClient, test: httpx.AsyncClient
    ) -> None:
        live, sent = await made(client), await made(test)
        why = "this is a live send: only test sends can be moved along and rehearsed"
        for method, path in (
            ("POST", "progressions"),
            ("POST", "rehearsal"),
            ("GET", "rehearsal"),
            ("DELETE", "rehearsal"),
        ):
            assert refusal(await client.request(method, f"/api/v1/sends/{live['id']}/{path}")) == (409, why)
            for stranger in (client, await clients("Bolt", live=False)):
                answer = await stranger.request(method, f"/api/v1/sends/{sent['id']}/{path}")
                assert refusal(answer) == (404, f"no send {sent['id']!r}")
        assert datetime.fromisoformat(live["status"]["since"]) < datetime.now(UTC)
