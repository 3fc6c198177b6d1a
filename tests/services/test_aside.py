"""Large files are read by a process of its own: what becomes of it, and of who waits for it."""

import asyncio
import multiprocessing
import multiprocessing.connection
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import psycopg
import pytest

from sendtrail.services import feeds, ingest
from sendtrail.services.context import Context
from tests.services.test_ingest import event, push
from tests.store.piles import organization

SCANS = 60_000
"""So many that some are written before the others are read."""
PATIENCE = 10
"""Seconds until what is held up goes on all the same, so that a test fails instead of waiting for ever."""


@pytest.fixture
def aside(context: Context, monkeypatch: pytest.MonkeyPatch) -> Context:
    """Reads every file aside, and writes it twice at once."""
    monkeypatch.setattr(ingest, "ASIDE_BYTES", 1)
    return replace(context, config=replace(context.config, ingest_workers=2, batch=10_000))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("aside") / "scans.json"
    path.write_bytes(push(event(n, n % 1_000) for n in range(SCANS)))
    return path


@contextmanager
def held_up(dsn: str) -> Iterator[Callable[[], bool]]:
    """In the block no unmatched scan can be written; what is given says whether that still holds."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            """create function wait() returns trigger language plpgsql as
               $$ begin perform pg_advisory_xact_lock_shared(1); return new; end $$"""
        )
        connection.execute("create trigger wait before insert on unmatched for each row execute function wait()")
        connection.execute("select pg_advisory_lock(1)")
        release = threading.Timer(PATIENCE, connection.execute, ["select pg_advisory_unlock(1)"])
        release.start()
        try:
            yield release.is_alive
        finally:
            release.cancel()
            release.join()


def waiting(dsn: str) -> int:
    """How many writers are held up."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            """select count(*) from pg_locks join pg_database on pg_database.oid = database
                where datname = current_database() and locktype = 'advisory' and objid = 1 and not granted"""
        ).fetchone()
    return row[0] if row else 0


def ended_early(dsn: str, processes: list[multiprocessing.process.BaseProcess]) -> bool:
    """Whether these processes end, and have left some of the file unread."""
    ended = [multiprocessing.connection.wait([process.sentinel], 20) for process in processes]
    with psycopg.connect(dsn) as connection:
        written = connection.execute("select count(*) from unmatched").fetchone() or (SCANS,)
    return all(ended) and written[0] < SCANS


async def test_a_cancelled_reading_does_not_wait_for_its_process_and_that_one_stops(
    aside: Context, dsn: str, large: Path, tmp_path: Path
) -> None:
    scope = await organization(aside)
    begun = asyncio.Event()
    with held_up(dsn) as still_held_up:
        reading = asyncio.create_task(
            ingest.ingest_path(aside, scope, large, lambda *_: begun.set() if waiting(dsn) == 2 else None)
        )
        await begun.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert still_held_up()
        (file,), _ = await feeds.list_files(aside, scope, 10)
        assert file.state == "waiting"
        processes = multiprocessing.active_children()
        assert len(processes) == 1
        other = tmp_path / "other.json"
        other.write_bytes(push([{}]))
        assert (await ingest.ingest_path(aside, scope, other)).rejected == 1
    assert ended_early(dsn, processes)


async def test_what_one_writer_fails_with_is_told_and_stops_the_reading(aside: Context, dsn: str, large: Path) -> None:
    scope = await organization(aside)
    with psycopg.connect(dsn) as connection:
        connection.execute(
            """create function fail() returns trigger language plpgsql as $$ begin raise 'an even one'; end $$"""
        )
        connection.execute(
            """create trigger fail before insert on unmatched for each row
               when (new.mid_serial % 2 = 0) execute function fail()"""
        )
    with held_up(dsn) as still_held_up:
        with pytest.raises(psycopg.errors.RaiseException, match="an even one"):
            await ingest.ingest_path(aside, scope, large)
        assert still_held_up()
        processes = multiprocessing.active_children()
    assert ended_early(dsn, processes)


async def test_files_that_come_at_once_are_read_one_after_the_other(aside: Context, tmp_path: Path) -> None:
    scope = await organization(aside)
    told: list[str] = []

    async def take(name: str) -> ingest.Summary:
        path = tmp_path / name
        path.write_bytes(push([event(1, 0, machineName=name)]))
        return await ingest.ingest_path(aside, scope, path, lambda *_: told.append(name))

    summaries = await asyncio.gather(take("a"), take("b"), take("c"))

    assert [summary.unmatched for summary in summaries] == [1, 1, 1]
    assert len(list(groupby(told))) == 3
