"""Large files are read by several processes: what becomes of these, and of who waits for them."""

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

from sendtrail.services import ingest
from sendtrail.services.context import Context
from tests.services.test_ingest import event, push
from tests.store.piles import organization

SCANS = 60_000
"""So many that a process writes some before it has read the others."""
PATIENCE = 10
"""Seconds until what is held up goes on all the same, so that a test fails instead of waiting for ever."""


@pytest.fixture
def several(context: Context, monkeypatch: pytest.MonkeyPatch) -> Context:
    """Reads every file with two processes."""
    monkeypatch.setattr(ingest, "ONE_PROCESS_BYTES", 1)
    return replace(context, config=replace(context.config, ingest_workers=2, batch=20_000))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shares") / "scans.json"
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
    """How many processes are held up."""
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


async def test_a_cancelled_reading_waits_for_none_of_its_processes_and_they_stop(
    several: Context, dsn: str, large: Path, tmp_path: Path
) -> None:
    scope = await organization(several)
    begun = asyncio.Event()
    with held_up(dsn) as still_held_up:
        reading = asyncio.create_task(
            ingest.ingest_path(several, scope, large, lambda *_: begun.set() if waiting(dsn) == 2 else None)
        )
        await begun.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert still_held_up()
        processes = multiprocessing.active_children()
        assert len(processes) == 2
        other = tmp_path / "other.json"
        other.write_bytes(push([{}]))
        assert (await ingest.ingest_path(several, scope, other)).rejected == 1
    assert ended_early(dsn, processes)


async def test_what_fails_in_one_process_is_told_at_once_and_stops_the_others(
    several: Context, dsn: str, large: Path
) -> None:
    scope = await organization(several)
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
            await ingest.ingest_path(several, scope, large)
        assert still_held_up()
        processes = multiprocessing.active_children()
    assert ended_early(dsn, processes)


async def test_files_that_come_at_once_are_read_one_after_the_other(several: Context, tmp_path: Path) -> None:
    scope = await organization(several)
    told: list[str] = []

    async def take(name: str) -> ingest.Summary:
        path = tmp_path / name
        path.write_bytes(push([event(1, 0, machineName=name)]))
        return await ingest.ingest_path(several, scope, path, lambda *_: told.append(name))

    summaries = await asyncio.gather(take("a"), take("b"), take("c"))

    assert [summary.unmatched for summary in summaries] == [1, 1, 1]
    assert len(list(groupby(told))) == 3
