"""How campaigns perform, over the API."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from sendtrail.domain.scope import Scope
from sendtrail.services import audit
from sendtrail.services.context import Context
from sendtrail.services.engaged_people import COLUMNS
from sendtrail.services.sends import send_number
from sendtrail.store import system
from sendtrail.store.system.responses import GOAL, VISIT, NewResponse, record
from tests.api.conftest import Clients

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


async def letter(client: httpx.AsyncClient, campaign: str, name: str) -> str:
    to = {"name": name, "company": "Inc, 5", "email": "cy@example.com", "postal_code": "60601", "state": "IL"}
    made = await client.post("/api/v1/sends", json={"kind": "letter", "to": to, "campaign": campaign, "cost_cents": 50})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def begun(client: httpx.AsyncClient, name: str) -> str:
    return str((await client.post("/api/v1/campaigns", json={"name": name, "type": "bulk"})).json()["id"])


async def test_a_campaigns_performance_is_told_compared_and_saved(
    client: httpx.AsyncClient, clients: Clients, context: Context
) -> None:
    spring, autumn = await begun(client, "Spring"), await begun(client, "Autumn")
    made = [await letter(client, "Spring", name) for name in ("=Cy", "007", "Di")]
    numbers = [send_number(context, each) for each in made]
    goal = NewResponse(numbers[0], GOAL, NOON, value_cents=12_345)
    came = [NewResponse(each, VISIT, NOON, visitor=1, device="phone") for each in numbers[:2]]
    await context.database.run(lambda connection: record(connection, [*came, goal], NOON))

    answer = (await client.get(f"/api/v1/campaigns/{spring}/performance")).json()
    assert (answer["pieces"], answer["engaged"], answer["engaged_pieces"], answer["rate"]) == (3, 1, 2, 0.3333)
    assert (answer["value"], answer["spent"], answer["cost_per_response"]) == (12_345, 150, 150)
    assert {each["by"]: each["data"] for each in answer["segments"]}["region"] == [
        {"value": "IL", "values": 1, "pieces": 3, "engaged": 1}
    ]
    compared = await client.get(f"/api/v1/reports/performance?campaign={autumn}&campaign={spring}")
    assert [(each["id"], each["rate"]) for each in compared.json()["data"]] == [(autumn, None), (spring, 0.3333)]

    saved = await client.get(f"/api/v1/campaigns/{spring}/engaged.csv")
    assert saved.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert saved.headers["Sendtrail-Sends"] == "2"
    first, second = csv.DictReader(io.StringIO(saved.content.decode(), newline=""))
    assert tuple(first) == COLUMNS
    assert first == {
        "send": made[0], "name": "'=Cy", "company": "Inc, 5", "email": "cy@example.com",
        "first_visit": "2026-03-04 12:00:00", "last_visit": "2026-03-04 12:00:00", "visits": "1", "goals": "1",
        "value": "123.45", "currency": "USD", "link": "", "owner": "",
    }  # fmt: skip
    assert (second["name"], second["value"]) == ("007", "0.00")
    sheet = (await client.get(f"/api/v1/campaigns/{spring}/engaged.csv?spreadsheet=true")).content.decode()
    assert sheet.startswith("\ufeffsend,")
    assert ",'007," in sheet

    async with context.database.snapshot() as connection:
        organization = await system.organization_named(connection, "Acme")
    assert organization
    notes, _ = await audit.list_notes(context, Scope(organization, True, "test"), 10, None)
    found = [note for note in notes if note.action == "engaged.exported"]
    assert [(note.subject, note.detail) for note in found] == [
        ("Spring", {"mode": "live", "sends": 2, "whole": True})
    ] * 2

    poor = await clients("Acme", live=False)
    for path in (f"campaigns/{spring}/performance", f"campaigns/{spring}/engaged.csv", "campaigns/x/performance"):
        assert (await poor.get(f"/api/v1/{path}")).status_code == 404


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("campaign=campaign_0", "campaign"),
        ("&".join(f"campaign=c{n}" for n in range(7)), "campaign"),
        ("campaigns=c", "campaigns"),
        ("campaign=%00", "campaign"),
    ],
)
async def test_what_cannot_be_compared_is_refused(client: httpx.AsyncClient, query: str, param: str) -> None:
    answer = await client.get(f"/api/v1/reports/performance?{query}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_what_takes_one_value_is_given_once(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/reports/summary?start=2026-03-02&start=2026-03-02")
    assert answer.status_code == 400


def test_the_documentation_names_every_column() -> None:
    text = (Path(__file__).parents[2] / "docs" / "performance.md").read_text(encoding="utf-8")
    assert [column for column in COLUMNS if f"`{column}`" not in text] == []
