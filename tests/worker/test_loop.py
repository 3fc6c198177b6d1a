"""The loop: what fails is tried again and holds up nothing else; what is done alone is done by one worker at a time;
how it goes is in the database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import psycopg

from sendtrail.services import duties as service
from sendtrail.services.context import Context
from sendtrail.store.system import duties as store
from sendtrail.worker.loop import Duty, run

LEASE = timedelta(seconds=1)


async def until(seen: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await seen():
            pass


async def rows(context: Context) -> dict[str, service.DutyRow]:
    return {row.name: row for row, _ in (await service.report(context)).duties}


async def test_a_duty_that_fails_is_tried_again_and_holds_up_no_other(context: Context) -> None:
    stop, turns = asyncio.Event(), {"bad": 0, "bad alone": 0, "good": 0}

    def failing(name: str) -> Callable[[], Awaitable[None]]:
        async def fail() -> None:
            turns[name] += 1
            if turns[name] < 3:
                raise ValueError("not today")

        return fail

    async def good() -> None:
        turns["good"] += 1
        if min(turns.values()) >= 3:
            stop.set()

    given = [Duty("bad", 0.001, failing("bad")), Duty("bad alone", 0.001, failing("bad alone"), alone=True)]
    async with asyncio.timeout(20):
        await run(context, [*given, Duty("good", 0.001, good)], stop)
    assert min(turns.values()) >= 3


async def test_stopping_breaks_off_what_is_under_way_and_gives_it_back(context: Context) -> None:
    stop, begun = asyncio.Event(), {"one": asyncio.Event(), "alone": asyncio.Event()}
    broken_off = []

    def endless(name: str) -> Callable[[], Awaitable[None]]:
        async def wait() -> None:
            begun[name].set()
            try:
                await asyncio.Event().wait()
            finally:
                broken_off.append(name)

        return wait

    async def end() -> None:
        for event in begun.values():
            await event.wait()
        stop.set()

    given = [Duty("one", 1, endless("one")), Duty("alone", 1, endless("alone"), alone=True), Duty("end", 1, end)]
    async with asyncio.timeout(20):
        await run(context, given, stop)
    assert sorted(broken_off) == ["alone", "one"]
    async with context.database.transaction() as connection:
        known = store.Known("alone", "", timedelta(seconds=1), True)
        assert await store.claim(connection, known, "another", LEASE, LEASE) is None


async def test_what_is_done_alone_is_done_by_one_worker_at_a_time_and_in_turn(context: Context) -> None:
    stop, at_it, most, turns = asyncio.Event(), 0, 0, 0

    async def act() -> None:
        nonlocal at_it, most, turns
        at_it += 1
        most = max(most, at_it)
        for _ in range(5):
            await asyncio.sleep(0)
        at_it -= 1
        turns += 1
        if turns == 12:
            stop.set()

    async with asyncio.timeout(20):
        await asyncio.gather(*(run(context, [Duty("alone", 0.001, act, alone=True)], stop) for _ in range(4)))
    assert most == 1


async def test_many_workers_keep_one_schedule(context: Context) -> None:
    stop, turns, others = asyncio.Event(), 0, 0

    async def act() -> None:
        nonlocal turns
        turns += 1

    async def look() -> None:
        nonlocal others
        others += 1
        if turns and others > 40:
            stop.set()

    given = [Duty("hourly", 3600, act, alone=True), Duty("often", 0.01, look)]
    async with asyncio.timeout(20):
        await asyncio.gather(*(run(context, given, stop) for _ in range(3)))
    assert turns == 1


async def test_a_dead_workers_duty_is_another_ones_when_its_lease_is_over(context: Context, dsn: str) -> None:
    known = store.Known("alone", "", timedelta(seconds=1), True)
    async with context.database.transaction() as connection:
        assert await store.claim(connection, known, "dead", LEASE, LEASE) is None
        assert await store.claim(connection, known, "next", LEASE, LEASE)
    with psycopg.connect(dsn) as connection_:
        connection_.execute("update duty set claimed_until = now() - interval '1 s', started_at = now()")
    async with context.database.transaction() as connection:
        assert await store.claim(connection, known, "next", LEASE, LEASE)
    row = (await rows(context))["alone"]
    assert (row.failures, row.error, row.under_way) == (1, "the worker that was at it ended in the middle", False)
    assert timedelta() < row.due_at - row.now <= 2 * known.every
    with psycopg.connect(dsn) as connection_:
        connection_.execute("update duty set due_at = now()")
    async with context.database.transaction() as connection:
        assert await store.claim(connection, known, "next", LEASE, LEASE) is None
        assert not await store.renew(connection, "alone", "dead", LEASE)
        await store.finish(connection, "alone", "dead", LEASE, "")
        assert await store.renew(connection, "alone", "next", LEASE)
        await store.finish(connection, "alone", "next", LEASE, "")
    row = (await rows(context))["alone"]
    assert (row.failures, row.succeeded_at) == (0, row.finished_at)


async def test_a_claim_is_renewed_while_the_duty_takes_long(context: Context) -> None:
    stop, renewed = asyncio.Event(), False

    async def claimed_until() -> object:
        async with context.database.snapshot() as connection:
            cursor = await connection.execute("select claimed_until from duty")
            return await cursor.fetchone()

    async def act() -> None:
        nonlocal renewed
        first = await claimed_until()

        async def changed() -> bool:
            return await claimed_until() != first

        await until(changed)
        renewed = True
        stop.set()
        await asyncio.Event().wait()

    async with asyncio.timeout(20):
        await run(context, [Duty("long", 3600, act, alone=True)], stop, lease=timedelta(seconds=0.3))
    assert renewed


async def test_a_worker_that_lost_its_claim_breaks_off(context: Context) -> None:
    stop, broken_off = asyncio.Event(), False

    async def act() -> None:
        nonlocal broken_off
        async with context.database.transaction() as connection:
            await connection.execute("update duty set claimed_by = 'another', claimed_until = now() + interval '1 h'")
        try:
            await asyncio.Event().wait()
        finally:
            broken_off = True
            stop.set()

    async with asyncio.timeout(20):
        await run(context, [Duty("lost", 3600, act, alone=True)], stop, lease=timedelta(seconds=0.3))
    assert broken_off


async def test_how_duties_go_is_noted_at_once_when_one_fails_and_when_it_recovers(context: Context) -> None:
    stop, ill = asyncio.Event(), True

    async def act() -> None:
        if ill:
            raise ValueError("no such file\nnor folder")

    async def failed() -> bool:
        found = await rows(context)
        return found.keys() == {"any", "alone"} and all(row.failures for row in found.values())

    async def recovered() -> bool:
        return all(row.failures == 0 and row.succeeded_at for row in (await rows(context)).values())

    given = [Duty("any", 0.001, act, about="It acts."), Duty("alone", 0.001, act, alone=True)]
    running = asyncio.create_task(run(context, given, stop))
    await until(failed)
    assert {row.error for row in (await rows(context)).values()} == {"ValueError: no such file"}
    ill = False
    await until(recovered)
    stop.set()
    await running
    found = (await rows(context))["any"]
    assert (found.about, found.every, found.alone) == ("It acts.", timedelta(milliseconds=1), False)
    assert found.failed_at
    assert found.error == "ValueError: no such file"


async def test_a_duty_that_comes_all_the_time_is_not_noted_all_the_time(context: Context, dsn: str) -> None:
    stop, turns = asyncio.Event(), 0
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "create table noted (n int); create function note() returns trigger language plpgsql"
            " as $$ begin insert into noted values (1); return null; end $$;"
            "create trigger noting after insert or update on duty for each row execute function note()"
        )

    async def act() -> None:
        nonlocal turns
        turns += 1
        if turns == 500:
            stop.set()

    async with asyncio.timeout(20):
        await run(context, [Duty("often", 0.0001, act)], stop)
    with psycopg.connect(dsn) as connection:
        ((written,),) = connection.execute("select count(*) from noted").fetchall()
    assert 1 <= written <= 5


async def test_without_its_database_a_worker_goes_on(context: Context) -> None:
    stop, turns = asyncio.Event(), 0

    async def act() -> None:
        nonlocal turns
        turns += 1
        if turns == 1:
            async with context.database.transaction() as connection:
                await connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where pid <> pg_backend_pid() and datname = current_database()"
                )
        if turns == 20:
            stop.set()

    async with asyncio.timeout(20):
        await run(context, [Duty("any", 0.001, act), Duty("alone", 3600, act, alone=True)], stop)
    assert turns >= 20
