import re
from pathlib import Path
from time import perf_counter

import pytest

import sendtrail
from tests.feeds.feeding import event, message, take

SIZE = 150_000


def test_no_pattern_needs_what_python_3_11_2_gets_wrong() -> None:
    """Until 3.11.5 `re` takes possessive repeats for what they are not (CPython issue 106052)."""
    possessive = re.compile(r"""(?<=[^\s([{,=+])[*+?}]\+|\(\?>""")
    found = {
        f"{path.name}:{number}: {line.strip()}"
        for path in Path(sendtrail.__file__).parent.rglob("*.py")
        if "import re\n" in (text := path.read_text(encoding="utf-8"))
        for number, line in enumerate(text.splitlines(), start=1)
        if possessive.search(line)
    }
    assert found == set()


@pytest.mark.parametrize(
    "broken",
    [
        b'{"a": oops' + b"\n" * SIZE + b"oops",
        b'{"a": oops' + b"\n " * SIZE + b"oops",
        b'{"a": "' + b"\\n" * SIZE + b"\n",
        b"{" + b'"a":1,' * SIZE + b"oops",
        b'{"a"' + b" " * SIZE + b"oops",
        b"{" + b'"' * SIZE,
    ],
    ids=["blank lines", "blank lines with blanks", "escapes", "pairs", "blanks", "quotes"],
)
def test_what_is_broken_is_passed_over_in_little_time(broken: bytes) -> None:
    data = message(event(1)) + b"\n" + broken + b"\n" + message(event(2))
    start = perf_counter()
    taken = take(data)
    assert perf_counter() - start < 5
    assert [each.mid_serial % 1000 for each in taken.observations] == [1, 2]
    assert list(taken.reasons) == [2]
