"""The watched folder: whoever fetches scan files puts them here, and Sendtrail takes them.

A file is taken when it has stopped changing, read under a lock so that several workers never take the same one, and
moved to `done/`, or with a reason beside it to `failed/`. Where there are several organizations, each has a folder of
its name inside.
"""

import fcntl
import logging
import os
import time
from asyncio import to_thread
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sendtrail.domain.problems import SendtrailError
from sendtrail.services.context import Context
from sendtrail.services.ingest import ingest_path
from sendtrail.services.organizations import scope_for
from sendtrail.services.outcomes import why_unread

QUIET = 2.0
"""Seconds without a change after which a file is complete."""
QUIET_EMPTY = 60.0
"""An empty file has most likely only just been begun."""
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")
_DONE, _FAILED = "done", "failed"
_log = logging.getLogger(__name__)


class _Look(NamedTuple):
    """What a file looked like; one that looks the same later has not been written to."""

    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, stat: os.stat_result) -> "_Look":
        return cls(stat.st_ino, stat.st_size, stat.st_mtime_ns)


class FeedDir:
    """One watched folder. `clock` gives seconds of the file system's time."""

    def __init__(self, context: Context, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._context = context
        self._folder = folder
        self._clock = clock
        self._seen: dict[Path, _Look] = {}
        self._left: dict[Path, _Look] = {}
        """Files that could not be moved away: taken again only when they change."""

    async def round(self) -> None:
        """Take what is complete. OSError where the folder cannot be read."""
        for path in await to_thread(self._complete):
            await self._take(path)

    def _complete(self) -> list[Path]:
        looks = dict(self._files())
        ready = []
        for path, look in sorted(looks.items(), key=lambda each: each[1].changed):
            quiet = self._clock() - look.changed / 1e9
            still = self._seen.get(path) == look or quiet > QUIET_EMPTY
            if still and quiet >= (QUIET if look.size else QUIET_EMPTY) and self._left.get(path) != look:
                ready.append(path)
        self._seen = looks
        self._left = {path: look for path, look in self._left.items() if path in looks}
        return ready

    def _files(self) -> Iterator[tuple[Path, _Look]]:
        self._folder.mkdir(parents=True, exist_ok=True)
        inside = [entry for entry in self._folder.iterdir() if entry.name not in (_DONE, _FAILED)]
        for folder in [self._folder, *(entry for entry in inside if entry.is_dir() and not _hidden(entry))]:
            for path in folder.iterdir():
                if not _hidden(path) and path.is_file():
                    yield path, _Look.of(path.stat())

    async def _take(self, path: Path) -> None:
        try:
            with await to_thread(path.open, "rb") as file:
                if await to_thread(_lock, file, path):
                    await self._ingest(path, _Look.of(os.fstat(file.fileno())))
        except FileNotFoundError:
            return  # another worker was quicker, or somebody took it back
        except OSError as error:
            self._left[path] = self._seen[path]
            _log.error("%s cannot be taken: %s", path, error.strerror)

    async def _ingest(self, path: Path, look: _Look) -> None:
        organization = path.parent.name if path.parent != self._folder else None
        try:
            scope = await scope_for(self._context, organization, live=True, actor="feed-dir")
            summary = await ingest_path(self._context, scope, path)
            reason = await why_unread(self._context, scope, summary)
            _log.info(
                "%s: %d new, %d duplicate, %d unmatched, %d rejected",
                *(path.name, summary.new, summary.duplicate, summary.unmatched, summary.rejected),
            )
        except SendtrailError as error:
            reason = error.message
        if _Look.of(os.stat(path)) != look:
            return  # more has come meanwhile: read it again, which doubles nothing
        if reason:
            _log.warning("%s: %s", path.name, reason)
        await to_thread(self._put_away, path, reason)

    def _put_away(self, path: Path, reason: str) -> None:
        folder = self._folder / (_FAILED if reason else _DONE)
        folder.mkdir(exist_ok=True)
        place = _moved(path, folder)
        if reason:
            place.with_name(f"{place.name}.reason.txt").write_text(f"{reason}\n", encoding="utf-8")


def _hidden(path: Path) -> bool:
    return path.name.startswith(".") or path.name.lower().endswith(_UNFINISHED)


def _lock(file: BinaryIO, path: Path) -> bool:
    """Whether the file is ours to take: locked, and still in its place."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return path.stat().st_ino == os.fstat(file.fileno()).st_ino


def _moved(path: Path, folder: Path) -> Path:
    """Move a file into a folder of the same file system without ever replacing another; its new path."""
    number = 1
    while True:
        place = folder / (path.name if number == 1 else f"{number}-{path.name}")
        try:
            place.open("xb").close()  # the name is ours
        except FileExistsError:
            number += 1
        else:
            return path.replace(place)
