"""The duties on a real database: each does its service's work."""

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg

from sendtrail.config import Config
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import feeds, sends, sessions, tracker
from sendtrail.services.context import Context, open_context
from sendtrail.services.sessions import Session
from sendtrail.worker.duties import duties
from tests.services.organizations import organization

IMB = "00310901000077000001"
PUSH = (
    b'{"events":[{"imbTrackingCode":"00310901000077000001","scanDatetime":"2026-03-02T10:00:00Z",'
    b'"mailPhase":"Phase 3c - Destination Sequenced Carrier Sortation"}]}'
)


async def pushed() -> AsyncIterator[bytes]:
    yield PUSH


async def do(context: Context, name: str) -> None:
    (duty,) = [duty for duty in duties(context) if duty.name == name]
    await duty.act()


async def test_a_file_whose_reader_died_is_read(context: Context, dsn: str) -> None:
    acme = await organization(context)
    await feeds.receive_file(context, acme, pushed(), "push.json")
    with psycopg.connect(dsn) as connection:
        connection.execute("update feed_file set finished_at = null, claimed_until = 'epoch'")
    await do(context, "reading files that nobody finished")
    (file,), _ = await feeds.list_files(context, acme, 10)
    assert file.finished_at is not None


async def test_a_scan_that_missed_its_send_finds_it(context: Context, dsn: str) -> None:
    acme = await organization(context)
    await feeds.receive_file(context, acme, pushed(), "push.json")
    with psycopg.connect(dsn) as connection:
        connection.execute("create table missed as select * from unmatched")
    await sends.create(context, acme, [NewSend(kind="letter", to=Address(name="Ann"), imb=IMB)])
    with psycopg.connect(dsn) as connection:  # as if it had come while the send was being made
        connection.execute("update state set trail = trail[1:1], meta = meta[1:1], best = trail_best(trail[1:1])")
        connection.execute("update barcode set valid_from = 0")
        connection.execute("insert into unmatched select * from missed on conflict do nothing")
    await do(context, "matching unmatched scans")
    ((send,), _) = await tracker.list_sends(context, acme, tracker.Wanted(), 10)
    assert [event["code"] for event in send["trail"]] == ["created", "out_for_delivery"]


async def test_how_the_days_went_is_worked_out(context: Context, dsn: str) -> None:
    acme = await organization(context)
    await sends.create(context, acme, [NewSend(kind="letter", to=Address(name="Ann"), imb=IMB)])
    with psycopg.connect(dsn) as connection:
        connection.execute("update stale set since = since - interval '1 minute'")
    await do(context, "working out how the days went")
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select sum(entered), sum(remained) from history").fetchone() == (1, 1)


async def test_ended_sessions_and_old_requests_are_forgotten(context: Context, dsn: str) -> None:
    acme = await organization(context)
    tokens = [await sessions.begin(context, Session(1, "ann@example.com", acme.organization_id)) for _ in range(2)]
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "update session set expires_at = now() where expires_at = (select max(expires_at) from session)"
        )
        connection.execute(
            "insert into idempotency select %s, true, n::text, '', '', now() - n * interval '1 day'"
            " from generate_series(1, 5) n",
            [acme.organization_id],
        )
    await do(context, "forgetting what is over")
    assert await sessions.find(context, tokens[0])
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select count(*) from session").fetchone() == (1,)
        assert connection.execute("select max(key) from idempotency").fetchone() == ("2",)


async def test_what_killed_processes_left_in_the_archive_goes_after_a_day(context: Context) -> None:
    acme = await organization(context)
    await feeds.receive_file(context, acme, pushed(), "push.json")
    folder = context.config.archive
    kept = {path for path in folder.rglob("*") if path.is_file()}
    coming, left = folder / "incoming-a", folder / "incoming-b"
    for path, hours in ((coming, 23), (left, 25), *((path, 25) for path in kept)):
        path.touch()
        moment = time.time() - hours * 3600
        os.utime(path, (moment, moment))
    await do(context, "forgetting what is over")
    assert {path for path in folder.rglob("*") if path.is_file()} == kept | {coming}


async def test_the_whole_of_what_is_unmatched_is_read_seldom(context: Context) -> None:
    (sweep,) = [duty for duty in duties(context) if duty.name == "matching unmatched scans"]
    assert sweep.every >= 300


async def test_only_a_named_folder_is_watched(context: Context, dsn: str, tmp_path: Path) -> None:
    def names(given: Context) -> list[str]:
        return [duty.name for duty in duties(given)]

    assert "watching the feed folder" not in names(context)
    config = Config.load({}, data=tmp_path, feed_dir=tmp_path / "in")
    async with open_context(dsn, config) as watching:
        assert "watching the feed folder" in names(watching)


async def test_who_visited_is_forgotten_by_the_next_day(context: Context, dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into visitor_salt select (now() at time zone 'UTC')::date - n, '' from generate_series(0, 9) n"
        )
        connection.execute("insert into visitor select day, 1, 1 from visitor_salt")
    await do(context, "forgetting who visited")
    with psycopg.connect(dsn) as connection:
        left = connection.execute("select count(*) from visitor_salt join visitor using (day)").fetchone()
    assert left in ((0,), (1,))  # the day may have turned meanwhile
