"""The whole pipeline: bytes of an IV-MTR JSON file, archiving included, to committed scans, beside a raw COPY."""

import asyncio
import multiprocessing
import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path

import psycopg

from sendtrail.config import Config
from sendtrail.domain.scope import Scope
from sendtrail.services import ingest
from sendtrail.services.context import Context, open_context
from sendtrail.store.cluster import running
from sendtrail.store.migrate import migrate

SENDS = int(os.environ.get("SENDTRAIL_BENCH_SENDS", "1000000"))
SCANS = int(os.environ.get("SENDTRAIL_BENCH_SCANS", "2000000"))
MID = 901234567
DAY = datetime(2026, 3, 2, tzinfo=UTC)
STRANGERS = 0.02
REPEATS = 0.01
BLOCK = 50_000
PHASES = (
    ("Phase 1a - Origin Primary", "891", 0),
    ("Phase 2b - Destination SCF", "894", 1),
    ("Phase 3a - Destination Secondary", "896", 2),
    ("Phase 3c - Destination Sequenced Carrier Sortation", "919", 2),
    ("Phase 4c - Delivery", "517", 3),
)
FACILITIES = [(f"{10001 + i * 613:05d}", f"PLANT {i:03d}", "SPRINGFIELD", "NY") for i in range(140)]


def main() -> None:
    asyncio.run(_main())


