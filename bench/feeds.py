"""How many scans a core reads from a file in a second, and how much memory that takes."""

import random
import resource
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from sendtrail.domain.observation import Facility
from sendtrail.domain.packing import to_ms
from sendtrail.feeds.reader import read
from sendtrail.simulator.formats import Scan, imb_tracing, iv_mtr_delimited, iv_mtr_json

_SCANS = 200_000
_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_ZONE = ZoneInfo("America/New_York")
_STEPS = (
    ("141", "Phase 1a - Origin Primary", "A"),
    ("464", "Phase 2c - Destination Primary", "A"),
    ("919", "Phase 3c - Destination Sequenced Carrier Sortation", "A"),
    ("517", "Phase 4c - Delivery", "L"),
)


def scans(number: int) -> Iterator[Scan]:
    """Scans of a million pieces over a month at 300 facilities."""
    rng = random.Random(2)
    facilities = [Facility(10_000 + each, f"PLANT {each} P&DC", "ALBANY", "NY", f"V1{each:04}") for each in range(300)]
    start = datetime(2026, 4, 1, tzinfo=_ZONE)
    for _ in range(number):
        imb = f"00270901{rng.randrange(10**6):012}{rng.randrange(10**11):011}"
        at = start + timedelta(seconds=rng.randrange(30 * 86_400))
        yield Scan(
            imb, at, *rng.choice(_STEPS), rng.choice(facilities), "DBCS-051", date(2026, 5, 1 + rng.randrange(30))
        )


def _measure(path: Path) -> tuple[int, float, int]:
    """Scans, seconds, and megabytes by which reading raised the peak; run in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = 0
    start = perf_counter()
    with path.open("rb") as stream:
        for batch in read(stream, now_ms=to_ms(_NOW)):
            assert not batch.problems
            found += len(batch.observations)
    seconds = perf_counter() - start
    return found, seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024


def _best(path: Path) -> tuple[int, float, int]:
    """The fastest of three, each in a fresh process."""
    runs = []
    for _ in range(3):
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            runs.append(process.submit(_measure, path).result())
    return min(runs, key=lambda run: run[1])


def run() -> list[str]:
    """The lines of the report."""
    writers: dict[str, Callable[[Iterable[Scan]], Iterator[bytes]]] = {
        "JSON": iv_mtr_json,
        "comma-separated": iv_mtr_delimited,
        "legacy": imb_tracing,
    }
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for name, write in writers.items():
            path = Path(folder, "scans")
            with path.open("wb") as file:
                file.writelines(write(scans(_SCANS)))
            found, seconds, megabytes = _best(path)
            assert found == _SCANS
            size = path.stat().st_size / _SCANS
            rate = f"{_SCANS / seconds:>10,.0f} scans/s"
            lines.append(f"feeds {name:<16} {size:>4,.0f} bytes each {rate}, {megabytes} MB")
    return lines


def main() -> None:
    print("\n".join(run()))


if __name__ == "__main__":
    main()
