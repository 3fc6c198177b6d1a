"""The files of a stream: every fact that was told by now is in them, in every format, and readers take all of it."""

import io
from collections import Counter
from datetime import timedelta

import pytest

from sendtrail.domain.packing import to_ms
from sendtrail.feeds.reader import read
from sendtrail.simulator.files import FORMATS, FeedFile, Format, lay_out
from sendtrail.simulator.ledger import NEW_YORK
from sendtrail.simulator.stream import Stream
from tests.simulator.streams import small


def taken(made: Stream, file: FeedFile) -> tuple[str, int, int]:
    """Format, observations and problems that the reader of feeds finds."""
    batches = list(read(io.BytesIO(file.content()), now_ms=to_ms(made.now), zone=NEW_YORK))
    return (
        batches[0].format,
        sum(len(batch.observations) for batch in batches),
        sum(len(batch.problems) for batch in batches),
    )


@pytest.mark.parametrize("format_", FORMATS)
def test_readers_take_every_line(format_: Format) -> None:
    made = small()
    for file in lay_out(made, format_):
        lines = sum(len(part.scans) + len(part.notices) + len(part.reports) for part in file.parts)
        spoiled = sum(part.spoiled for part in file.parts)
        assert taken(made, file)[1:] == (lines, spoiled), file.name


@pytest.mark.parametrize("format_", FORMATS)
def test_every_fact_is_told_once_except_what_a_format_has_no_place_for(format_: Format) -> None:
    made = small()
    files = lay_out(made, format_)
    scans = Counter(scan for file in files for part in file.parts for scan in part.scans)
    expected = Counter(scan.fact for scan in made.feed.scans if format_ != "legacy" or scan.fact.handling == "A")
    assert scans == expected
    assert sum(len(part.reports) for file in files for part in file.parts) == len(made.reports)
    assert sum(len(part.notices) for file in files for part in file.parts) == len(made.notices)


def test_mixed_files_have_every_format_and_packing() -> None:
    made = small()
    files = lay_out(made)
    assert {taken(made, file)[0] for file in files} == {
        "iv_mtr_json", "iv_mtr_delimited", "imb_tracing", "acs", "printer",
    }  # fmt: skip
    assert {file.name.rpartition(".")[2] for file in files} == {"json", "gz", "zip", "txt", "csv"}
    assert {part.form for file in files for part in file.parts} >= {"comma", "pipe", "tab", "legacy", "json"}
    assert sum(part.spoiled for file in files for part in file.parts) == 1
    messages = [file for file in files if ".json" in file.name]
    assert 26 <= len(messages) <= 29
    assert len({file.name for file in files}) == len(files)


def test_scans_are_out_of_order_within_a_file() -> None:
    (fullest,) = sorted((file for file in lay_out(small(0, 2_000), "json") if file.name.endswith("json")),
                        key=lambda file: len(file.parts[0].scans))[-1:]  # fmt: skip
    times = [scan.occurred_at for scan in fullest.parts[0].scans]
    assert times != sorted(times)
    assert max(times) - min(times) > timedelta(days=2)


def test_the_same_mail_makes_the_same_bytes() -> None:
    first, second = small(1, 200), small.__wrapped__(1, 200)
    assert [(file.name, file.content()) for file in lay_out(first)] == [
        (file.name, file.content()) for file in lay_out(second)
    ]