async def _main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="sendtrail-bench-"))
    folder.chmod(0o711)
    try:
        config = Config.load(data=folder / "data")
        path = folder / "scans.json"
        write_scans(path, SCANS)
        async with running(config.data) as dsn:
            await migrate(dsn)
            async with open_context(dsn, config) as context:
                scope = await prepare(context, SENDS)
                await _measure(context, scope, path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(context: Context, scope: Scope, path: Path) -> None:
    size = path.stat().st_size
    workers = context.config.ingest_workers
    print(f"{SCANS:,} scans, {size / SCANS:.0f} bytes each, {SENDS:,} active sends, {workers} writers")
    with peak_memory() as peak:
        started = time.monotonic()
        summary = await ingest.ingest_path(context, scope, path)
        rate = SCANS / (time.monotonic() - started)
    print(
        f"file to committed     {rate:>10,.0f} scans/s   new {summary.new:,}, duplicate {summary.duplicate:,},"
        f" unmatched {summary.unmatched:,}, rejected {summary.rejected:,}"
    )
    print(f"peak memory           {peak[0] / 2**20:>10,.0f} MB        all of our processes, without the server")
    started = time.monotonic()
    again = await ingest.ingest_path(context, scope, path)
    print(f"the same file again   {SCANS / (time.monotonic() - started):>10,.0f} scans/s   new {again.new:,}")
    raw = await asyncio.to_thread(raw_copy, context.dsn, workers)
    print(f"raw COPY, one unique  {raw:>10,.0f} rows/s    the same rows over {workers} connections")
    print(f"ratio                 {rate / raw:>10.2f}")


async def prepare(context: Context, sends: int) -> Scope:
    """An organization with so many active sends, written straight into the tables: making them is not measured."""
    async with context.database.transaction() as connection:
        await connection.execute("insert into organization (name) values ('Bench')")
        await connection.execute(
            "insert into campaign (organization_id, live, name, type)"
            " select 1, true, 'Campaign ' || n, 'bulk' from generate_series(1, 20) n"
        )
        numbers = {"sends": sends, "first": MID * 1_000_000, "day": DAY.date()}
        await connection.execute(
            "insert into send (send_id, organization_id, live, kind, campaign_id, created_at, created_on, recipient,"
            " post, currency)"
            " select n, 1, true, 1 + n %% 4, 1 + n %% 20, now(), %(day)s::date - (n %% 20)::int,"
            " jsonb_build_object('name', 'Recipient ' || n), 'usps', 'USD' from generate_series(1, %(sends)s) n",
            numbers,
        )
        await connection.execute(
            "insert into state (send_id, organization_id, campaign_id, cost_cents, created_on, kind, live, currency,"
            " trail, meta, best)"
            " select send_id, 1, campaign_id, 70, created_on, kind, true, 'USD', array[item], array[0::bigint],"
            " item_best(item, code, stage, rank)"
            "  from send, (select (190000000000::bigint << 22) | (code.selector::bigint & 4194303) as item, code.*"
            "                from code where code = 3 and selector & 63 = 4) created",
        )
        await connection.execute(
            "insert into barcode (mid_serial, organization_id, live, valid_from, label, send_id)"
            " select %(first)s::bigint + send_id, 1, true, 0, 27000000 + 10000 + send_id %% 80000, send_id from send",
            numbers,
        )
        await connection.execute(
            "insert into counts select organization_id, live, created_on, campaign_id, team_id, kind,"
            " best_status(best), currency, 0, count(*), sum(cost_cents) from state group by 1, 2, 3, 4, 5, 6, 7, 8"
        )
    async with await psycopg.AsyncConnection.connect(context.dsn, autocommit=True) as connection:
        await connection.execute("vacuum (analyze)")
        await connection.execute("checkpoint")
    return Scope(1, True, "bench")


def write_scans(path: Path, scans: int, sends: int = SENDS, seed: int = 1) -> None:
    """A push file as a subscriber to every attribute gets it."""
    chance = random.Random(seed)
    with path.open("w") as file:
        file.write('{"msgGrpId":"bench","events":[')
        last = ""
        for n in range(scans):
            text = last if last and chance.random() < REPEATS else _scan(chance, sends)
            file.write("," + text if n else text)
            last = text
        file.write("]}")


def _scan(chance: random.Random, sends: int) -> str:
    serial = chance.randint(1, sends)
    mid = MID if chance.random() >= STRANGERS else MID + 1
    phase, operation, days = chance.choice(PHASES)
    zip_, name, city, state = chance.choice(FACILITIES)
    moment = DAY + timedelta(days=days, seconds=chance.randrange(86_400))
    routing = f"{10000 + serial % 80000:05d}1234"
    code = f"00270{mid * 1_000_000 + serial:015d}"
    return (
        f'{{"imb":"{code}{routing}","imbTrackingCode":"{code}","imbRoutingCode":"{routing}",'
        f'"routingCodeImbMatchingPortion":"{routing}","imbStid":"270","imbMid":"{mid}","imbSerialNumber":"{serial:06d}",'
        f'"idTag":"","scanDatetime":"{moment:%Y-%m-%dT%H:%M:%S}.000-05:00","scanEventCode":"{operation}",'
        f'"mailPhase":"{phase}","handlingEventType":"A","handlingEventTypeDescription":"Actual",'
        f'"scanFacilityName":"{name}","scanFacilityCity":"{city}","scanFacilityState":"{state}",'
        f'"scanFacilityZip":"{zip_}","scanLocaleKey":"V{zip_}","machineName":"DBCS-{serial % 90:03d}",'
        f'"machineId":"{serial % 9000:06d}","mailClassDescription":"First-Class","expectedDeliveryDate":"2026-03-07"}}'
    )


def raw_copy(dsn: str, connections: int, rows: int = SCANS) -> float:
    """Rows a second of a COPY into a plain table of events with one unique index, over so many connections at once.

    The same scans as in the file, one row each, in ordinary columns; their text is made before the clock runs.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "create table raw_event (organization_id int, live boolean, mid_serial bigint, occurred_at timestamptz,"
            " recorded_at timestamptz, source smallint, evidence smallint, phase smallint, operation smallint, zip int,"
            " expected_on date, unique (mid_serial, occurred_at, operation, evidence))"
        )
    context = multiprocessing.get_context("spawn")
    ready, begin = context.Semaphore(0), context.Event()
    share = rows // connections
    writers = [context.Process(target=_copy, args=(dsn, w, share, ready, begin)) for w in range(connections)]
    for writer in writers:
        writer.start()
    for _ in writers:
        ready.acquire()
    started = time.monotonic()
    begin.set()
    for writer in writers:
        writer.join()
    return share * connections / (time.monotonic() - started)


def _copy(dsn: str, worker: int, rows: int, ready: Semaphore, begin: Event) -> None:
    chance = random.Random(worker)
    blocks = []
    for start in range(0, rows, BLOCK):
        lines = []
        for n in range(start, min(start + BLOCK, rows)):
            _, operation, days = chance.choice(PHASES)
            moment = DAY + timedelta(days=days, seconds=chance.randrange(86_400), microseconds=2 * n + worker)
            serial, zip_ = MID * 1_000_000 + chance.randint(1, SENDS), chance.choice(FACILITIES)[0]
            lines.append(
                f"1\tt\t{serial}\t{moment.isoformat()}\t2026-03-09 12:00:00+00\t1\t5\t{days + 2}\t{operation}\t{zip_}"
                "\t2026-03-07\n"
            )
        blocks.append("".join(lines).encode())
    with psycopg.connect(dsn) as connection:
        ready.release()
        begin.wait()
        for block in blocks:
            with connection.cursor().copy("copy raw_event from stdin") as copy:
                copy.write(block)
            connection.commit()


@contextmanager
def peak_memory() -> Iterator[list[int]]:
    """The most bytes that this process and its children held together, shared pages counted once."""
    peak, stop = [0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.1):
            peak[0] = max(peak[0], sum(map(_held, _family(os.getpid()))))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        stop.set()
        watcher.join()


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [pid, *(each for child in children for each in _family(int(child)) if not _is_server(int(child)))]


def _is_server(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().startswith("postgres")
    except FileNotFoundError:
        return False


def _held(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
