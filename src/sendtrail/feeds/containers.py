"""What wraps a feed file: nothing, gzip or zip, known by its first bytes and unwrapped in constant memory.

Zip files are read from front to back by their local headers, not by the directory at their end: so a file that was cut
off, or a stream that cannot seek, still gives everything that is there.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from sendtrail.feeds.intake import Damaged

CHUNK = 1 << 19
"""Bytes of one chunk, at most: small enough to stay in a processor's cache while it is worked on."""
_READ = 1 << 17
_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_ZIP_ENDS = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08")
_DESCRIPTOR = b"PK\x07\x08"
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZES_FOLLOW, _UTF8_NAME = 1, 8, 0x800
_IN_EXTRA, _ZIP64 = 0xFFFFFFFF, 1


class Part(NamedTuple):
    """One file inside; read its chunks before the next part. They raise Damaged where the bytes cannot be read."""

    name: str
    chunks: Iterator[bytes]


def plain(stream: BinaryIO, name: str) -> Iterator[Part]:
    """The files in `stream`, without a byte order mark; resource forks and folders of a zip are left out."""
    source = _Source(stream.read)
    head = source.peek(4)
    if head == _ZIP:
        yield from _zip_members(source)
    elif head.startswith(b"PK\x05\x06"):
        return
    else:
        yield Part(name, _unmarked(_gunzip(source) if head.startswith(_GZIP) else source.rest()))


class _Source:
    """Bytes with a look ahead."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._ahead = b""
        self.offset = 0
        """Bytes taken so far."""

    @property
    def seen(self) -> int:
        """Bytes that have come so far, taken or not: all there are, once there are no more."""
        return self.offset + len(self._ahead)

    def peek(self, size: int) -> bytes:
        while len(self._ahead) < size and (more := self._read(_READ)):
            self._ahead += more
        return self._ahead[:size]

    def some(self, limit: int = _READ) -> bytes:
        """At least one byte, unless there are none."""
        self.peek(1)
        return self.take(min(limit, len(self._ahead)))

    def take(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end."""
        taken = self.peek(size)
        self._ahead = self._ahead[len(taken) :]
        self.offset += len(taken)
        return taken

    def give_back(self, unused: bytes) -> None:
        self._ahead = unused + self._ahead
        self.offset -= len(unused)

    def rest(self) -> Iterator[bytes]:
        yield self.take(len(self._ahead))
        while more := self._read(CHUNK):
            yield more


def _unmarked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Without a UTF-8 byte order mark; `chunks` may begin with short ones."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= len(_BOM):
            break
    yield head.removeprefix(_BOM)
    yield from chunks


def _inflate(source: _Source, window: int) -> Iterator[bytes]:
    """Decompress one stream to its end; what follows it stays in `source`. EOFError: cut off, zlib.error: corrupt."""
    inflater = zlib.decompressobj(window)
    while not inflater.eof:
        packed = inflater.unconsumed_tail or source.some()
        if not packed:
            raise EOFError
        before = inflater.copy()
        try:
            plain_bytes = inflater.decompress(packed, CHUNK)
        except zlib.error:
            found, used = _up_to_the_error(before, packed)
            source.give_back(packed[used:])
            yield found
            raise
        if plain_bytes:
            yield plain_bytes
    source.give_back(inflater.unused_data)


def _up_to_the_error(inflater: "zlib._Decompress", packed: bytes) -> tuple[bytes, int]:
    """What comes before the byte that cannot be right, and where that stands."""
    found = bytearray()
    for at in range(len(packed)):
        try:
            found += inflater.decompress(packed[at : at + 1])
        except zlib.error:
            return bytes(found), at
    return bytes(found), len(packed)


def _gunzip(source: _Source) -> Iterator[bytes]:
    """All members, one after the other."""
    while source.peek(2) == _GZIP:
        try:
            yield from _inflate(source, zlib.MAX_WBITS | 16)
        except EOFError:
            raise Damaged(f"gzip stream ends early after {source.offset:,} bytes; the file is incomplete") from None
        except zlib.error:
            raise Damaged(f"gzip stream is corrupt near byte {source.offset:,}; what comes before was read") from None
    while padding := source.some():
        if padding.strip(b"\0"):
            raise Damaged(f"after the gzip stream, from byte {source.offset - len(padding):,}, follows something else")


