"""The watched folder, on real files; the clock is the test's."""

import asyncio
import fcntl
import os
from pathlib import Path

import pytest

from sendtrail.domain.scope import Scope
from sendtrail.services import feeds
from sendtrail.services.context import Context
from sendtrail.worker.feed_dir import QUIET, QUIET_EMPTY, FeedDir
from tests.services.organizations import organization

WRITTEN = 1_790_000_000.0
"""When every file of a test was last written to."""
SCAN = "80204,141,07/20/2026 12:38:20,80204      ,000401234567{:08d}\n"


class Clock:
    """Time as the worker sees it, in seconds after the files were written."""

    def __init__(self) -> None:
        self.after = QUIET

    def __call__(self) -> float:
        return WRITTEN + self.after


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def acme(context: Context) -> Scope:
    return await organization(context)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "in"


@pytest.fixture
def watched(context: Context, folder: Path, clock: Clock, acme: Scope) -> FeedDir:
    folder.mkdir()
    return FeedDir(context, folder, clock)


def put(path: Path, text: str = SCAN.format(1)) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (WRITTEN, WRITTEN))
    return path


def inside(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


async def twice(watched: FeedDir) -> None:
    """Two rounds: a file must look the same in both to be taken."""
    await watched.round()
    await watched.round()


async def taken(context: Context, scope: Scope) -> list[str]:
    """Names of the files that were ingested, the newest first."""
    files, _ = await feeds.list_files(context, scope, 100)
    return [file.name for file in files]


async def test_a_complete_file_is_ingested_and_put_away(
    context: Context, acme: Scope, watched: FeedDir, folder: Path
) -> None:
    put(folder / "scans.txt")
    await twice(watched)
    assert inside(folder) == {"done/scans.txt"}
    (file,) = (await feeds.list_files(context, acme, 10))[0]
    assert (file.name, file.unmatched) == ("scans.txt", 1)


async def test_a_file_is_left_until_it_is_quiet(watched: FeedDir, folder: Path, clock: Clock) -> None:
    put(folder / "scans.txt")
    clock.after = QUIET - 0.1
    await twice(watched)
    assert inside(folder) == {"scans.txt"}
    clock.after = QUIET
    await watched.round()
    assert inside(folder) == {"done/scans.txt"}


async def test_a_file_that_grows_between_two_looks_is_left(watched: FeedDir, folder: Path) -> None:
    put(folder / "scans.txt")
    await watched.round()
    put(folder / "scans.txt", SCAN.format(1) + SCAN.format(2))
    await watched.round()
    assert inside(folder) == {"scans.txt"}
    await watched.round()
    assert inside(folder) == {"done/scans.txt"}


async def test_an_empty_file_is_given_time_to_be_filled(watched: FeedDir, folder: Path, clock: Clock) -> None:
    put(folder / "scans.txt", "")
    await twice(watched)
    assert inside(folder) == {"scans.txt"}
    clock.after = QUIET_EMPTY + 1
    await watched.round()
    assert inside(folder) == {"failed/scans.txt", "failed/scans.txt.reason.txt"}


@pytest.mark.parametrize("name", [".scans.txt", ".scans.txt.x7Kd", "scans.txt.part", "scans.TMP", "scans.txt~"])
async def test_names_of_unfinished_files_are_passed_over(watched: FeedDir, folder: Path, name: str) -> None:
    put(folder / name)
    await twice(watched)
    assert inside(folder) == {name}


async def test_a_file_that_cannot_be_read_is_put_aside_with_its_reason(watched: FeedDir, folder: Path) -> None:
    put(folder / "poem.txt", "roses are red\n")
    await twice(watched)
    assert inside(folder) == {"failed/poem.txt", "failed/poem.txt.reason.txt"}
    assert (folder / "failed/poem.txt").read_text(encoding="utf-8") == "roses are red\n"
    reason = (folder / "failed/poem.txt.reason.txt").read_text(encoding="utf-8")
    assert reason.startswith("the file has the columns 'roses_are_red'")


async def test_files_of_one_name_never_replace_each_other(watched: FeedDir, folder: Path) -> None:
    for serial in (1, 2, 3):
        put(folder / "scans.txt", SCAN.format(serial))
        await twice(watched)
    assert inside(folder) == {"done/scans.txt", "done/2-scans.txt", "done/3-scans.txt"}
    assert (folder / "done/2-scans.txt").read_text(encoding="utf-8") == SCAN.format(2)


async def test_a_worker_that_starts_later_takes_what_is_there(context: Context, watched: FeedDir, folder: Path) -> None:
    put(folder / "scans.txt")
    await watched.round()
    later = FeedDir(context, folder, Clock())
    await twice(later)
    assert inside(folder) == {"done/scans.txt"}


async def test_several_workers_take_each_file_once(context: Context, acme: Scope, folder: Path) -> None:
    folder.mkdir()
    names = {put(folder / f"{serial}.txt", SCAN.format(serial)).name for serial in range(8)}
    workers = [FeedDir(context, folder, Clock()) for _ in range(3)]
    for _ in range(3):
        await asyncio.gather(*(worker.round() for worker in workers))
    assert inside(folder) == {f"done/{name}" for name in names}
    assert sorted(await taken(context, acme)) == sorted(names)


async def test_a_file_that_another_worker_holds_is_left_to_it(watched: FeedDir, folder: Path) -> None:
    path = put(folder / "scans.txt")
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        await twice(watched)
        assert inside(folder) == {"scans.txt"}
    await watched.round()
    assert inside(folder) == {"done/scans.txt"}


async def test_with_several_organizations_each_has_a_folder_of_its_name(
    context: Context, acme: Scope, watched: FeedDir, folder: Path
) -> None:
    bolt = await organization(context, "Bolt")
    put(folder / "Bolt" / "scans.txt")
    put(folder / "whose.txt")
    put(folder / "Nobody" / "scans.txt")
    await twice(watched)
    assert await taken(context, bolt) == ["scans.txt"]
    assert await taken(context, acme) == []
    assert inside(folder) == {
        "done/scans.txt",
        "failed/whose.txt",
        "failed/whose.txt.reason.txt",
        "failed/scans.txt",
        "failed/scans.txt.reason.txt",
    }
    reason = (folder / "failed/whose.txt.reason.txt").read_text(encoding="utf-8")
    assert reason == "say which organization: Acme, Bolt\n"
