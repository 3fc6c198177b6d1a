"""Files through the service: kept, read, resumed."""

import asyncio
import gzip
import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import archive, ingest, sends
from sendtrail.services.context import Context
from sendtrail.store import feed_files
from tests.store.piles import DAY, SERIALS, letters, organization

ORIGIN = "Phase 1a - Origin Primary"
SEQUENCED = "Phase 3c - Destination Sequenced Carrier Sortation"


def event(serial: int, minutes: int, phase: str = ORIGIN, **more: Any) -> dict[str, Any]:
    moment = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC) + timedelta(minutes=minutes)
    return {
        "imbTrackingCode": f"00270{SERIALS + serial:015d}",
        "scanDatetime": moment.isoformat(),
        "scanEventCode": "919" if phase == SEQUENCED else "141",
        "mailPhase": phase,
        "handlingEventType": "A",
        "scanFacilityZip": "10001",
        "scanFacilityName": "MORGAN",
        "scanFacilityCity": "NEW YORK",
        "scanFacilityState": "NY",
    } | more


def push(events: Iterable[object]) -> bytes:
    return json.dumps({"msgGrpId": "g", "events": list(events)}).encode()


async def read(context: Context, scope: Scope, content: bytes, name: str = "scans.json") -> ingest.Summary:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 1000):
            yield content[start : start + 1000]

    return await ingest.ingest_stream(context, scope, chunks(), name)


def tally(summary: ingest.Summary) -> tuple[int, int, int, int]:
    return summary.new, summary.duplicate, summary.unmatched, summary.rejected


async def status(context: Context, scope: Scope, send_id: str) -> str:
    return str((await sends.get(context, scope, send_id))["status"]["code"])


async def test_a_push_becomes_a_true_status_with_place_and_evidence(context: Context) -> None:
    scope = await organization(context)
    (letter,) = await letters(context, scope, [1])
    summary = await read(
        context, scope, push([event(1, 0), event(1, 300, SEQUENCED, expectedDeliveryDate="2026-03-05")])
    )
    assert tally(summary) == (2, 0, 0, 0)
    send = await sends.get(context, scope, letter)
    assert send["status"]["code"] == "out_for_delivery"
    assert send["status"]["evidence"] == "scanned"
    assert str(send["expected_delivery"]) == "2026-03-05"
    place = send["trail"][-1]["place"]
    assert (place["zip"], place["facility"], place["city"]) == ("10001", "MORGAN", "NEW YORK")
    assert send["trail"][-1]["local_time"].isoformat() == "2026-03-02T12:00:00-05:00"


async def test_the_same_file_again_changes_nothing(context: Context) -> None:
    scope = await organization(context)
    (letter,) = await letters(context, scope, [1])
    content = push([event(1, 0), event(2, 0), {"imbTrackingCode": "12"}])
    assert tally(await read(context, scope, content)) == (1, 0, 1, 1)
    before = await sends.get(context, scope, letter)
    assert tally(await read(context, scope, content)) == (0, 1, 1, 1)
    assert await sends.get(context, scope, letter) == before
    async with context.database.snapshot() as connection:
        (row,) = await feed_files.page(connection, scope, None, 10)
        assert (row.new, row.rejected) == (1, 1)
        assert len(await feed_files.rejects(connection, scope, row.id, 0, 10)) == 1
        assert len(await feed_files.unmatched(connection, scope, (0, 0, 0), 10)) == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 5)), min_size=1, max_size=12), st.data())
async def test_splitting_a_file_anywhere_changes_nothing(
    context: Context, scans: list[tuple[int, int]], data: st.DataObject
) -> None:
    whole, parts = await organization(context), await organization(context)
    events = [event(serial, minutes) for serial, minutes in scans]
    cut = data.draw(st.integers(0, len(events)))
    for scope, files in ((whole, [events]), (parts, [events[:cut], events[cut:]])):
        letters_of = await letters(context, scope, [1, 2, 3])
        for file in files:
            await read(context, scope, push(file))
        seen = [await sends.get(context, scope, letter) for letter in letters_of]
        told = [{(each["code"], each["occurred_at"]) for each in send["trail"][1:]} for send in seen]
        if scope is whole:
            wanted = told
        else:
            assert told == wanted


