"""Goals by the API: told of a send by whatever somebody knows of it, and listed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import accounts, campaigns, goals, links, sends
from sendtrail.services.context import Context
from sendtrail.services.link_addresses import code
from tests.api.conftest import Clients
from tests.links.printing import change, print_links

ANN = Address(name="Ann", email="Ann@Example.com")


@pytest.fixture
async def client(clients: Clients) -> httpx.AsyncClient:
    return await clients("Acme")


@pytest.fixture
async def scope(client: httpx.AsyncClient, context: Context) -> Scope:
    return await accounts.scope_of_organization(context, "Acme", live=True)


async def told(client: httpx.AsyncClient, status: int = 201, **goal: Any) -> Any:
    answer = await client.post("/api/v1/goals", json=goal)
    assert answer.status_code == status, answer.text
    return answer.json()


async def made(context: Context, scope: Scope, **fields: Any) -> str:
    (view,) = await sends.create(context, scope, [NewSend("letter", ANN, **fields)])
    assert isinstance(view, dict)
    return str(view["id"])


async def test_a_goal_finds_its_send_by_what_somebody_knows_of_it(
    context: Context, client: httpx.AsyncClient, scope: Scope
) -> None:
    await campaigns.add_campaign(context, scope, "Spring", "bulk")
    spring = await made(context, scope, campaign="Spring", send_date=date(2026, 3, 2))
    newest = await made(context, scope, external_id="order 7", send_date=date(2026, 3, 9))
    older = await made(context, scope, external_id="order 7", send_date=date(2026, 3, 1))
    (link,) = await print_links(context, scope)

    by_email = await told(client, email="ann@example.COM", value="49.90", reference="A-1")
    assert (by_email["goal"]["value_cents"], by_email["goal"]["currency"], by_email["new"]) == (4990, "USD", True)
    linked = by_email["send"]["id"]
    assert linked not in (spring, newest, older)
    assert by_email["goal"]["link"] == context.ids.encode("link", link)
    assert [each["code"] for each in by_email["send"]["trail"]] == ["created", "goal_reached"]
    assert by_email["send"]["vocabularies"]["postalytics"] == {"name": "pURLCompleted", "code": 8}
    assert by_email["send"]["status"]["code"] == "created"
    again = await told(client, 200, send=linked, value_cents=1, reference="A-1")
    assert (again["new"], again["goal"]) == (False, by_email["goal"])
    in_spring = await told(client, email="ann@example.com", campaign="Spring", occurred_at="2026-03-05T10:00:00-05:00")
    assert (in_spring["goal"]["send"], in_spring["goal"]["campaign"]["name"]) == (spring, "Spring")
    assert in_spring["goal"]["occurred_at"] == "2026-03-05T15:00:00Z"
    assert (await told(client, external_id="order 7"))["goal"]["send"] == newest
    for given in (code(context, link), code(context, link).upper(), context.ids.encode("link", link)):
        assert (await told(client, link=given))["goal"]["send"] == linked
    await told(client, send=older, value=0.1 + 0.2)

    listed = (await client.get("/api/v1/goals")).json()["data"]
    assert [each["value_cents"] for each in listed] == [30, 0, 0, 0, 0, 0, 4990]
    first = (await client.get("/api/v1/goals", params={"limit": 4})).json()
    rest = (await client.get("/api/v1/goals", params={"limit": 4, "after": first["next"]})).json()
    assert (first["data"] + rest["data"], rest["next"]) == (listed, None)
    for wanted, n in (
        ({"campaign": "Spring"}, 1),
        ({"send": linked}, 4),
        ({"start": "2026-03-05", "end": "2026-03-05"}, 1),
        ({"end": "2026-03-04"}, 0),
        ({"start": "2026-03-06"}, 6),
    ):
        assert len((await client.get("/api/v1/goals", params=wanted)).json()["data"]) == n, wanted


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({}, 400, "link"),
    ({"link": "x", "email": "a@x.org"}, 400, "email"),
    ({"link": "0000000000000"}, 404, "link"),
    ({"send": "letter_0000000000000"}, 404, "send"),
    ({"external_id": "a" * 5000}, 404, "external_id"),
    ({"email": "nobody@x.org"}, 404, "email"),
    ({"email": "ann@example.com", "campaign": "None"}, 400, "campaign"),
    ({"email": "ann@example.com", "value": "many"}, 400, "value"),
    ({"email": "ann@example.com", "value": 1, "value_cents": 100}, 400, "value"),
    ({"email": "ann@example.com", "value_cents": -1}, 400, "value_cents"),
    ({"email": "ann@example.com", "currency": "EUR"}, 400, "currency"),
    ({"email": "ann@example.com", "reference": "a\nb"}, 400, "reference"),
    ({"email": "ann@example.com", "occurred_at": "2026-03-05T10:00:00"}, 400, "occurred_at"),
    ({"email": "ann@example.com", "occurred_at": "2999-03-05T10:00:00Z"}, 400, "occurred_at"),
    ({"email": "ann@example.com", "occurred_at": str(datetime.now(UTC) + timedelta(hours=1))}, 400, "occurred_at"),
    ({"email": "ann@example.com", "occurred_at": "2020-01-02T10:00:00Z"}, 400, "occurred_at"),
    ({"email": "ann@example.com", "value": 10**400}, 400, "value"),
    ({"email": "ann@example.com", "occurred_at": "1999-03-05T10:00:00Z"}, 400, "occurred_at"),
]


async def test_a_refusal_names_the_field(context: Context, client: httpx.AsyncClient, scope: Scope) -> None:
    await made(context, scope)
    for goal, status, param in REFUSED:
        assert (await told(client, status, **goal))["error"]["param"] == param, goal
    assert (await client.get("/api/v1/goals")).json() == {"data": [], "next": None}


async def test_goals_stay_in_their_organization_and_mode_and_a_repeat_gets_its_answer(
    context: Context, client: httpx.AsyncClient, clients: Clients, scope: Scope
) -> None:
    send = await made(context, scope)
    for other in (await clients("Other"), await clients("Acme", live=False)):
        assert (await told(other, 404, email="ann@example.com"))["error"]["param"] == "email"
        assert (await told(other, 404, send=send))["error"]["param"] == "send"
    key = {"Idempotency-Key": "one"}
    first = await client.post("/api/v1/goals", json={"send": send}, headers=key)
    second = await client.post("/api/v1/goals", json={"send": send}, headers=key)
    assert (first.content, first.status_code) == (second.content, second.status_code)
    assert (await client.post("/api/v1/goals", json={"send": send, "value": 1}, headers=key)).status_code == 409
    assert [each["send"] for each in (await client.get("/api/v1/goals")).json()["data"]] == [send]
    for name, value in (("after", send), ("send", "x"), ("campaign", "none"), ("start", "9000-01-01")):
        refused = await client.get("/api/v1/goals", params={name: value, "end": "2026-03-02"})
        assert refused.json()["error"]["param"] == name


async def test_a_goal_may_be_as_old_as_its_send_and_no_older(
    context: Context, client: httpx.AsyncClient, scope: Scope
) -> None:
    past = await made(context, scope, send_date=date(2026, 3, 2))
    coming = await made(context, scope, send_date=date.today() + timedelta(30))
    await told(client, send=past, occurred_at="2026-03-02T00:00:00-05:00")
    refused = (await told(client, 400, send=past, occurred_at="2026-03-01T23:59:59-05:00"))["error"]
    assert (refused["param"], "2026-03-02" in refused["message"]) == ("occurred_at", True)
    await told(client, send=coming)


async def test_what_goals_are_worth_is_told_to_who_may_see_money(context: Context, scope: Scope) -> None:
    (link,) = await print_links(context, scope)
    rights = {each: reach for each, reach in scope.rights.items() if not each.startswith("money")}
    poor = Scope(scope.organization_id, True, "key:2", rights=rights)
    for who, shown in ((scope, 700), (poor, None)):
        new = goals.NewGoal(link=code(context, link), value="7.00", reference="A")
        answer = msgspec.json.decode(await goals.add_once(context, who, new, None))
        (listed,), _ = await goals.list_goals(context, who)
        (own,), _ = await links.list_links(context, who, links.Chosen(), limit=1)
        told_by = [
            answer["goal"]["value_cents"],
            answer["send"]["responses"]["value_cents"],
            answer["send"]["trail"][-1]["response"]["value_cents"],
            listed.value_cents,
            own.value_cents,
        ]
        assert told_by == [shown] * 5


async def test_a_send_shows_its_last_hundred_responses_and_how_many_more_there_are(
    context: Context, client: httpx.AsyncClient, scope: Scope
) -> None:
    send = await made(context, scope)
    await change(
        context,
        "insert into response (send_id, organization_id, live, code, source, evidence, bot, test, occurred_at)"
        " select %s, %s, true, 1, 6, 4, n %% 2 = 0, n = 130, now() from generate_series(1, 130) n",
        context.ids.decode(send)[1],
        scope.organization_id,
    )
    await change(
        context,
        "insert into engagement (send_id, organization_id, live, campaign_id, team_id, owner_id, created_on, kind,"
        " recipient, visits, visitors, bots, last_visit_at)"
        " select send_id, organization_id, live, 0, 0, 0, created_on, kind, 0, 65, 60, 64, now() from state",
    )
    shown = (await client.get(f"/api/v1/sends/{send}")).json()
    events = (await client.get(f"/api/v1/sends/{send}/events")).json()["data"]
    listed = (await client.get("/api/v1/sends")).json()["data"][0]
    assert shown["trail"] == events
    assert [each["seq"] for each in events] == [1, *[None] * 100]
    assert events[-1]["response"]["test"]
    assert shown["responses"]["more"] == 30
    assert len({each["id"] for each in events[1:]}) == 100
    assert len(listed["trail"]) == 11
    assert listed["responses"] == shown["responses"] | {"more": 120}
    assert listed["vocabularies"] == shown["vocabularies"]
