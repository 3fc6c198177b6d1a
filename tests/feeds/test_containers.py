import gzip
import io
import random
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.feeds.containers import plain
from sendtrail.feeds.intake import Damaged

TEXT = b"".join(b"line %d of a file that repeats itself\n" % number for number in range(30_000))
NOISE = random.Random(1).randbytes(700_000)


def unpacked(data: bytes) -> list[tuple[str, bytes, str]]:
    """Name, bytes and damage of each part."""
    parts = []
    for part in plain(io.BytesIO(data), "name"):
        found, damage = b"", ""
        try:
            for chunk in part.chunks:
                found += chunk
        except Damaged as error:
            damage = str(error)
        parts.append((part.name, found, damage))
    return parts


class _Pipe(io.BytesIO):
    """A stream that cannot go back: each size is then written after the bytes."""

    def tell(self) -> int:
        raise io.UnsupportedOperation

    def seekable(self) -> bool:
        return False


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, *, seekable: bool = True) -> bytes:
    buffer = io.BytesIO() if seekable else _Pipe()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize("data", [b"", b"a", b"PK", b"\x1f", TEXT])
def test_plain_bytes_stay_as_they_are(data: bytes) -> None:
    assert unpacked(data) == [("name", data, "")]


@pytest.mark.parametrize("data", [b"", b"a", TEXT, NOISE])
def test_gzip_is_unpacked_whatever_the_name(data: bytes) -> None:
    assert unpacked(gzip.compress(data)) == [("name", data, "")]


def test_all_members_of_a_gzip_are_read_and_padding_is_ignored() -> None:
    assert unpacked(gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(TEXT) + b"\0" * 512) == [
        ("name", b"one " + TEXT, "")
    ]


def test_a_byte_order_mark_is_taken_off() -> None:
    for data in (b"\xef\xbb\xbfa,b", gzip.compress(b"\xef\xbb\xbfa,b")):
        assert unpacked(data) == [("name", b"a,b", "")]
    assert unpacked(zipped({"x": b"\xef\xbb\xbfa"})) == [("x", b"a", "")]


@given(st.integers(20, len(gzip.compress(NOISE)) - 1))
def test_a_truncated_gzip_gives_all_that_is_there(size: int) -> None:
    ((_, found, damage),) = unpacked(gzip.compress(NOISE)[:size])
    assert NOISE.startswith(found)
    assert len(found) > size - 40_000
    assert damage == f"gzip stream ends early after {size:,} bytes; the file is incomplete"


def test_a_corrupt_gzip_gives_what_comes_before_the_damage() -> None:
    deflater = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    packed = deflater.compress(TEXT) + deflater.flush(zlib.Z_FULL_FLUSH)
    no_such_block = b"\x07"
    ((_, found, damage),) = unpacked(packed + no_such_block + NOISE)
    assert found == TEXT
    assert damage.startswith("gzip stream is corrupt near byte ")


def test_a_wrong_checksum_is_told_after_the_last_byte() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[-8] ^= 1
    ((_, found, damage),) = unpacked(bytes(packed))
    assert found == TEXT
    assert damage.startswith("gzip stream is corrupt near byte ")


def test_what_follows_a_gzip_stream_is_told() -> None:
    packed = gzip.compress(b"text")
    assert unpacked(packed + b"more") == [
        ("name", b"text", f"after the gzip stream, from byte {len(packed)}, follows something else")
    ]


MEMBERS = {"one.json": TEXT, "folder/two.csv": NOISE, "empty": b"", "ümlaut": b"x"}


@pytest.mark.parametrize(
    ("method", "seekable"),
    [(zipfile.ZIP_DEFLATED, True), (zipfile.ZIP_DEFLATED, False), (zipfile.ZIP_STORED, True)],
)
def test_zip_members_come_one_by_one(method: int, seekable: bool) -> None:
    assert unpacked(zipped(MEMBERS, method, seekable=seekable)) == [(*member, "") for member in MEMBERS.items()]


def test_bytes_that_are_not_packed_and_whose_size_follows_are_refused() -> None:
    ((name, found, damage),) = unpacked(zipped({"one": b"PK"}, zipfile.ZIP_STORED, seekable=False))
    assert (name, found) == ("one", b"")
    assert damage == "one in the zip file is packed by method 0: use deflate, or gzip"


def test_a_member_that_nobody_reads_is_passed_over() -> None:
    names = [part.name for part in plain(io.BytesIO(zipped(MEMBERS, seekable=False)), "name")]
    assert names == list(MEMBERS)


def test_folders_and_resource_forks_are_left_out() -> None:
    extra = {"folder/": b"", "__MACOSX/._one.json": b"junk", "a/._b": b"junk", "a/.DS_Store": b"junk"}
    assert unpacked(zipped(extra | {"one": b"1"})) == [("one", b"1", "")]


def test_an_empty_zip_has_no_parts() -> None:
    assert unpacked(zipped({})) == []


def test_an_encrypted_member_is_told_and_the_next_one_read() -> None:
    data = bytearray(zipped({"secret": b"abc", "open": b"abc"}))
    data[6] |= 1  # the flag in the first local header
    assert unpacked(bytes(data)) == [
        ("secret", b"", "secret in the zip file is encrypted: send it without a password"),
        ("open", b"abc", ""),
    ]


def test_an_unknown_method_is_told_and_the_next_one_read() -> None:
    data = zipped({"packed": TEXT}, zipfile.ZIP_BZIP2)
    assert unpacked(data) == [("packed", b"", "packed in the zip file is packed by method 12: use deflate, or gzip")]


@pytest.mark.parametrize("seekable", [True, False])
def test_a_wrong_checksum_in_a_zip_is_told(seekable: bool) -> None:
    data = zipped({"one": b"abcdef", "two": b"2"}, seekable=seekable)
    crc = struct.pack("<I", zlib.crc32(b"abcdef"))
    parts = unpacked(data.replace(crc, b"0000"))
    assert parts[0] == ("one", b"abcdef", "one in the zip file does not match its checksum")
    assert parts[1:] == ([("two", b"2", "")] if seekable else [])


@given(st.integers(31, 700_000), st.booleans())
def test_a_truncated_zip_gives_all_that_is_there(size: int, seekable: bool) -> None:
    data = zipped({"one": b"first", "two": NOISE}, seekable=seekable)
    parts = unpacked(data[:size])
    assert parts[-1][2] == f"zip file ends early after {size:,} bytes; the file is incomplete"
    found = b"".join(part[1] for part in parts)
    assert (b"first" + NOISE).startswith(found)
    assert len(found) > size - 40_000


def test_zip64_sizes_are_read() -> None:
    data = zipped({"one": TEXT, "two": b"2"})
    name_at = 30
    packed, size = struct.unpack("<II", data[18:26])
    extra = struct.pack("<HHQQ", 1, 16, size, packed)
    header = data[:18] + b"\xff" * 8 + data[26:28] + struct.pack("<H", len(extra))
    assert unpacked(header + data[name_at : name_at + 3] + extra + data[name_at + 3 :]) == [
        ("one", TEXT, ""),
        ("two", b"2", ""),
    ]


def test_a_decompression_bomb_costs_no_memory() -> None:
    bomb = gzip.compress(bytes(200 << 20), compresslevel=1)
    tracemalloc.start()
    size = sum(len(chunk) for part in plain(io.BytesIO(bomb), "bomb") for chunk in part.chunks)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 200 << 20
    assert peak < 8 << 20
