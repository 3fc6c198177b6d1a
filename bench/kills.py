"""Kill the ingesting process or the database at random points, many times, and look for what is lost or doubled."""

import asyncio
import json
import multiprocessing
import os
import random
import signal
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import psycopg

from sendtrail.config import Config
from sendtrail.domain.scope import Scope
from sendtrail.domain.send import Address, NewSend
from sendtrail.services import ingest, sends
from sendtrail.services.context import open_context
from sendtrail.store.cluster import Cluster
from sendtrail.store.migrate import migrate

KILLS = int(os.environ.get("SENDTRAIL_BENCH_KILLS", "1000"))
ROUND = 5
"""Kills of one file's reading before it is let through and looked at."""
DATABASE_KILLS = 0.2
SENDS = 200
SCANS = 4_000
BATCH = 100
DAY = date(2026, 3, 2)
SERIALS = 901234567000000

Stand = tuple[tuple[object, ...], ...]
"""Everything that must not depend on the kills: each send's events and status, the counts, the unmatched scans."""


@dataclass(slots=True)
class Result:
    kills: int = 0
    database_kills: int = 0
    rounds: int = 0
    different: int = 0
    """Rounds that ended otherwise than an undisturbed reading."""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sendtrail-kills-") as folder:
        Path(folder).chmod(0o711)
        result = kill_rounds(Path(folder), KILLS)
    print(
        f"{result.kills} kills, {result.database_kills} of them of the database, in {result.rounds} rounds:"
        f" {result.different} rounds lost or doubled anything"
    )


def kill_rounds(folder: Path, kills: int, seed: int = 1) -> Result:
    """At least so many kills. `folder` is empty and reachable for the account that runs the database."""
    chance = random.Random(seed)
    cluster = Cluster(folder / "data")
    dsn = cluster.start()
    try:
        asyncio.run(migrate(dsn))
        path = folder / "scans.json"
        path.write_text(_scans(chance))
        config = Config.load({}, data=folder / "data", batch=BATCH)
        result = Result()
        undisturbed = asyncio.run(_begin(dsn, config, "undisturbed"))
        _finish(dsn, config, undisturbed, path)
        wanted = asyncio.run(stand(dsn, undisturbed))
        while result.kills < kills:
            scope = asyncio.run(_begin(dsn, config, f"round {result.rounds}"))
            for _ in range(ROUND):
                _disturb(dsn, config, scope, path, cluster, chance, result)
            _finish(dsn, config, scope, path)
            result.rounds += 1
            result.different += asyncio.run(stand(dsn, scope)) != wanted
        return result
    finally:
        cluster.stop()


async def stand(dsn: str, scope: Scope) -> Stand:
    """As the database has it, checked in itself: no event twice, status and counts as the trails say."""
    organization = {"organization": scope.organization_id}
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        cursor = await connection.execute(
            "select mid_serial, array(select item from unnest(trail) item where item_source(item) <> 0 order by item),"
            "       best_status(best), cardinality(meta) = cardinality(trail), best = trail_best(trail)"
            "  from state join barcode using (send_id)"
            " where state.organization_id = %(organization)s order by 1",
            organization,
        )
        trails = await cursor.fetchall()
        cursor = await connection.execute(
            "select status, sum(n)::int, sum(cost_cents)::int from counts where organization_id = %(organization)s"
            " group by 1 having sum(n) <> 0 order by 1",
            organization,
        )
        counts = await cursor.fetchall()
        cursor = await connection.execute(
            "select best_status(best), count(*)::int, sum(cost_cents)::int from state"
            " where organization_id = %(organization)s group by 1 order by 1",
            organization,
        )
        recount = await cursor.fetchall()
        cursor = await connection.execute(
            "select mid_serial, item from unmatched where organization_id = %(organization)s order by 1, 2",
            organization,
        )
        unmatched = await cursor.fetchall()
    sound = counts == recount and all(whole and true for *_, whole, true in trails)
    return (*((serial, tuple(items), status) for serial, items, status, *_ in trails), *counts, *unmatched, (sound,))


