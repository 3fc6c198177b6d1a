"""`sendtrail export` as people type it."""

import csv
import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.programs import PROGRAM, environment, sendtrail

Run = Callable[..., subprocess.CompletedProcess[str]]
SENDS = """kind,to.name,to.postal_code,external_id,send_date,tags
letter,Ann,02134,a-1,2026-03-02,spring
postcard,=Bo,10001,a-2,2026-03-03,
gift,Cy,10001,a-3,2026-03-04,spring
"""


@pytest.fixture
def run(dsn: str, tmp_path: Path) -> Run:
    """Runs commands on the test's own database, in which Acme has three sends, and one in test mode."""

    def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return sendtrail(*arguments, environment=environment(tmp_path / "data", dsn))

    with psycopg.connect(dsn) as connection:
        connection.execute("insert into organization (name) values ('Acme'), ('Bolt')")
    for name, text, mode in (("live.csv", SENDS, "live"), ("test.csv", "kind,to.name\nletter,Tess\n", "test")):
        (tmp_path / name).write_text(text)
        made = command("import", "sends", tmp_path / name, "--organization", "Acme", "--mode", mode)
        assert made.returncode == 0, made.stderr
    return command


def names(text: str) -> list[str]:
    return [row["to.name"] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))]


def test_a_file_is_written_and_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    answer = run("export", path, "--organization", "Acme")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, f"{path}: 3 sends\n", "")
    content = path.read_bytes().decode()
    assert content.startswith("\ufeffid,kind,")
    assert content.count("\r\n") == 4
    assert names(content) == ["Cy", "'=Bo", "Ann"]
    assert ",'02134," in content
    assert sorted(each.name for each in tmp_path.glob("out*")) == ["out.csv"]


def test_those_who_responded_are_written_instead_of_sends(run: Run, dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "spring.csv"
    path.write_text("kind,to.name,campaign\nletter,Dee,Spring\nletter,Eve,Spring\n")
    assert run("import", "sends", path, "--organization", "Acme").returncode == 0
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into engagement (send_id, organization_id, live, campaign_id, team_id, owner_id, created_on, kind,"
            " recipient, visits, first_visit_at)"
            " select send_id, organization_id, live, campaign_id, 0, 0, created_on, kind, 1, 2, now() from send"
            " where recipient ->> 'name' = 'Eve'"
        )
    answer = run("export", "-", "--organization", "Acme", "--engaged", "--campaign", "Spring", "--plain")
    assert [(row["name"], row["visits"]) for row in csv.DictReader(io.StringIO(answer.stdout, newline=""))] == [
        ("Eve", "2")
    ]
    for options, refusal in (
        (("--campaign", "Winter"), "no campaign 'Winter'"),
        ((), "--engaged takes a --campaign"),
        (("--campaign", "Spring", "--tag", "x"), "and no filter"),
    ):
        answer = run("export", "-", "--organization", "Acme", "--engaged", *options)
        assert (answer.returncode, answer.stdout) == (1, "")
        assert refusal in answer.stderr


def test_what_a_printer_merges_is_written_instead_of_sends(run: Run, dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "spring.csv"
    path.write_text("kind,to.name,campaign\nletter,Dee,Spring\nletter,Eve,Spring\n")
    assert run("import", "sends", path, "--organization", "Acme").returncode == 0
    asked = ("export", "-", "--organization", "Acme", "--links", "--plain")
    for options, refusal in (
        (("--campaign", "Spring"), "has no links"),
        (("--campaign", "Winter"), "'Winter' does not exist"),
        ((), "--links takes a --campaign"),
        (("--campaign", "Spring", "--engaged"), "--engaged takes a --campaign"),
    ):
        answer = run(*asked, *options)
        assert (answer.returncode, answer.stdout) == (1, "")
        assert refusal in answer.stderr
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "with landed as (insert into landing (organization_id, live, campaign_id, template, days)"
            " select organization_id, live, id, 'https://shop.example.com/', 30 from campaign where name = 'Spring'"
            " returning id, organization_id, live, campaign_id)"
            " insert into link (organization_id, live, send_id, landing_id)"
            " select organization_id, live, send_id, landed.id"
            " from landed join send using (organization_id, live, campaign_id) order by send_id"
        )
    answer = run(*asked, "--campaign", "Spring")
    rows = list(csv.DictReader(io.StringIO(answer.stdout, newline="")))
    assert [(row["to.name"], row["link"].endswith(f"/r/{row['code']}")) for row in rows] == [
        ("Dee", True),
        ("Eve", True),
    ]


def test_filters_modes_and_programs(run: Run) -> None:
    for options, expected in (
        (("--mode", "test"), ["Tess"]),
        (("--mode", "both"), ["Cy", "'=Bo", "Ann", "Tess"]),
        (("--tag", "spring", "--sort", "day"), ["Ann", "Cy"]),
        (("--start", "2026-03-03", "--end", "2026-03-03"), ["'=Bo"]),
        (("--q", "ann", "--status", "created,held"), ["Ann"]),
        (("--sector", "gift"), ["Cy"]),
        (("--kind", "cheque"), []),
    ):
        assert names(run("export", "-", "--organization", "Acme", *options).stdout) == expected, options
    text = run("export", "-", "--organization", "Acme", "--plain").stdout
    assert text.startswith("id,kind,")
    assert ",02134," in text
    assert names(run("export", "-", "--organization", "Bolt").stdout) == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--status", "lost"], "error: status must be one of"),
        (["--start", "soon"], "error: --start and --end should be days such as 2026-03-02, not 'soon'"),
        (["--campaign", "Spring"], "error: campaign 'Spring' does not exist"),
        (["--sort", "colour"], "error: sort must be one of day"),
    ],
)
def test_what_cannot_be_is_one_line_and_touches_no_file(
    run: Run, tmp_path: Path, options: list[str], complaint: str
) -> None:
    path = tmp_path / "out.csv"
    path.write_text("older")
    answer = run("export", path, "--organization", "Acme", *options)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith(complaint)
    assert len(answer.stderr.splitlines()) == 1
    assert path.read_text() == "older"


def test_a_folder_that_is_not_there_is_one_line(run: Run, tmp_path: Path) -> None:
    answer = run("export", tmp_path / "nowhere" / "out.csv", "--organization", "Acme")
    assert answer.returncode == 1
    assert answer.stderr == f"error: {tmp_path / 'nowhere' / 'out.csv'}: No such file or directory\n"


def test_an_export_that_breaks_off_leaves_what_was_there(run: Run, dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("older")
    with psycopg.connect(dsn) as connection:
        connection.execute("update state set best = 63 where send_id = (select min(send_id) from state)")
    assert run("export", path, "--organization", "Acme").returncode == 1
    assert path.read_text() == "older"
    assert sorted(each.name for each in tmp_path.glob("out*")) == ["out.csv"]


def test_a_reader_who_has_enough_is_no_trouble(run: Run, dsn: str, tmp_path: Path) -> None:
    with subprocess.Popen(
        [PROGRAM, "export", "-", "--organization", "Acme"],
        env=environment(tmp_path / "data", dsn),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1
