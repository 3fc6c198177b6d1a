"""A real server keeps to its documentation, whatever it is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sendtrail.app import create
from sendtrail.config import Config
from tests.api.serving import serving
from tests.feeds.feeding import event, message

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 40
"""Made up for each operation, besides those at the edges of its schema."""


@dataclass(frozen=True)
class Served:
    """A server, a key and credentials to it, and ids of what is there."""

    address: str
    key: str
    credentials: tuple[str, str]
    ids: dict[str, str]


@schemathesis.serializer("application/x-ndjson")
def lines(context: schemathesis.SerializationContext, value: object) -> bytes:
    """A body that the document describes as text."""
    return str(value).encode()


schema = schemathesis.openapi.from_dict(create(Config.load({})).openapi_schema.to_schema())


@pytest.fixture(scope="module")
def served(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("schema")
    with (
        serving(server, template, f"{template}_schema", data) as (address, key),
        httpx.Client(base_url=address, headers={"X-API-Key": key}) as client,
    ):
        campaign = client.post("/api/v1/campaigns", json={"name": "Spring", "type": "bulk"}).json()
        sent = client.post("/api/v1/sends", json={"kind": "letter", "to": {"name": "Ann"}, "campaign": "Spring"}).json()
        scans = message(event(), event(2), {})
        file = client.post("/api/v1/feeds/files?name=scans.json", content=scans).json()
        feed = client.post("/api/v1/feeds", json={"name": "USPS"}).json()
        mailer_id = client.post("/api/v1/mailer_ids", json={"mid": "123456"}).json()
        spare = client.post("/api/v1/keys", json={"name": "Shop"}).json()
        team = client.post("/api/v1/teams", json={"name": "East"}).json()
        fund = client.post("/api/v1/funding_sources", json={"name": "Marketing"}).json()
        budget = client.put("/api/v1/budgets", json={"period": "all", "cents": 1_000_000}).json()
        invited = client.post("/api/v1/members", json={"email": "ann@example.com", "role": "sender"}).json()
        client.post("/api/v1/destinations", json={"host": "shop.example.com"})
        link = client.post("/api/v1/links", json={"send": sent["id"], "url": "https://shop.example.com/"}).json()
        hook = client.post("/api/v1/hooks", json={"url": "https://8.8.8.8/", "events": ["send.*"]}).json()
        tried = client.post(f"/api/v1/hooks/{hook['id']}/test", json={}).json()
        vendor = client.post("/api/v1/feeds", json={"name": "Lob", "vendor": "lob", "secret": "s" * 20}).json()
        ids = {
            "hook_id": hook["id"],
            "delivery_id": tried["id"],
            "feed_id": vendor["id"],
            "vendor": "lob",
            "type": "any",
            "team_id": team["id"],
            "invitation_id": invited["id"],
            "member_id": "member_0000000000000",
            "key_id": spare["id"],
            "send_id": sent["id"],
            "file_id": file["id"],
            "campaign_id": campaign["id"],
            "mailer_id": mailer_id["id"],
            "fund_id": fund["id"],
            "budget_id": budget["id"],
            "entry_id": "attention_0000000000000",
            "link_id": link["id"],
            "host": "shop.example.com",
            "order_id": "return_envelope_order_0000000000000",
        }
        yield Served(address, key, (feed["username"], feed["password"]), ids)


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_server_keeps_to_its_documentation(case: schemathesis.Case[Any], served: Served) -> None:
    case.headers.pop("Authorization", None)
    if case.path.startswith("/api/v1/"):
        case.headers["X-API-Key"] = served.key
    for name in case.path_parameters:
        case.path_parameters[name] = served.ids[name]

    response = case.call(base_url=served.address, auth=served.credentials if case.path.startswith("/feeds/") else None)

    case.validate_response(response, checks=CHECKS)