def _zip_members(source: _Source) -> Iterator[Part]:
    while source.peek(4) == _ZIP and len(source.peek(30)) == 30:
        member = _Member(source)
        if not member.name.endswith("/") and not _is_resource(member.name):
            yield Part(member.name, _unmarked(member.chunks))
        damage = member.finish()
        if member.lost:
            if damage:
                yield Part(member.name, _fail(damage))
            return
    if len(source.peek(30)) < 4 or (source.peek(4) == _ZIP and len(source.peek(30)) < 30):
        yield Part("", _fail(Damaged(f"zip file ends early after {source.seen:,} bytes; the file is incomplete")))
    elif source.peek(4) not in _ZIP_ENDS:
        yield Part("", _fail(Damaged(f"zip file is corrupt near byte {source.offset:,}; what comes before was read")))


def _is_resource(name: str) -> bool:
    """Shadow files that macOS and Windows put there, not a person."""
    last = name.rsplit("/", 1)[-1]
    return name.startswith("__MACOSX/") or last.startswith("._") or last in (".DS_Store", "Thumbs.db")


def _fail(error: Damaged) -> Iterator[bytes]:
    raise error
    yield b""  # makes this an iterator


class _Member:
    """One file in a zip, read from its local header on."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        header = source.take(30)
        self._flags, self._method = _number(header, 6, 2), _number(header, 8, 2)
        self._crc, self._packed, size = (_number(header, at, 4) for at in (14, 18, 22))
        name, extra = source.take(_number(header, 26, 2)), source.take(_number(header, 28, 2))
        self.name = name.decode("utf-8" if self._flags & _UTF8_NAME else "cp437", "replace")
        if self._packed == _IN_EXTRA:
            self._packed = _packed_size(extra, size)
        self._begins = source.offset
        self.chunks = self._read()
        self.lost = False
        """Where the next file begins is unknown."""

    def finish(self) -> Damaged | None:
        """Go on to where the next file begins, whatever was read of this one; damage that nobody has been told of."""
        try:
            for _ in self.chunks:
                pass
        except Damaged as damage:
            return damage
        return None

    def _read(self) -> Iterator[bytes]:
        sized = not self._flags & _SIZES_FOLLOW
        try:
            self._check_readable(sized)
            crc = size = 0
            for chunk in _inflate(self._source, -zlib.MAX_WBITS) if self._method == _DEFLATED else self._stored():
                crc = zlib.crc32(chunk, crc)
                size += len(chunk)
                yield chunk
            if crc != self._crc if sized else not self._take_descriptor(crc, size):
                raise Damaged(f"{self.name} in the zip file does not match its checksum")
        except EOFError:
            self.lost = True
            seen = self._source.seen
            raise Damaged(f"zip file ends early after {seen:,} bytes; the file is incomplete") from None
        except zlib.error:
            self.lost = not sized
            offset = self._source.offset
            raise Damaged(f"{self.name} in the zip file is corrupt near byte {offset:,}") from None
        except Damaged:
            self.lost = not sized
            raise
        finally:
            if sized:
                self._skip_rest()

    def _check_readable(self, sized: bool) -> None:
        if self._flags & _ENCRYPTED:
            raise Damaged(f"{self.name} in the zip file is encrypted: send it without a password")
        if self._method not in (_STORED, _DEFLATED) or (self._method == _STORED and not sized):
            raise Damaged(f"{self.name} in the zip file is packed by method {self._method}: use deflate, or gzip")

    def _stored(self) -> Iterator[bytes]:
        left = self._packed
        while left:
            chunk = self._source.some(left)
            if not chunk:
                raise EOFError
            left -= len(chunk)
            yield chunk

    def _take_descriptor(self, crc: int, size: int) -> bool:
        """Go over the sizes that follow the data, in whichever of four layouts; False if none tells what was read.

        EOFError: the file ends there.
        """
        packed = self._source.offset - self._begins
        ahead = self._source.peek(24)
        for mark in (_DESCRIPTOR, b""):
            for width in (4, 8):
                mask = (1 << 8 * width) - 1
                told = mark + crc.to_bytes(4, "little")
                told += b"".join((number & mask).to_bytes(width, "little") for number in (packed, size))
                if ahead.startswith(told):
                    self._source.take(len(told))
                    return True
        if len(ahead) < 24:
            raise EOFError
        return False

    def _skip_rest(self) -> None:
        while (left := self._begins + self._packed - self._source.offset) > 0 and self._source.some(left):
            pass


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "little")


def _packed_size(extra: bytes, size: int) -> int:
    """The packed size of a file of 4 GB or more, from the header's extra fields."""
    at = 0
    while at + 4 <= len(extra):
        if _number(extra, at, 2) == _ZIP64:
            return _number(extra, at + (12 if size == _IN_EXTRA else 4), 8)
        at += 4 + _number(extra, at + 2, 2)
    return 0
