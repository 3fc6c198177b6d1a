"""Figures for Prometheus: who gets them, and that they are those of the database."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import psycopg
import pytest
from litestar import Litestar
from prometheus_client.parser import text_string_to_metric_families

from sendtrail.domain.send import Address, NewSend
from sendtrail.services import feeds, mail, sends
from sendtrail.services.context import Context
from tests.api.conftest import Clients
from tests.services.organizations import organization

TOKEN = "open sesame"
SCAN = b'{"events":[{"imbTrackingCode":"00310901000077000001","scanDatetime":"2026-03-02T10:00:00Z"}]}'

Figures = dict[tuple[str, ...], float]
"""By name and labels."""


@pytest.fixture
async def prometheus(app: Litestar, clients: Clients) -> httpx.AsyncClient:
    """A stranger with the token of the settings."""
    context: Context = app.state.context
    app.state.context = replace(context, config=replace(context.config, metrics_token=TOKEN))
    stranger = await clients(None)
    stranger.headers["Authorization"] = f"Bearer {TOKEN}"
    return stranger


async def scrape(client: httpx.AsyncClient) -> Figures:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    families = list(text_string_to_metric_families(answer.text))
    assert all(family.documentation and family.name.startswith("sendtrail_") for family in families)
    return {
        (sample.name.removeprefix("sendtrail_"), *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


async def test_they_are_closed_until_a_token_is_set_and_then_open_to_nobody_else(
    clients: Clients, prometheus: httpx.AsyncClient, app: Litestar
) -> None:
    for wrong in ("", "Bearer", "Bearer open", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ö"):
        refused = await prometheus.get("/metrics", headers={b"Authorization": wrong.encode()})
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert (await (await clients("Acme")).get("/metrics")).status_code == 401
    assert (await prometheus.get("/metrics?name=x")).status_code == 400
    context: Context = app.state.context
    app.state.context = replace(context, config=replace(context.config, metrics_token=""))
    closed = await prometheus.get("/metrics")
    assert closed.status_code == 403
    assert "set SENDTRAIL_METRICS_TOKEN" in closed.json()["error"]["message"]
    assert ("SENDTRAIL_METRICS_TOKEN", "…") in [row[:2] for row in context.config.table()]


async def test_an_empty_installation_has_figures_too(prometheus: httpx.AsyncClient) -> None:
    figures = await scrape(prometheus)
    assert figures["emails_due",] == figures["unmatched_scans",] == 0
    assert ("info", "0.1.0") in figures


async def test_they_are_those_of_the_database_and_name_nobody(
    prometheus: httpx.AsyncClient, context: Context, dsn: str
) -> None:
    live = await organization(context, "Acme of Springfield")
    test = replace(live, live=False)

    async def pieces(content: bytes) -> AsyncIterator[bytes]:
        yield content

    await feeds.receive_file(context, live, pieces(SCAN), "push.json")
    await feeds.receive_file(context, live, pieces(b"nonsense"), "nonsense.txt")
    await sends.create(context, live, [NewSend(kind="letter", to=Address(name="Ann"))] * 3)
    await sends.create(context, test, [NewSend(kind="gift", to=Address(name="Ann"))])
    async with context.database.transaction() as connection:
        await mail.write(connection, "ann@example.com", "Hello", "Ann")
        await mail.write(connection, "bob@example.com", "Hello", "Bob")
        await connection.execute("update email set sent_at = now() where recipient like 'bob%'")
    with psycopg.connect(dsn) as connection_:
        connection_.execute(
            "insert into feed_file (organization_id, live, name, digest, bytes, claimed_until)"
            " select %s, false, n::text, n::text::bytea, 1, case n when 1 then now() + interval '1 h' else 'epoch' end"
            "  from generate_series(1, 3) n",
            [live.organization_id],
        )
        connection_.execute(
            "insert into duty (name, about, every, alone, seen_at, succeeded_at, took, due_at, failures) values"
            " ('reading', 'x', '5 s', false, to_timestamp(1800000000), to_timestamp(1700000000), '1.5 s', now(), 0),"
            " ('mailing', 'x', '5 s', false, to_timestamp(1800000000), null, null, now() - interval '1 h', 4)"
        )
        connection_.execute("update send set terms = null where live")
        connection_.execute(
            "insert into hook (organization_id, live, target, events, codes, created_by, disabled_at)"
            " select %(id)s, true, 'webhook', '{send.*}', 0, 'x', gone from unnest(array[null, now()]) gone",
            {"id": live.organization_id},
        )
        connection_.execute(
            "insert into notification (organization_id, live, send_id, sequence, type, occurred_at, body)"
            " values (%s, true, 1, 1, 'send.created', now(), '{}')",
            [live.organization_id],
        )
        connection_.execute(
            "insert into delivery (hook_id, organization_id, live, notification_id, send_id, state, due_at)"
            " select hook.id, %s, true, notification.id, 1, 1, now() + wait"
            "  from hook, notification, unnest(array['-1 h', '1 h']::interval[]) wait",
            [live.organization_id],
        )
        connection_.execute(
            "insert into outbox (lane, organization_id, live, send_id, told) values (1, %s, true, 1, 0)",
            [live.organization_id],
        )
    figures = await scrape(prometheus)
    assert 3600 <= figures["delivery_age_seconds",] < 3700
    wanted: Figures = {
        ("outbox",): 1,
        ("deliveries_due",): 1,
        ("feed_files", "live", "done"): 1,
        ("feed_files", "live", "failed"): 1,
        ("feed_files", "live", "waiting"): 0,
        ("feed_files", "test", "waiting"): 2,
        ("feed_files", "test", "reading"): 1,
        ("feed_scans", "live", "unmatched"): 1,
        ("feed_scans", "live", "new"): 0,
        ("sends", "received", "live"): 3,
        ("sends", "received", "test"): 1,
        ("emails_due",): 1,
        ("stale_cells",): 2,
        ("unlisted_sends",): 3,
        ("unmatched_scans",): 1,
        ("silent_cells",): 0,
        ("worker_last_seen_timestamp_seconds",): 1_800_000_000,
        ("duty_last_success_timestamp_seconds", "reading"): 1_700_000_000,
        ("duty_last_duration_seconds", "reading"): 1.5,
        ("duty_failures", "mailing"): 4,
        ("duty_failures", "reading"): 0,
        ("duty_late", "mailing"): 1,
        ("duty_late", "reading"): 0,
    }
    assert {key: figures.get(key) for key in wanted} == wanted
    assert ("duty_last_success_timestamp_seconds", "mailing") not in figures
    assert figures["feed_last_file_timestamp_seconds", "live"] > 1_700_000_000
    text = (await prometheus.get("/metrics")).text
    assert not any(word in text for word in ("Acme", "Springfield", "Ann", "example.com", "push.json"))
