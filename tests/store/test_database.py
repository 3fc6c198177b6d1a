"""Transactions of the pool, on a real server."""

import asyncio

import psycopg
import pytest
from psycopg import errors

from sendtrail.store.database import Connection, Database


@pytest.fixture
async def numbers(database: Database) -> Database:
    """A database with two rows that can be added to."""
    async with database.transaction() as connection:
        await connection.execute("create table number as select id, 0 as n from generate_series(1, 2) id")
    return database


async def test_work_that_a_deadlock_ended_is_done_again_in_full(numbers: Database) -> None:
    met = asyncio.Barrier(2)
    tries = 0

    async def add(*ids: int) -> None:
        first = True

        async def work(connection: Connection) -> None:
            nonlocal first, tries
            tries += 1
            await connection.execute("set local deadlock_timeout = '10ms'")
            await connection.execute("update number set n = n + 1 where id = %s", [ids[0]])
            if first:
                first = False
                await met.wait()  # each holds now what the other wants
            await connection.execute("update number set n = n + 1 where id = %s", [ids[1]])

        await numbers.run(work)

    await asyncio.gather(add(1, 2), add(2, 1))

    assert tries == 3
    async with numbers.snapshot() as connection:
        cursor = await connection.execute("select n from number")
        assert await cursor.fetchall() == [(2,), (2,)]


async def test_work_that_never_succeeds_is_given_up_and_leaves_nothing(numbers: Database) -> None:
    tries = 0

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await connection.execute("update number set n = n + 1")
        await connection.execute("do $$ begin raise sqlstate '40P01'; end $$")

    with pytest.raises(errors.DeadlockDetected):
        await numbers.run(work)

    assert tries == 5
    async with numbers.snapshot() as connection:
        cursor = await connection.execute("select sum(n) from number")
        assert await cursor.fetchone() == (0,)


async def test_another_error_is_not_tried_again(numbers: Database) -> None:
    tries = 0

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await connection.execute("select 1 / 0")

    with pytest.raises(errors.DivisionByZero):
        await numbers.run(work)

    assert tries == 1


async def test_nobody_is_refused_after_the_server_closed_connections_that_were_idle(dsn: str) -> None:
    async with Database.open(dsn, connections=1) as database:
        async with database.glance() as connection:
            cursor = await connection.execute("select pg_backend_pid()")
            (before,) = await cursor.fetchone() or (0,)
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as other:
            await other.execute("select pg_terminate_backend(%s, 5000)", [before])
        async with database.snapshot() as connection:
            cursor = await connection.execute("select pg_backend_pid(), current_setting('transaction_read_only')")
            (after, read_only) = await cursor.fetchone() or (0, "")
    assert after not in (0, before)
    assert read_only == "on"
