import gzip
import io
import json
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendtrail.domain.packing import to_ms
from sendtrail.feeds.reader import READERS, read
from tests.feeds.feeding import NOW, event, message, take

HEADER = "imbTrackingCode,scanDatetime,scanEventCode\n"
IMB = "0027090123456700"


def files() -> dict[str, bytes]:
    """A file of each format, with something wrong in each."""
    events = [
        event(serial, scanDatetime="never" if serial % 7 == 0 else "2026-03-02T22:56:10Z") for serial in range(40)
    ]
    json_events = message(*events, "text", event(50, imbTrackingCode="1"), event(51)).replace(b'"text"', b'{"a":oops}')
    lines = [f"{IMB}{serial:04},{'never' if serial % 7 == 0 else '2026-03-02T22:56:10Z'},919\n" for serial in range(40)]
    printed = [f"{each},printed,2026-03-02\n" for each in ("letter_1", "", f"{IMB}0004", f"{IMB}0005", "gift_9", "x")]
    return {
        "iv_mtr_json": json_events,
        "iv_mtr_delimited": (HEADER + "".join(lines) + "short\n").encode(),
        "imb_tracing": b"".join(
            b"10199,919,%b,12345      ,%b%04d\n" % (b"never" if n % 7 == 0 else b"3/2/2026 9:00:00", IMB.encode(), n)
            for n in range(1, 40)
        ),
        "acs": f"imb,code,date\n{IMB}0001,A,2026-03-02\n{IMB}0002,?,2026-03-02\n,A,2026-03-02\n".encode(),
        "printer": ("imb,code,occurred_at\n" + "".join(printed)).encode(),
    }


@pytest.mark.parametrize("format", READERS)
def test_a_file_tells_the_same_packed_or_plain_and_with_its_format_told(format: str) -> None:
    data = files()[format]
    whole = take(data)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("inside", data)
    assert take(gzip.compress(data)) == take(archive.getvalue()) == take(data, format=format) == whole


@given(st.sampled_from(["iv_mtr_json", "iv_mtr_delimited", "imb_tracing"]), st.integers(0, 40))
def test_splitting_a_file_between_records_changes_nothing(format: str, at: int) -> None:
    data = files()[format]
    if format == "iv_mtr_json":
        events = json.loads(message(*(event(serial) for serial in range(40))))["events"]
        pieces, data = [message(*events[:at]), message(*events[at:])], message(*events)
    else:
        lines = data.splitlines(keepends=True)
        head = lines[:1] if format == "iv_mtr_delimited" else []
        at = max(at, len(head) + 1)
        pieces = [b"".join(lines[:at]), b"".join(head + lines[at:])]
    found = [each for piece in pieces for each in take(piece).observations]
    assert found == take(data).observations


def test_every_problem_has_a_line_of_its_own() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for format, data in files().items():
            packed.writestr(format, data)
            packed.writestr(f"{format}-empty", b"")
            packed.writestr(f"{format}-unknown", b"a,b,c\n")
    taken = take(archive.getvalue()[:-500])
    lines = [problem.line for problem in taken.problems]
    assert len(lines) > 20
    assert len(lines) == len(set(lines))
    assert min(lines) > 0


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_one_problem(data: bytes) -> None:
    taken = take(data)
    assert taken.reasons == {1: "the file is empty"}
    assert taken.observations == []


def test_a_zip_without_files_is_one_problem() -> None:
    archive = io.BytesIO()
    zipfile.ZipFile(archive, "w").close()
    assert take(archive.getvalue()).reasons == {1: "the file is a zip file without files"}


def test_a_line_that_a_truncated_gzip_cuts_is_not_taken() -> None:
    lines = HEADER.encode() + b"".join(b"%b%04d,2026-03-02T22:56:10Z,919\n" % (IMB.encode(), n) for n in range(3))
    packed = gzip.compress(lines + b"00270901234567000003,2026-03-02T22:56:10Z,9")
    taken = take(packed[:-8])
    assert len(taken.observations) == 3
    ((line, reason),) = taken.reasons.items()
    assert line == 5
    assert reason.startswith("gzip stream ends early")
    assert taken.problems[0].raw.startswith(b"00270901234567000003,")


def test_one_bad_member_of_a_zip_does_not_stop_the_others() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("readme.txt", "hello\n")
        packed.writestr("scans.json", message(event(1)))
        packed.writestr("more.json", b"")
    taken = take(archive.getvalue())
    assert len(taken.observations) == 1
    assert taken.reasons[1].startswith("readme.txt has the columns 'hello'; known are ")
    assert taken.reasons[3] == "more.json is empty"


def test_an_unknown_format_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="format 'xml' is none of iv_mtr_json"):
        take(b"", format="xml")


def test_progress_counts_the_bytes_of_the_stream() -> None:
    data = gzip.compress(message(*(event(serial) for serial in range(3000))))
    seen: list[int] = []
    take(data, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == len(data)


class _Endless:
    """A message of the given number of events, made while it is read."""

    def __init__(self, events: int) -> None:
        self._pieces = self._made(events)

    @staticmethod
    def _made(events: int) -> Iterator[bytes]:
        thousand = ",".join(json.dumps(event(serial)) for serial in range(1000)).encode()
        yield b'{"events":[' + thousand
        for _ in range(events // 1000 - 1):
            yield b"," + thousand
        yield b"]}"

    def read(self, _size: int) -> bytes:
        return next(self._pieces, b"")


def test_batches_stay_small_and_memory_constant() -> None:
    tracemalloc.start()
    sizes = []
    for batch in read(cast(BinaryIO, _Endless(60_000)), now_ms=to_ms(NOW)):
        sizes.append(len(batch.observations))
        del batch
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(sizes) == 60_000
    assert 15_000 < max(sizes) < 25_000
    assert peak < 40 << 20


def test_reading_feeds_loads_no_time_zones_before_a_local_time_needs_them() -> None:
    script = "import sys; import sendtrail.feeds.reader; sys.exit('zip2info' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
