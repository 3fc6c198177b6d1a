"""CSV by the API: streamed, whole or broken off, and never what a key may not see."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from sendtrail.services.exports import COLUMNS
from tests.api.conftest import Clients
from tests.api.serving import serving

LETTER = {"kind": "letter", "to": {"name": "=Ann", "postal_code": "02134"}, "campaign": ""}


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


async def test_a_list_is_saved_as_csv(client: httpx.AsyncClient) -> None:
    made = [(await client.post("/api/v1/sends", json=LETTER)).json() for _ in range(3)]
    answer = await client.get("/api/v1/sends.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="sends-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"])
    assert "Content-Length" not in answer.headers
    assert answer.headers["Sendtrail-Sends"] == "3"
    found = rows(answer)
    assert tuple(found[0]) == COLUMNS
    assert [row["id"] for row in found] == [send["id"] for send in reversed(made)]
    assert {(row["to.name"], row["to.postal_code"]) for row in found} == {("'=Ann", "02134")}


async def test_a_program_may_ask_for_the_file_of_the_pages(client: httpx.AsyncClient) -> None:
    await client.post("/api/v1/sends", json=LETTER)
    content = (await client.get("/api/v1/sends.csv?spreadsheet=true")).content.decode()
    assert content.startswith("\ufeffid,")
    assert ",'02134," in content


async def test_filters_are_those_of_the_list(client: httpx.AsyncClient) -> None:
    for kind in ("letter", "postcard"):
        await client.post("/api/v1/sends", json=LETTER | {"kind": kind})
    answer = await client.get("/api/v1/sends.csv?kind=postcard")
    assert [row["kind"] for row in rows(answer)] == ["postcard"]
    assert answer.headers["Sendtrail-Sends"] == "1"


@pytest.mark.parametrize("query", ["colour=red", "status=lost", "start=2026-03-02&end=2026-03-01", "mode=both"])
async def test_what_is_no_filter_is_refused_at_once(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/v1/sends.csv?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] in query


async def test_a_key_saves_its_own_mode_and_organization(clients: Clients) -> None:
    made = {}
    for organization, live in (("Acme", True), ("Acme", False), ("Other", True)):
        client = await clients(organization, live=live)
        made[client] = (await client.post("/api/v1/sends", json=LETTER)).json()["id"]
    for client, id_ in made.items():
        assert [row["id"] for row in rows(await client.get("/api/v1/sends.csv"))] == [id_]


@pytest.fixture
def served(server: str, template: str, tmp_path: Path) -> Iterator[tuple[httpx.Client, str]]:
    name = f"{template}_exports"
    with (
        serving(server, template, name, tmp_path) as (address, key),
        httpx.Client(base_url=address, headers={"X-API-Key": key}, timeout=60) as client,
    ):
        made = client.post("/api/v1/sends/batch", json={"sends": [LETTER] * 6000})
        assert made.json()["created"] == 6000
        yield client, make_conninfo(server, dbname=name)


def test_a_file_that_breaks_off_breaks_the_connection(served: tuple[httpx.Client, str]) -> None:
    client, dsn = served
    assert len(rows(client.get("/api/v1/sends.csv"))) == 6000
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("update state set best = 63 where send_id = (select min(send_id) from state)")
    with client.stream("GET", "/api/v1/sends.csv") as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            answer.read()
    assert client.get("/healthz").status_code == 200
