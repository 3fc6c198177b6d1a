"""What hooks are told, by real receivers: at least once, in order for each send, and nobody holds up anybody else."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from sendtrail.clients.http import TIMEOUT
from sendtrail.config import Config
from sendtrail.domain.deliveries import State
from sendtrail.domain.problems import Conflict
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.domain.signatures import (
    BadSignature,
    new_secret,
    verify_postgrid_json,
    verify_postgrid_jwt,
    verify_standard,
)
from sendtrail.services import accounts, cancelling, delivery_waits, hook_deliveries, hooks, sends, upkeep
from sendtrail.services.context import Context, open_context
from sendtrail.services.deliveries import Deliveries
from sendtrail.services.hook_plans import HookPlan
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


async def states(context: Context) -> Counter[str]:
    rows = await execute(context, "select state from delivery")
    return Counter(State(state).word for (state,) in rows)


async def work(context: Context, until: Callable[[], Awaitable[bool]] | None = None) -> None:
    """A worker tells hooks until that is so: by default, until all has ended."""

    async def all_ended() -> bool:
        return not (await states(context))["pending"]

    async def rounds(deliveries: Deliveries) -> None:
        while True:
            await deliveries.round()
            await asyncio.sleep(0.01)

    async with Deliveries.opened(context) as deliveries, asyncio.timeout(20):
        working = asyncio.create_task(rounds(deliveries))
        while not await (until or all_ended)():
            assert not working.done()
            await asyncio.sleep(0.01)
        working.cancel()


async def test_a_notification_arrives_signed_in_the_format_of_its_hook(context: Context) -> None:
    acme, seen = await organization(context), dict[str, Received]()

    async def keep(request: Received) -> bytes:
        seen[request.path] = request
        return OK

    old, past = new_secret(), new_secret()
    async with receiving(keep) as url:
        listening = [
            await webhook(context, acme, f"{url}/{name}", format=name)
            for name in ("standard", "flat", "postgrid_json", "postgrid_jwt")
        ]
        await execute(
            context,
            "update hook set old_secrets = jsonb_build_array(jsonb_build_object('secret', %s::text, 'until', now() +"
            " interval '1 hour'), jsonb_build_object('secret', %s::text, 'until', now() - interval '1 second'))"
            " where id = %s",
            *(old, past, listening[0]),
        )
        (event,) = await put(context, acme, listening, [7])
        await work(context)
    now = datetime.now(UTC)
    standard = seen["/standard"]
    for secret in (SECRET, old):
        verify_standard(secret, standard.headers, standard.body, now)
    with pytest.raises(BadSignature):
        verify_standard(past, standard.headers, standard.body, now)
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
        listening[0],
    )
    assert (tries, status, answer, error, attempts, ended) == (1, 200, "ok", "", [], True)


async def test_every_secret_that_was_changed_signs_for_its_day(context: Context) -> None:
    acme, seen = await organization(context), list[Received]()

    async def keep(request: Received) -> bytes:
        seen.append(request)
        return OK

    async with receiving(keep) as url:
        made = await hooks.make(context, acme, HookPlan(events=["send.*"], url=url))
        secrets = [made.secret or ""]
        secrets += [(await hooks.rotate(context, acme, made.id)).secret for _ in range(4)]
        last = await hooks.rotate(context, acme, made.id, secrets[0])  # back to the first: it signs once
        shown = await hooks.get(context, acme, made.id)
        assert shown.old_secret_until == last.old_secret_until is not None
        await hook_deliveries.try_out(context, acme, made.id)
        await work(context)
    for secret in secrets:
        verify_standard(secret, seen[0].headers, seen[0].body, datetime.now(UTC))
    assert seen[0].headers["webhook-signature"].count("v1,") == len(secrets)
    await hooks.rotate(context, acme, made.id)
    with pytest.raises(Conflict, match="5 secrets before sign too, each for its day: change it after"):
        await hooks.rotate(context, acme, made.id)
    await hooks.delete(context, acme, made.id)
    assert await execute(context, "select secret, old_secrets from hook") == [("", [])]


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
            failed = await execute(context, "select 1 from delivery where tries = 1 and state = 1")
            return bool(failed) and (await states(context))["delivered"] == 1

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
    assert [n for n, _ in seen if n != 2] in ([0, 0, 0, 1, 3], [0, 0, 1, 3])
    assert all(events[n] == event for n, event in seen)
    assert await states(context) == {"delivered": 4}


async def _none_due(context: Context) -> bool:
    return not await execute(context, "select 1 from delivery where state = 1 and due_at <= now()")


async def test_no_hook_waits_for_another_that_hangs(context: Context) -> None:
    acme, forever, told = await organization(context), asyncio.Event(), Counter[str]()

    async def answer(request: Received) -> bytes:
        told[request.path] += 1
        if request.path == "/dead":
            await forever.wait()
        return OK

    async with receiving(answer) as url:
        dead = await webhook(context, acme, f"{url}/dead")
        quick = await webhook(context, acme, f"{url}/quick")
        await put(context, acme, [dead, quick], range(1, 301))

        async def quick_is_told() -> bool:
            return told["/quick"] == 300 and (await states(context))["delivered"] == 300

        began = time.monotonic()
        await work(context, quick_is_told)
        assert time.monotonic() - began < TIMEOUT
        forever.set()
    assert told["/dead"] <= 8  # of a hook of which nothing is known, little is under way
    assert await states(context) == {"delivered": 300, "pending": 300}


async def test_a_receiver_that_is_gone_is_told_nothing_more(context: Context) -> None:
    acme = await organization(context)

    async def gone(request: Received) -> bytes:
        return b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"

    async with receiving(gone) as url:
        hook = await webhook(context, acme, url)
        await put(context, acme, [hook], [1])
        await work(context)
        await put(context, acme, [hook], [1, 2])
        await work(context)
    assert await states(context) == {"failed": 1, "dropped": 2}
    assert await execute(context, "select ended_why, ended_at is not null from hook") == [("gone", True)]
    assert await execute(context, "select action from audit") == [("hook.gone",)]


async def test_nothing_is_told_after_a_410_and_what_was_under_way_stands_in_the_log(context: Context) -> None:
    acme, ended, seen = await organization(context), asyncio.Event(), Counter[str]()

    async def gone(request: Received) -> bytes:
        send = json.loads(request.body)["data"]["orderID"]
        seen[send] += 1
        if send == "letter_1":
            return b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
        await ended.wait()
        return OK if send == "letter_3" else b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"

    async with receiving(gone) as url:
        hook = await webhook(context, acme, url)
        await put(context, acme, [hook], [1, 2, 3, 1, 2, 3, 1])

        async def all_is_told() -> bool:
            if (await states(context))["dropped"]:
                ended.set()
            return bool(await execute(context, "select 1 from delivery having count(*) filter (where tries > 0) = 3"))

        await work(context, all_is_told)
    assert seen == {"letter_1": 1, "letter_2": 1, "letter_3": 1}
    rows = await execute(
        context, "select send_id, state, tries, status, jsonb_array_length(attempts) from delivery order by id"
    )
    assert rows[:3] == [(1, State.FAILED, 1, 410, 1), (2, State.DROPPED, 1, 500, 1), (3, State.DELIVERED, 1, 200, 0)]
    assert rows[3:] == [(send, State.DROPPED, 0, None, 0) for send in (1, 2, 3, 1)]


async def test_a_receiver_that_asks_for_time_gets_it(context: Context) -> None:
    acme = await organization(context)

    async def busy(request: Received) -> bytes:
        return b"HTTP/1.1 429 Slow down\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n"

    async with receiving(busy) as url:
        hook = await webhook(context, acme, url)
        await put(context, acme, [hook], range(1, 50))

        async def rests() -> bool:
            return bool(await execute(context, "select 1 from hook where rest_until > now() + interval '590 s'"))

        await work(context, rests)
    ((tried, soonest),) = await execute(
        context, "select count(*), min(due_at) > now() + interval '590 s' from delivery where tries > 0"
    )
    assert 1 <= tried <= 8
    assert soonest


async def test_what_is_still_to_be_told_is_told_once_and_in_its_turn_when_somebody_has_it_replayed(
    context: Context,
) -> None:
    acme, seen = await organization(context), list[int]()

    async def keep(request: Received) -> bytes:
        seen.append(json.loads(request.body)["data"]["n"])
        return OK

    later = datetime.now(UTC) + timedelta(hours=2)
    async with receiving(keep) as url:
        hook = await webhook(context, acme, url)
        await put(context, acme, [hook], [1, 1], due_at=later)
        await put(context, acme, [hook], [2], state=State.WAITING, due_at=later)
        hook_id = context.ids.encode("webhook", hook)
        first, second, waiting = [context.ids.encode("delivery", number) for number in (1, 2, 3)]
        told = await hook_deliveries.replay(context, acme, hook_id, second)
        assert (told.id, told.state, told.again) == (second, "pending", False)
        with pytest.raises(Conflict, match=f"it waits for its day and is told at {later:%Y-%m-%dT%H:%M}:..Z"):
            await hook_deliveries.replay(context, acme, hook_id, waiting)
        await work(context)
        assert seen == [0, 1]
        again = [(await hook_deliveries.replay(context, acme, hook_id, first)) for _ in range(2)]
        assert again[0].id == again[1].id != first
        assert again[0].again
        await work(context)
    assert seen == [0, 1, 0]
    assert await states(context) == {"delivered": 3, "waiting": 1}


async def test_after_days_of_failure_a_hook_is_disabled_and_the_admins_hear_of_it(context: Context) -> None:
    acme = await organization(context)
    for name, role in (("ann", "admin"), ("sam", "sender")):
        await accounts.add_user(context, f"{name}@example.com", role, "Acme", "correct horse battery")
    hook = await webhook(context, acme, "http://127.0.0.1:9/", name="CRM")
    await put(context, acme, [hook], [1, 2])
    await execute(context, "update hook set failures = 30, failing_since = now() - interval '73 h'")

    async def disabled() -> bool:
        return bool(await execute(context, "select 1 from hook where disabled_at is not null"))

    await work(context, disabled)
    ((why,),) = await execute(context, "select disabled_why from hook")
    assert why.startswith("nothing but failures for 3 days; the last one: no connection could be made")
    letters = await execute(context, "select recipient, subject, body from email")
    assert [(to, subject) for to, subject, _ in letters] == [
        ("ann@example.com", "A hook of Acme was disabled: CRM"),
    ]
    assert context.ids.encode("webhook", hook) in letters[0][2]
    assert ("hook.disabled",) in await execute(context, "select action from audit")
    pending = await states(context)
    await work(context, disabled)
    assert await states(context) == pending == {"pending": 2}  # it waits for somebody to enable the hook


async def test_people_are_told_by_email_and_chat_in_words(context: Context) -> None:
    acme, seen = await organization(context), list[dict[str, Any]]()

    async def keep(request: Received) -> bytes:
        seen.append(json.loads(request.body))
        return OK

    async with receiving(keep) as url:
        slack = await webhook(context, acme, url, target="slack")
        settings = Jsonb({"to": ["ann@example.com", "bob@example.com"]})
        email = await listen(context, acme, "send.*", target="email", settings=settings)
        await put(context, acme, [slack, email], [7])
        await work(context)
    assert len(seen) == 1
    assert seen[0].keys() == {"text"}
    assert "letter_7" in seen[0]["text"]
    letters = await execute(context, "select recipient, subject, body from email order by recipient")
    assert [to for to, _, _ in letters] == ["ann@example.com", "bob@example.com"]
    assert "letter_7" in letters[0][2]


async def test_a_trial_is_tried_once_and_waits_for_nothing(context: Context) -> None:
    acme, n = await organization(context), 0

    async def fail_first(request: Received) -> bytes:
        nonlocal n
        n += 1
        return OK if n > 1 else b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"

    async with receiving(fail_first) as url:
        hook = await webhook(context, acme, url)
        await put(context, acme, [hook], [0, 0])
        await work(context)
    assert await states(context) == {"failed": 1, "delivered": 1}


async def test_the_last_try_is_the_tenth(context: Context) -> None:
    acme = await organization(context)
    hook = await webhook(context, acme, "http://127.0.0.1:9/")
    await put(context, acme, [hook], [1, 1])
    await execute(context, "update delivery set tries = 9 where id = (select min(id) from delivery)")

    async def first_failed() -> bool:
        return bool(await execute(context, "select 1 from delivery where tries = 1"))

    await work(context, first_failed)
    assert await execute(context, "select state, tries from delivery order by id") == [(3, 10), (1, 1)]


async def test_what_waited_is_told_on_its_day_unless_the_piece_came_back(context: Context) -> None:
    acme = await organization(context)
    hook = await webhook(context, acme, "http://127.0.0.1:9/", wait_days=2)
    ended = await webhook(context, acme, "http://127.0.0.1:9/", ended_at=datetime.now(UTC))
    await sends.create(context, acme, [NewSend("letter", Address(name="Ann"))] * 2)
    ((kept,), (cancelled,)) = await execute(context, "select send_id from send order by send_id")
    await put(context, acme, [hook, ended], [kept, cancelled], state=State.WAITING)
    await put(context, acme, [hook], [kept], state=State.WAITING, due_at=datetime.now(UTC) + timedelta(days=1))
    await cancelling.cancel(context, acme, context.ids.encode("letter", cancelled))
    assert await delivery_waits.release(context) == 4
    assert await execute(context, "select hook_id = %s, state, send_id from delivery order by id", hook) == [
        (True, State.PENDING, kept),
        (False, State.DROPPED, kept),
        (True, State.DROPPED, cancelled),
        (False, State.DROPPED, cancelled),
        (True, State.WAITING, kept),
    ]


async def test_what_was_told_long_ago_is_forgotten_and_what_is_still_to_be_told_is_not(context: Context) -> None:
    acme = await organization(context)
    hook = await webhook(context, acme, "http://127.0.0.1:9/")
    await put(context, acme, [hook], [1, 2, 3])
    await execute(context, "update notification set created_at = now() - interval '40 days'")
    await execute(
        context,
        "update delivery set state = 2, ended_at = now() - interval '28 days' - interval '3 days' / send_id"
        " where send_id < 3",
    )
    await upkeep.purge(context)
    left = "select array_agg(send_id order by send_id) from"
    assert await execute(context, f"{left} delivery") == await execute(context, f"{left} notification") == [([2, 3],)]
