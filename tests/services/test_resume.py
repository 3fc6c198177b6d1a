"""Who may read a file: one reader at a time, for as long as it shows signs of life."""

import asyncio
import hashlib
from datetime import datetime, timedelta

import pytest

from sendtrail.domain.scope import Scope
from sendtrail.services import ingest
from sendtrail.services.claims import held
from sendtrail.services.context import Context
from sendtrail.store import feed_files, system
from sendtrail.store.ingest import Tally
from tests.services.test_ingest import event, push, read
from tests.store.piles import organization

LEASE = timedelta(minutes=5)
OVER = timedelta(seconds=-1)


async def begun(context: Context, scope: Scope, lease: timedelta, digest: bytes = bytes(32)) -> int:
    """The number of a file whose reader has begun and not ended."""
    async with context.database.transaction() as connection:
        number, _ = await feed_files.register(
            connection, scope, name="begun", digest=digest, size=1, feed_id=None, lease=lease
        )
    return number


async def claim(context: Context) -> int | None:
    """The number of the file that a worker gets to read."""
    async with context.database.transaction() as connection:
        claimed = await system.claim_feed_file(connection, LEASE)
    return claimed[0] if claimed else None


async def held_for(context: Context) -> timedelta:
    """How long the only file stays claimed."""
    async with context.database.snapshot() as connection:
        cursor = await connection.execute("select claimed_until - now() from feed_file")
        ((lease,),) = await cursor.fetchall()
    assert isinstance(lease, timedelta)
    return lease


async def finished_at(context: Context, scope: Scope, feed_file_id: int) -> datetime | None:
    async with context.database.snapshot() as connection:
        row = await feed_files.read(connection, scope, feed_file_id)
    assert row
    return row.finished_at


async def test_a_file_is_left_alone_while_its_reader_lives(context: Context) -> None:
    await begun(context, await organization(context), LEASE)
    assert await claim(context) is None
    assert await ingest.resume(context) is None


async def test_a_file_whose_lease_has_run_out_goes_to_one_worker(context: Context) -> None:
    left = await begun(context, await organization(context), OVER)
    assert [await claim(context), await claim(context)] == [left, None]
    assert LEASE - timedelta(minutes=1) < await held_for(context) <= LEASE


async def test_workers_who_ask_at_once_get_different_files(context: Context) -> None:
    left = {await begun(context, await organization(context), OVER) for _ in range(2)}
    async with context.database.transaction() as one, context.database.transaction() as other:
        await other.execute("set local lock_timeout = '5s'")
        claims = [await system.claim_feed_file(connection, LEASE) for connection in (one, other)]
    assert {claimed[0] for claimed in claims if claimed} == left


async def test_every_batch_holds_the_file_for_another_while(context: Context) -> None:
    scope = await organization(context)
    left = await begun(context, scope, timedelta(seconds=30))
    async with context.database.transaction() as connection:
        await feed_files.progressed(connection, scope, left, Tally(new=2), LEASE, feed_files.Step())
    assert LEASE - timedelta(minutes=1) < await held_for(context) <= LEASE
    assert await claim(context) is None


async def test_the_last_batch_of_a_reader_who_gave_the_file_back_does_not_take_it_again(context: Context) -> None:
    scope = await organization(context)
    left = await begun(context, scope, LEASE)
    async with context.database.transaction() as connection:
        await feed_files.give_back(connection, scope, left)
        await feed_files.progressed(connection, scope, left, Tally(new=2), LEASE, feed_files.Step())
    assert await claim(context) == left


async def test_a_reader_that_is_stopped_gives_the_file_back(context: Context) -> None:
    scope = await organization(context)
    left = await begun(context, scope, LEASE)
    begins = asyncio.Event()

    async def reading() -> None:
        async with held(context.database, scope, left):
            begins.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(reading())
    await begins.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await claim(context) == left


async def test_a_reader_that_waits_longer_than_the_lease_keeps_the_file(context: Context) -> None:
    scope = await organization(context)
    left = await begun(context, scope, OVER)
    async with held(context.database, scope, left, timedelta(seconds=3)), asyncio.timeout(10):
        while await held_for(context) < timedelta(0):
            pass
    assert await claim(context) is None


async def test_a_finished_file_is_nobodys_until_it_is_given_again(context: Context) -> None:
    scope = await organization(context)
    content = push([event(1, 0)])
    summary = await read(context, scope, content)
    async with context.database.transaction() as connection:
        await connection.execute("update feed_file set claimed_until = 'epoch'")
    assert await finished_at(context, scope, summary.feed_file_id)
    assert await claim(context) is None

    again = await begun(context, scope, OVER, hashlib.sha256(content).digest())
    assert again == summary.feed_file_id
    assert await finished_at(context, scope, again) is None
    resumed = await ingest.resume(context)
    assert resumed
    assert resumed.feed_file_id == again
    assert await finished_at(context, scope, again)
