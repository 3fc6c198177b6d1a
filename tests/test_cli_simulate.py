"""`sendtrail simulate` as people type it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.programs import environment, sendtrail

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(dsn: str, tmp_path: Path) -> Run:
    """Runs commands on the test's own database, in which there is Acme."""

    def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return sendtrail(*arguments, environment=environment(tmp_path / "data", dsn))

    with psycopg.connect(dsn) as connection:
        connection.execute("insert into organization (name) values ('Acme')")
    return command


def delivered(answer: subprocess.CompletedProcess[str]) -> int:
    """The line of the summary."""
    (line,) = [line for line in answer.stdout.splitlines() if line.startswith("Delivered")]
    return int(line.split()[-1].replace(",", ""))


def test_it_fills_an_organization_and_does_nothing_twice(run: Run, dsn: str) -> None:
    first = run("simulate", "--sends", "80", "--days", "30")
    assert first.returncode == 0, first.stderr
    assert 74 < int(first.stdout.split(" sends created; ")[0]) <= 80  # what is triggered later today is not there yet
    assert delivered(first) > 20
    with psycopg.connect(dsn) as connection:
        made = connection.execute("select count(*), bool_and(live) from send").fetchone()
        samples = connection.execute("select bool_and(sample) from feed_file").fetchone()
    assert made == (int(first.stdout.split()[0]), True)
    assert samples == (True,)

    again = run("simulate", "--sends", "80", "--days", "30")
    assert again.stdout.startswith("0 sends created, ")
    assert run("doctor").returncode == 0


def test_live_mail_of_ones_own_is_left_alone(run: Run, tmp_path: Path) -> None:
    letters = tmp_path / "sends.csv"
    letters.write_text("kind,to.name\nletter,Ann\n")
    assert run("import", "sends", letters).returncode == 0
    refused = run("simulate", "--sends", "20")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "error: the organization has live mail of its own, which simulated mail would mix with:"
        " use --mode test or another organization\n"
    )
    assert run("simulate", "--sends", "20", "--mode", "test").returncode == 0


def test_out_writes_files_that_the_other_commands_take(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    written = sendtrail("simulate", "--sends", "120", "--days", "20", "--out", out, environment={})
    assert written.returncode == 0, written.stderr
    assert not (tmp_path / "data").exists()
    assert run("import", "sends", out / "sends.csv").stdout.endswith(" sends created, 0 rows rejected\n")
    assert run("ingest", *sorted((out / "feeds").iterdir())).returncode == 0

    refused = sendtrail("simulate", "--out", out, environment={})
    assert (refused.returncode, refused.stderr) == (1, f"error: {out} is not empty: name a new folder\n")
    refused = sendtrail("simulate", "--out", letters_in(tmp_path) / "below", environment={})
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in refused.stderr


def letters_in(folder: Path) -> Path:
    """A file where a folder should be."""
    path = folder / "letters"
    path.write_text("mine")
    return path


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--sends", "0", "error: sends must lie between 1 and 100,000"),
        ("--days", "1000", "error: days must lie between 1 and 365"),
    ],
)
def test_what_cannot_be_is_one_line(run: Run, option: str, value: str, reason: str) -> None:
    refused = run("simulate", option, value)
    assert (refused.returncode, refused.stderr.strip()) == (1, reason)
