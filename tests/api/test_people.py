"""Members and teams by the API."""

from typing import Any

import httpx

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import accounts, mail, people, reports, sends
from sendtrail.services.context import Context
from tests.api.conftest import Clients
from tests.people import DAY, World, world


async def listed(client: httpx.AsyncClient, noun: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/v1/{noun}")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def refusal(work: httpx.Response) -> tuple[int, str | None]:
    return work.status_code, work.json()["error"]["param"]


def member(context: Context, made: World, who: str) -> str:
    return context.ids.encode("member", made.members[who])


async def test_members_are_listed_given_roles_and_taken_out(context: Context, clients: Clients) -> None:
    made = await world(context)
    client = await clients("Acme")
    shown = {each["email"]: each for each in await listed(client, "members")}
    assert set(shown) == {f"{name}@example.com" for name in ("ann", "gus", "mia", "sam", "tom", "zoe")}
    sam = shown["sam@example.com"]
    assert (sam["id"], sam["role"], sam["whole"]) == (member(context, made, "sam"), "sender", False)
    assert [team["name"] for team in sam["teams"]] == ["East"]

    address = f"/api/v1/members/{sam['id']}"
    changed = await client.patch(address, json={"role": "manager", "whole": True})
    assert (changed.status_code, changed.json()) == (200, sam | {"role": "manager", "whole": True})
    assert await refusal(await client.patch(address, json={"role": "king"})) == (400, "role")
    assert await refusal(await client.patch(address, json={"roll": "sender"})) == (400, "roll")
    ann = f"/api/v1/members/{member(context, made, 'ann')}"
    assert await refusal(await client.patch(ann, json={"role": "sender"})) == (409, "role")
    assert (await client.delete(ann)).status_code == 409
    assert (await client.delete(address)).status_code == 204
    assert await refusal(await client.delete(address)) == (404, "id")
    assert "sam@example.com" not in {each["email"] for each in await listed(client, "members")}
    fay = f"/api/v1/members/{member(context, made, 'fay')}"
    assert (await client.delete(fay)).status_code == 404


async def test_somebody_is_invited_once_and_the_link_goes_by_mail(context: Context, clients: Clients) -> None:
    await world(context)
    client = await clients("Acme")
    (east,) = await listed(client, "teams")
    wanted = {"email": "new@example.com", "role": "sender", "team": east["id"]}
    first, again = [
        await client.post("/api/v1/members", json=wanted, headers={"Idempotency-Key": "1"}) for _ in range(2)
    ]
    assert (first.status_code, first.json()) == (201, again.json())
    assert first.json()["team"] == {"id": east["id"], "name": "East"}
    (email,) = await mail.outbox(context)
    assert email.recipient == "new@example.com"
    assert "http://127.0.0.1:8020/invite/" in email.body
    assert await listed(client, "members/invitations") == [first.json()]
    for body, refused in (
        ({"email": "nobody", "role": "sender"}, (400, "email")),
        ({"email": "new@example.com", "role": "king"}, (400, "role")),
        ({"email": "sam@example.com", "role": "sender"}, (409, "email")),
        ({"email": "new@example.com", "role": "sender", "team": "team_0"}, (400, "team")),
    ):
        assert await refusal(await client.post("/api/v1/members", json=body)) == refused
    gone = f"/api/v1/members/invitations/{first.json()['id']}"
    assert [(await client.delete(gone)).status_code for _ in range(2)] == [204, 404]
    assert await listed(client, "members/invitations") == []


async def test_teams_are_begun_renamed_filled_and_given_up(context: Context, clients: Clients) -> None:
    made = await world(context)
    client = await clients("Acme")
    zoe = member(context, made, "zoe")
    first, again = [
        await client.post("/api/v1/teams", json={"name": "West"}, headers={"Idempotency-Key": "1"}) for _ in range(2)
    ]
    assert (first.status_code, first.json()) == (201, again.json())
    west = f"/api/v1/teams/{first.json()['id']}"
    assert await refusal(await client.post("/api/v1/teams", json={"name": "East"})) == (409, "name")
    assert (await client.patch(west, json={"name": "North"})).json() == first.json() | {"name": "North"}
    assert await refusal(await client.patch(west, json={"name": "East"})) == (409, "name")
    assert await refusal(await client.patch(west, json={"name": ""})) == (400, "name")
    for _ in range(2):
        assert (await client.put(f"{west}/members/{zoe}")).status_code == 204
    assert [[each["email"] for each in team["members"]] for team in await listed(client, "teams")] == [
        ["mia@example.com", "sam@example.com", "tom@example.com"],
        ["zoe@example.com"],
    ]
    assert (await client.put(f"{west}/members/member_0")).status_code == 404
    assert (await client.delete(f"{west}/members/{zoe}")).status_code == 204
    assert (await listed(client, "teams"))[1]["members"] == []
    assert [(await client.delete(west)).status_code for _ in range(2)] == [204, 404]
    assert [team["name"] for team in await listed(client, "teams")] == ["East"]


async def test_what_a_team_sent_outlives_it(context: Context, clients: Clients) -> None:
    """By its name, in lists and totals; for those who see the organization, and each sender their own."""
    made = await world(context)
    ann, mia, sam = (made.scopes[who] for who in ("ann", "mia", "sam"))
    client = await clients("Acme")
    (east,) = await listed(client, "teams")

    async def totals() -> list[int]:
        return [(await reports.summary(context, scope, DAY, DAY)).total for scope in (ann, mia, sam)]

    assert await totals() == [14, 6, 2]
    assert (await client.delete(f"/api/v1/teams/{east['id']}")).status_code == 204
    mia, sam = [await scope_now(context, made, who) for who in ("mia", "sam")]
    assert await totals() == [14, 2, 2]
    (shown,) = [
        each
        for each in await listed(client, f"sends?team={east['id']}&sector=single")
        if each["to"]["name"] == "To tom."
    ]
    assert shown["team"] == {"id": east["id"], "name": "East"}
    new = NewSend(kind="letter", to=Address(name="Bo"), team="East")
    (refused,) = await sends.create(context, ann, [new])
    assert getattr(refused, "param", None) == "team"
    again = (await client.post("/api/v1/teams", json={"name": "East"})).json()
    assert again["id"] != east["id"]
    (sent,) = await sends.create(context, ann, [new])
    assert isinstance(sent, dict)
    assert sent["team"] == again
    assert {team.id for team in await people.list_teams(context, ann)} == {again["id"]}


async def scope_now(context: Context, made: World, who: str) -> Scope:
    """Their reach as it is after changes."""
    found = await accounts.scope_of_member(context, made.members[who], made.scopes[who].organization_id, True)
    assert found is not None
    return found


async def test_a_key_of_test_mode_changes_nobody(context: Context, clients: Clients) -> None:
    made = await world(context)
    test = await clients("Acme", live=False)
    assert len(await listed(test, "members")) == 6
    sam = member(context, made, "sam")
    for refused in (
        await test.post("/api/v1/members", json={"email": "new@example.com", "role": "admin"}),
        await test.patch(f"/api/v1/members/{sam}", json={"role": "admin"}),
        await test.delete(f"/api/v1/members/{sam}"),
        await test.post("/api/v1/teams", json={"name": "West"}),
    ):
        assert refused.status_code == 403
        assert "takes a live key" in refused.json()["error"]["message"]
    assert await mail.outbox(context) == []
