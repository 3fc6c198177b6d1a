"""Every file as it came, kept under the hash of its bytes.

What is not compressed already is compressed on the way in. A file is complete once it has its name: it is written
under another, brought to the disk, then renamed.
"""

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import zstandard

CHUNK = 1 << 20
_INCOMING = "incoming-"
_THREADS = 2
"""They compress while the file is read and hashed."""
_COMPRESSED = (b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd")


class Kept(NamedTuple):
    """`digest`: SHA-256 of the bytes as they came; `size` counts those."""

    digest: bytes
    size: int


async def keep_file(archive: Path, path: Path) -> Kept:
    """Keep a copy of a file. OSError where it cannot be read."""

    def copy() -> Kept:
        with path.open("rb") as source, _Incoming(archive) as incoming:
            while chunk := source.read(CHUNK):
                incoming.write(chunk)
            return incoming.finish()

    return await asyncio.to_thread(copy)


async def keep_stream(archive: Path, chunks: AsyncIterator[bytes]) -> Kept:
    """Keep what is being sent to us; nothing remains of a stream that breaks off."""
    with _Incoming(archive) as incoming:
        async for chunk in chunks:
            await asyncio.to_thread(incoming.write, chunk)
        return await asyncio.to_thread(incoming.finish)


@contextmanager
def reading(archive: Path, digest: bytes) -> Iterator[BinaryIO]:
    """The bytes as they came. FileNotFoundError where the archive does not have them."""
    place = _place(archive, digest)
    if place.exists():
        with place.open("rb") as stored:
            yield stored
    else:
        with (
            place.with_suffix(".zst").open("rb") as stored,
            zstandard.ZstdDecompressor().stream_reader(stored, read_across_frames=True) as plain,
        ):
            yield cast(BinaryIO, plain)


async def contents(archive: Path, digest: bytes) -> AsyncIterator[bytes]:
    """The bytes as they came, piece by piece. FileNotFoundError before the first one is asked for."""
    opened = ExitStack()
    stream = await asyncio.to_thread(opened.enter_context, reading(archive, digest))

    async def pieces() -> AsyncIterator[bytes]:
        with opened:
            while chunk := await asyncio.to_thread(stream.read, CHUNK):
                yield chunk

    return pieces()


async def remove_abandoned(archive: Path, age: timedelta) -> int:
    """Remove what processes that were killed left half written, if for `age` nothing was added to it; how many."""

    def remove() -> int:
        removed = 0
        for path in archive.glob(f"{_INCOMING}*"):
            with suppress(FileNotFoundError):  # just got its name, or somebody else removes too
                if path.stat().st_mtime < time.time() - age.total_seconds():
                    path.unlink()
                    removed += 1
        return removed

    return await asyncio.to_thread(remove)


class _Incoming:
    """A file on its way into the archive."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._hash = hashlib.sha256()
        self._size = 0
        self._compressor: zstandard.ZstdCompressionObj | None = None

    def __enter__(self) -> "_Incoming":
        self._archive.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=_INCOMING, dir=self._archive)
        self._path = Path(name)
        self._file = os.fdopen(descriptor, "wb")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        if not self._size and not chunk.startswith(_COMPRESSED):
            self._compressor = zstandard.ZstdCompressor(level=1, threads=_THREADS).compressobj()
        self._hash.update(chunk)
        self._size += len(chunk)
        self._file.write(self._compressor.compress(chunk) if self._compressor else chunk)

    def finish(self) -> Kept:
        if self._compressor:
            self._file.write(self._compressor.flush())
        self._file.flush()
        os.fsync(self._file.fileno())
        digest = self._hash.digest()
        place = _place(self._archive, digest)
        place.parent.mkdir(exist_ok=True)
        self._path.rename(place.with_suffix(".zst") if self._compressor else place)
        for folder in (place.parent, self._archive):
            descriptor = os.open(folder, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
        return Kept(digest, self._size)


def _place(archive: Path, digest: bytes) -> Path:
    name = digest.hex()
    return archive / name[:2] / name
