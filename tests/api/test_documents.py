"""The documentation says what is, and the server never breaks on what it allows."""

import re
from typing import Any

import httpx
import pytest
from litestar import Litestar

from tests.api.conftest import Clients


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/docs/openapi.json")).json()
    return found


NAMED_ELSEWHERE = {("/api/v1/goals", "post"), ("/api/v1/links", "post"), ("/api/v1/prices", "delete")}
"""What names something that may not be there in its body or its parameters."""


async def test_every_route_of_the_api_is_documented_with_its_refusals(app: Litestar, document: dict[str, Any]) -> None:
    served = {
        (route.path_format, method.lower())
        for route in app.routes
        if route.path.startswith("/api/v1")
        for method in getattr(route, "methods", ())
        if method != "OPTIONS"
    }
    documented = {
        (path, method)
        for path, item in document["paths"].items()
        for method in item
        if path.startswith("/api/v1") and method in {"get", "post", "put", "patch", "delete"}
    }

    assert served == documented
    assert len(served) > 20
    for path, method in documented:
        operation = document["paths"][path][method]
        assert {"400", "401"} <= operation["responses"].keys()
        assert operation["security"]
        assert ("404" in operation["responses"]) == ("{" in path or (path, method) in NAMED_ELSEWHERE)
        assert operation["description"]


async def test_the_page_lists_every_operation_and_needs_nothing_from_elsewhere(
    client: httpx.AsyncClient, document: dict[str, Any]
) -> None:
    page = await client.get("/docs")

    assert page.headers["Content-Type"].startswith("text/html")
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page.text
    assert re.findall(r'(?:src|href)="([^"]*)"', page.text) == ["/docs/openapi.json"]
    assert "http" not in page.text.lower().replace("https://json-schema.org", "")


async def test_references_in_the_document_lead_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(each) for each in node.values()))
        return set().union(*(references(each) for each in node)) if isinstance(node, list) else set()

    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= schemas


async def test_the_server_lives_and_is_ready(clients: Clients, app: Litestar) -> None:
    stranger = await clients(None)

    healthz, readyz = [await stranger.get(path) for path in ("/healthz", "/readyz")]
    assert (healthz.status_code, healthz.text.splitlines()) == (200, ["ok", "worker: none seen for 10 minutes"])
    assert (readyz.status_code, readyz.text) == (200, "ok\n")


async def test_without_its_database_the_server_lives_but_is_not_ready(clients: Clients, app: Litestar) -> None:
    stranger = await clients(None)
    async with app.state.context.database.transaction() as connection:
        await connection.execute("delete from installation")

    assert (await stranger.get("/healthz")).status_code == 200
    response = await stranger.get("/readyz")
    assert (response.status_code, response.text) == (503, "the database has not been migrated\n")