async def test_a_bad_element_does_not_end_the_file_and_is_kept_with_its_reason(context: Context) -> None:
    scope = await organization(context)
    await letters(context, scope, [1])
    far = datetime.now(UTC) + timedelta(hours=30)
    summary = await read(
        context,
        scope,
        push(
            [event(1, 0, scanDatetime="2026-13-02T00:00:00Z"), event(1, 1, scanDatetime=far.isoformat()), event(1, 2)]
        ),
    )
    assert tally(summary) == (1, 0, 0, 2)
    async with context.database.snapshot() as connection:
        month, future = await feed_files.rejects(connection, scope, summary.feed_file_id, 0, 10)
    assert (month.line, future.line) == (1, 2)
    assert "scanDatetime" in month.reason
    assert "future" in future.reason
    assert b"2026-13-02" in month.raw


@pytest.mark.parametrize("pack", ["gzip", "zip", "cut gzip", "empty"])
async def test_compressed_truncated_and_empty_files_are_taken_as_far_as_they_go(context: Context, pack: str) -> None:
    scope = await organization(context)
    await letters(context, scope, range(200))
    content = push(event(n, n) for n in range(200))
    if pack == "zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("scans.json", content)
        content = buffer.getvalue()
    elif pack == "empty":
        content = b""
    else:
        content = gzip.compress(content)
    if pack == "cut gzip":
        content = content[: len(content) // 2]
    summary = await read(context, scope, content)
    if pack == "empty":
        assert tally(summary) == (0, 0, 0, 1)
    elif pack == "cut gzip":
        assert 0 < summary.new < 200
        assert summary.rejected >= 1
    else:
        assert tally(summary) == (200, 0, 0, 0)


async def test_a_large_file_is_read_aside_with_several_writers_and_comes_out_the_same(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "ASIDE_BYTES", 1)
    scope = await organization(context)
    await letters(context, scope, range(50))
    path = tmp_path / "scans.json"
    path.write_bytes(push([event(n % 60, n) for n in range(600)] + [{"imbTrackingCode": "1"}]))
    told: list[tuple[int, int]] = []
    several = replace(context, config=replace(context.config, ingest_workers=3, batch=100))
    summary = await ingest.ingest_path(several, scope, path, lambda read, size: told.append((read, size)))
    assert tally(summary) == (500, 0, 100, 1)
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


async def test_a_file_that_nobody_finished_is_resumed(context: Context) -> None:
    scope = await organization(context)
    (letter,) = await letters(context, scope, [1])

    async def chunks() -> AsyncIterator[bytes]:
        yield push([event(1, 0)])

    kept = await archive.keep_stream(context.config.archive, chunks())
    async with context.database.transaction() as connection:  # the process died here
        await feed_files.register(
            connection, scope, name="x", digest=kept.digest, size=kept.size, feed_id=None, lease=timedelta(seconds=-1)
        )
    summary = await ingest.resume(context)
    assert summary is not None
    assert tally(summary) == (1, 0, 0, 0)
    assert await status(context, scope, letter) == "in_transit"
    assert await ingest.resume(context) is None


async def test_a_stream_that_breaks_off_leaves_nothing_behind(context: Context) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"events":['
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await archive.keep_stream(context.config.archive, chunks())
    assert list(context.config.archive.iterdir()) == []


async def test_the_sweep_finds_sends_that_were_made_while_their_scans_came_in(context: Context) -> None:
    scope = await organization(context)
    await read(context, scope, push([event(1, 0)]))
    async with context.database.transaction() as connection:  # as if the scan had been kept a moment after the send
        cursor = await connection.execute("delete from unmatched returning *")
        kept = await cursor.fetchone()
    (letter,) = await letters(context, scope, [1])
    assert kept
    async with context.database.transaction() as connection:
        await connection.execute(f"insert into unmatched values ({', '.join(['%s'] * len(kept))})", kept)
    assert await ingest.sweep(context) == 1
    assert await status(context, scope, letter) == "in_transit"
    assert await ingest.sweep(context) == 0


async def test_a_serial_number_used_again_means_the_send_of_its_day(context: Context) -> None:
    scope = await organization(context)
    (first,) = await letters(context, scope, [1])
    new = letter_on(DAY + timedelta(days=45))
    (second,) = await sends.create(context, scope, [new])
    assert isinstance(second, dict)
    late = event(1, 0, SEQUENCED, scanDatetime=f"{DAY + timedelta(days=44)}T12:00:00Z")
    again = event(1, 0, ORIGIN, scanDatetime=f"{DAY + timedelta(days=46)}T12:00:00Z")
    await read(context, scope, push([late, again]))
    assert await status(context, scope, first) == "out_for_delivery"
    assert await status(context, scope, second["id"]) == "in_transit"
    (refused,) = await sends.create(context, scope, [letter_on(DAY + timedelta(days=60))])
    assert getattr(refused, "param", None) == "imb"


async def test_a_printers_word_by_file_and_by_api_is_one_event(context: Context) -> None:
    scope = await organization(context)
    (letter,) = await letters(context, scope, [1])
    moment = datetime(DAY.year, DAY.month, DAY.day, 15, tzinfo=UTC)
    await sends.record_events(context, scope, letter, [sends.NewEvent("printed", moment, "printer", "tray é 7")])
    report = f"send,code,occurred_at,note\n{letter},printed,{moment.isoformat()},tray é 7\n"
    assert tally(await read(context, scope, report.encode(), "printer.csv")) == (0, 1, 0, 0)


async def test_a_scan_at_a_place_whose_zone_nobody_knows_is_shown_all_the_same(context: Context) -> None:
    scope = await organization(context)
    (letter,) = await letters(context, scope, [1])
    await read(context, scope, push([event(1, 0, scanFacilityZip="09012")]))
    send = await sends.get(context, scope, letter)
    assert send["trail"][-1]["place"]["zip"] == "09012"
    assert send["trail"][-1]["local_time"] is None


async def test_a_barcode_of_a_later_mailing_means_that_mailing_only_from_its_day(context: Context) -> None:
    scope = await organization(context)
    today = datetime.now(UTC).date()
    first, second = await sends.create(
        context, scope, [letter_on(today - timedelta(days=30)), letter_on(today + timedelta(days=60))]
    )
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    await read(context, scope, push([event(1, 0, SEQUENCED, scanDatetime=f"{today}T00:00:00Z")]))
    assert await status(context, scope, first["id"]) == "out_for_delivery"
    assert await status(context, scope, second["id"]) == "created"


async def test_pushes_and_writers_at_once_agree_with_one_after_the_other(context: Context) -> None:
    scope = await organization(context)
    letter_ids = await letters(context, scope, range(10))
    files = [push([event(n % 10, n + 10 * file) for n in range(40)]) for file in range(6)]
    reports = [
        sends.record_events(context, scope, letter, [sends.NewEvent("printed", source="printer")])
        for letter in letter_ids
    ]
    await asyncio.gather(*(read(context, scope, file, f"{n}") for n, file in enumerate(files)), *reports)
    async with context.database.snapshot() as connection:
        cursor = await connection.execute(
            "select count(*) filter (where best <> trail_best(trail)), sum(cardinality(trail)) from state"
        )
        wrong, events = await cursor.fetchone() or (1, 0)
    assert wrong == 0
    assert events == 10 + 10 + len({(n % 10, n + 10 * file) for file in range(6) for n in range(40)})


def letter_on(day: date) -> NewSend:
    return NewSend(kind="letter", to=Address(name="Bo"), imb=f"00270{SERIALS + 1:015d}", send_date=day)
