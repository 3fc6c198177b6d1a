"""What hooks are told, by real receivers: at least once, in order for each send, and nobody holds up anybody else."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sendtrail.config import Config
from sendtrail.domain.deliveries import State
from sendtrail.domain.scope import Scope
from sendtrail.domain.signatures import new_secret, verify_postgrid_json, verify_postgrid_jwt, verify_standard
from sendtrail.services.context import Context, open_context
from sendtrail.services.deliveries import Deliveries
from tests.clients.receiving import OK, Received, receiving
from tests.services.hooks import listen
from tests.services.organizations import organization

SECRET = new_secret()


@pytest.fixture
async def context(dsn: str, tmp_path: Path) -> AsyncIterator[Context]:
    """Where hooks may reach this machine."""
    config = Config.load({"SENDTRAIL_ALLOW_PRIVATE_HOOKS": "true"}, data=tmp_path / "data")
    async with open_context(dsn, config) as opened:
        yield opened


async def execute(context: Context, query: str, *values: Any) -> list[tuple[Any, ...]]:
    async with context.database.transaction() as connection:
        cursor = await connection.execute(query.encode(), values)
        return await cursor.fetchall() if cursor.description else []


async def put(context: Context, scope: Scope, hooks: Sequence[int], sends: Sequence[int], **more: Any) -> list[str]:
    """One notification of each of these sends for each hook, in this order; their public ids."""
    values: dict[str, Any] = {"state": State.PENDING, "due_at": datetime.now(UTC)} | more
    numbers = []
    async with context.database.transaction() as connection:
        for place, send in enumerate(sends):
            visit = {"object": "tracker_visit", "orderID": f"letter_{send}", "device": "phone", "n": place}
            body = {"id": "event_x", "object": "event", "type": "tracker.visited", "live": True, "data": visit}
            body |= {"createdAt": "2026-11-20T15:04:05.000Z", "updatedFields": None}
            cursor = await connection.execute(
                "insert into notification (organization_id, live, send_id, sequence, type, occurred_at, body)"
                " values (%s, %s, %s, 1, 'tracker.visited', now(), %s) returning id",
                [scope.organization_id, scope.live, send, json.dumps(body)],
            )
            ((number,),) = await cursor.fetchall()
            numbers.append(number)
            for hook in hooks:
                await connection.execute(
                    "insert into delivery (hook_id, organization_id, live, notification_id, send_id, state, due_at)"
                    " values (%s, %s, %s, %s, %s, %s, %s)",
                    [hook, scope.organization_id, scope.live, number, send, values["state"], values["due_at"]],
                )
    return [context.ids.encode("event", number) for number in numbers]


async def webhook(context: Context, scope: Scope, url: str, **more: Any) -> int:
    return await listen(context, scope, "send.*", url=url, secret=SECRET, **more)


@asynccontextmanager
async def working(context: Context, until: Callable[[], Awaitable[bool]]) -> AsyncIterator[None]:
    """A worker that tells hooks, from when the block ends until that is so."""
    async with Deliveries.opened(context) as deliveries:
        yield
        async with asyncio.timeout(20):
            while not await until():
                await deliveries.round()


async def states(context: Context) -> Counter[str]:
    rows = await execute(context, "select state from delivery")
    return Counter(State(state).word for (state,) in rows)


async def work(context: Context, until: Callable[[], Awaitable[bool]] | None = None) -> None:
    async def all_ended() -> bool:
        return not (await states(context))["pending"]

    async with working(context, until or all_ended):
        pass


async def test_a_notification_arrives_signed_in_the_format_of_its_hook(context: Context) -> None:
    acme, seen = await organization(context), dict[str, Received]()

    async def keep(request: Received) -> bytes:
        seen[request.path] = request
        return OK

    old = new_secret()
    async with receiving(keep) as url:
        hooks = [
            await webhook(context, acme, f"{url}/{name}", format=name)
            for name in ("standard", "flat", "postgrid_json", "postgrid_jwt")
        ]
        await execute(
            context,
            "update hook set old_secret = %s, old_secret_until = now() + interval '1 hour' where id = %s",
            *(old, hooks[0]),
        )
        (event,) = await put(context, acme, hooks, [7])
        await work(context)
    now = datetime.now(UTC)
    standard = seen["/standard"]
    for secret in (SECRET, old):
        verify_standard(secret, standard.headers, standard.body, now)
    assert standard.headers["webhook-id"] == seen["/flat"].headers["webhook-id"] == event
    assert standard.headers["content-type"] == "application/json"
    verify_standard(SECRET, seen["/flat"].headers, seen["/flat"].body, now)
    assert json.loads(seen["/flat"].body)["send_id"] == "letter_7"
    signed = seen["/postgrid_json"]
    verify_postgrid_json(SECRET, signed.headers["postgrid-signature"], signed.body, now)
    assert verify_postgrid_jwt(SECRET, seen["/postgrid_jwt"].body, now) == json.loads(signed.body)
    assert await states(context) == {"delivered": 4}
    ((tries, status, answer, error, attempts, ended),) = await execute(
        context,
        "select tries, status, answer, error, attempts, ended_at is not null from delivery where hook_id = %s",
        hooks[0],
    )
    assert (tries, status, answer, error, attempts, ended) == (1, 200, "ok", "", [], True)


async def test_what_fails_is_tried_again_with_the_same_id_and_later_events_of_its_send_wait(context: Context) -> None:
    acme, seen = await organization(context), list[tuple[int, str]]()

    async def fail_first(request: Received) -> bytes:
        n = json.loads(request.body)["data"]["n"]
        seen.append((n, request.headers["webhook-id"]))
        if n == 0 and len(seen) < 3:
            return b"HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\nno\0!"
        return OK

    async with receiving(fail_first) as url:
        hook = await webhook(context, acme, url)
        events = await put(context, acme, [hook], [1, 1, 2, 1])

        async def other_send_is_told() -> bool:
            return (await states(context))["delivered"] == 1

        await work(context, other_send_is_told)
        ((failures, attempts, error, answer, wait),) = await execute(
            context,
            "select failures, attempts, error, answer, due_at - now() from delivery join hook on hook.id = hook_id"
            " where tries = 1 and state = 1",
        )
        assert failures in (0, 1)  # the other send's success may have come later
        assert [(each["status"], each["error"]) for each in attempts] == [(500, "it answered 500")]
        assert (error, answer) == ("it answered 500", "no�!")
        assert timedelta(seconds=3) < wait <= timedelta(seconds=5.5)
        assert {n for n, _ in seen} == {0, 2}
        for _ in range(2):
            await execute(context, "update delivery set due_at = now() where tries > 0 and state = 1")
            await work(context, lambda: _none_due(context))
    assert [n for n, _ in seen if n != 2] == [0, 0, 0, 1, 3] or [n for n, _ in seen if n != 2] == [0, 0, 1, 3]
    assert all(events[n] == event for n, event in seen)
    assert await states(context) == {"delivered": 4}


async def _none_due(context: Context) -> bool:
    return not await execute(context, "select 1 from delivery where state = 1 and due_at <= now()")
