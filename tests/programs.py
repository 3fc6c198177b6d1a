"""The program as people run it: real processes, with a database and data folder of the test's own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("sendtrail")


def environment(data: Path, dsn: str = "") -> dict[str, str]:
    """Without the settings of whoever runs the tests; without a DSN the database is the embedded one of `data`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SENDTRAIL_")}
    return inherited | {"SENDTRAIL_DATA": str(data), "DATABASE_URL": dsn, "SENDTRAIL_INGEST_WORKERS": "1"}


def sendtrail(
    *arguments: str | Path, given: str | bytes = b"", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        input=given.encode() if isinstance(given, str) else given,
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(*arguments: str | Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until it is stopped; the block's end kills it if it has not ended."""
    process = subprocess.Popen(
        [PROGRAM, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_with(process: subprocess.Popen[str], words: str) -> str:
    """The first line that it prints with these words; AssertionError with all that it said, if it ends without."""
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if words in line:
            return line
    raise AssertionError("".join(said))


def descendants(pid: int) -> set[int]:
    """Processes that `pid` started, and those that these started."""
    tasks = Path(f"/proc/{pid}/task")
    children = {int(child) for task in tasks.glob("*/children") for child in task.read_text().split()}
    return children.union(*(descendants(child) for child in children))