async def _begin(dsn: str, config: Config, name: str) -> Scope:
    """An organization with its sends; barcodes are each organization's own, so all of them have the same."""
    async with open_context(dsn, config) as context:
        async with context.database.transaction() as connection:
            cursor = await connection.execute(
                "insert into organization (name) values (%(name)s) returning id", {"name": name}
            )
            row = await cursor.fetchone()
        assert row
        scope = Scope(row[0], True, "kills")
        to = Address(name="Ann")
        await sends.create(
            context,
            scope,
            [
                NewSend(kind="letter", to=to, imb=f"00270{SERIALS + n:015d}", send_date=DAY, cost_cents=70)
                for n in range(SENDS)
            ],
        )
        return scope


def _disturb(
    dsn: str, config: Config, scope: Scope, path: Path, cluster: Cluster, chance: random.Random, result: Result
) -> None:
    """Start a reading and kill it, or the database under it, before it ends."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["bench.kills"])
    progress: Synchronized[int] = processes.Value("q", 0)
    reader = processes.Process(target=_ingest, args=(dsn, config, scope, path, progress))
    reader.start()
    _until(reader, progress, chance.randrange(path.stat().st_size))
    reader.join(chance.random() * 0.02)  # anywhere between two looks
    if not reader.is_alive():
        return
    if chance.random() < DATABASE_KILLS:
        postmaster = _postmaster(dsn)
        os.kill(postmaster, signal.SIGKILL)
        while Path(f"/proc/{postmaster}").exists():
            reader.join(0.002)
        cluster.revive()
        reader.join()
        result.database_kills += 1
    else:
        os.kill(reader.pid or 0, signal.SIGKILL)
        reader.join()
    result.kills += 1


def _until(reader: BaseProcess, progress: "Synchronized[int]", read: int) -> None:
    while reader.is_alive() and progress.value < read:
        reader.join(0.002)


def _finish(dsn: str, config: Config, scope: Scope, path: Path) -> None:
    asyncio.run(_ingest_async(dsn, config, scope, path, None))


def _ingest(dsn: str, config: Config, scope: Scope, path: Path, progress: "Synchronized[int]") -> None:
    try:
        asyncio.run(_ingest_async(dsn, config, scope, path, progress))
    except psycopg.Error:
        os._exit(1)  # the database was killed under us


async def _ingest_async(
    dsn: str, config: Config, scope: Scope, path: Path, progress: "Synchronized[int] | None"
) -> None:
    def told(read: int, _: int) -> None:
        if progress is not None:
            progress.value = read

    async with open_context(dsn, config, connections=1) as context:
        await ingest.ingest_path(context, replace(scope), path, told)


def _postmaster(dsn: str) -> int:
    folder = psycopg.conninfo.conninfo_to_dict(dsn)["host"]
    lock = next(Path(str(folder)).glob(".s.PGSQL.*.lock"))
    return int(lock.read_text().split()[0])


def _scans(chance: random.Random) -> str:
    """Scans of few sends in many versions, some repeated, some of strangers."""
    phases = ["Phase 1a - Origin Primary", "Phase 2b - Destination SCF", "Phase 3c - Destination Sequenced", "", "PARS"]
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    events = [
        {
            "imbTrackingCode": f"00270{SERIALS + chance.randrange(SENDS + 10):015d}",
            "scanDatetime": (noon + timedelta(minutes=chance.randrange(4_000))).isoformat(),
            "scanEventCode": f"{chance.choice([141, 893, 919])}",
            "mailPhase": chance.choice(phases),
            "handlingEventType": "A",
            "scanFacilityZip": "10001",
            "scanFacilityName": "PLANT",
        }
        for _ in range(SCANS)
    ]
    events += chance.sample(events, SCANS // 20)
    chance.shuffle(events)
    return json.dumps({"msgGrpId": "kills", "events": events})
