"""The application as granian serves it, over real connections."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from sendtrail.services.ingest import ASIDE_BYTES
from tests.api.serving import serving
from tests.feeds.feeding import event

LETTER = {"kind": "letter", "to": {"name": "Ann"}}


@pytest.fixture(scope="module")
def served(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server of two processes, which also read large files with two."""
    data = tmp_path_factory.mktemp("serving")
    with serving(server, template, f"{template}_serving", data, processes=2) as found:
        yield found


@pytest.fixture
def client(served: tuple[str, str]) -> Iterator[httpx.Client]:
    address, key = served
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        yield client


def test_a_large_upload_is_streamed_and_read_aside(client: httpx.Client) -> None:
    scans = [json.dumps(event(n, machineName="x" * 1_000)).encode() for n in range(1, 8_000)]
    size = sum(map(len, scans))
    assert size > ASIDE_BYTES

    def chunks() -> Iterator[bytes]:
        yield b'{"events":[' + scans[0]
        for scan in scans[1:]:
            yield b"," + scan
        yield b"]}"

    response = client.post("/api/v1/feeds/files?name=large.json", content=chunks())

    assert response.status_code == 201, response.text
    file = response.json()
    assert file["bytes"] > size
    assert (file["new"], file["unmatched"], file["rejected"]) == (0, 7_999, 0)


def test_a_body_over_the_limit_is_refused_while_the_server_goes_on(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(3_000):
            yield b" " * 1_024

    for content in (b" " * (3 << 20), endless()):
        response = client.post("/api/v1/sends", content=content, headers={"Content-Type": "application/json"})
        assert (response.status_code, response.json()["error"]["type"]) == (413, "too_large")

    assert client.post("/api/v1/sends", json=LETTER).status_code == 201


@pytest.mark.parametrize("path", ["/api/v1/feeds/files?name=large.json", "/api/v1/sends", "/feeds/iv-mtr"])
def test_who_sends_much_without_a_key_gets_the_refusal_not_a_broken_connection(client: httpx.Client, path: str) -> None:
    del client.headers["Authorization"]

    response = client.post(path, content=b" " * (8 << 20), headers={"Content-Type": "application/json"})

    assert (response.status_code, response.json()["error"]["type"]) == (401, "unauthorized")


def test_repeats_over_many_connections_create_once(client: httpx.Client) -> None:
    def repeat(_: int) -> httpx.Response:
        return client.post("/api/v1/sends", json={**LETTER, "external_id": "once"}, headers={"Idempotency-Key": "a"})

    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(repeat, range(24)))

    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    assert len(client.get("/api/v1/sends?q=once").json()["data"]) == 1
