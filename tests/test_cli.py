"""Commands as people type them."""

import csv
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
import pytest

from sendtrail.domain.imb import encode
from sendtrail.services import accounts, api_keys
from sendtrail.services.context import Context
from tests.conftest import memory
from tests.programs import PROGRAM, descendants, environment, free_port, line_with, sendtrail, started

TRACKING, ROUTING = "01234567094987654321", "01234567891"
BARS = "AADTFFDFTDADTAADAATFDTDDAAADDTDTTDAFADADDDTFFFDDTTTADFAAADFTDAADA"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(dsn: str, tmp_path: Path) -> Run:
    """Runs commands on the test's own database, in which there is Acme."""

    def command(*arguments: str | Path, given: str | bytes = b"") -> subprocess.CompletedProcess[str]:
        return sendtrail(*arguments, given=given, environment=environment(tmp_path / "data", dsn))

    with psycopg.connect(dsn) as connection:
        connection.execute("insert into organization (name) values ('Acme')")
    return command


def numbers(answer: subprocess.CompletedProcess[str]) -> list[int]:
    """The line `in all` of an ingest: new, duplicate, unmatched, rejected."""
    (line,) = [line for line in answer.stdout.splitlines() if line.startswith("in all")]
    return [int(word.replace(",", "")) for word in line.split()[2:]]


def listed(answer: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """The rows of a table, without its header."""
    return [line.split() for line in answer.stdout.splitlines()[1:]]


def only_line(text: str) -> str:
    (line,) = text.splitlines()
    return line


class TestStart:
    def test_help_imports_nothing_slow(self) -> None:
        heavy = "{'litestar', 'psycopg', 'numpy', 'rich', 'granian', 'asyncio'}"
        code = (
            f"import sys, sendtrail.cli; sys.argv = ['sendtrail', 'imb', '--help']\n"
            f"try: sendtrail.cli.main()\nfinally: print('slow:', {heavy} & set(sys.modules))"
        )
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "slow: set()" in said.stdout, said

    def test_every_command_is_listed(self) -> None:
        listed = sendtrail("--help").stdout
        for command in (
            "demo",
            "serve",
            "worker",
            "ingest",
            "import",
            "export",
            "simulate",
            "imb",
            "user",
            "key",
            "feed",
            "migrate",
            "doctor",
        ):
            assert f"\n  {command} " in listed

    def test_an_unknown_setting_value_is_one_line(self, tmp_path: Path) -> None:
        refused = sendtrail("migrate", environment=environment(tmp_path) | {"SENDTRAIL_PORT": "eighty"})
        assert refused.returncode == 1
        assert only_line(refused.stderr) == "error: SENDTRAIL_PORT should be a whole number from 1 to 65535"

    def test_where_files_of_several_organizations_go_is_told(self) -> None:
        for command in ("serve", "worker"):
            words = " ".join(sendtrail(command, "--help").stdout.split())
            assert "in a subfolder with the organization's name" in words, command

    @pytest.mark.parametrize("command", ["serve", "demo"])
    @pytest.mark.parametrize("port", ["99999", "0", "-1", "eighty", "٨٠"])
    def test_a_port_that_cannot_be_is_one_line(self, command: str, port: str, tmp_path: Path) -> None:
        refused = sendtrail(command, "--port", port, environment=environment(tmp_path))
        assert (refused.returncode, refused.stdout) == (1, "")
        assert only_line(refused.stderr) == f"error: --port should be a whole number from 1 to 65535, not '{port}'"

    def test_a_database_out_of_reach_is_one_line(self, tmp_path: Path) -> None:
        dsn = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
        refused = sendtrail("migrate", environment=environment(tmp_path, dsn))
        assert refused.returncode == 1
        assert only_line(refused.stderr).startswith("error: the database")


class TestImb:
    def test_one_barcode_goes_both_ways(self) -> None:
        assert sendtrail("imb", "encode", TRACKING, ROUTING).stdout == f"{BARS}\n"
        assert sendtrail("imb", "decode", BARS).stdout == f"{TRACKING},{ROUTING}\n"

    def test_without_routing_the_comma_stays(self) -> None:
        bars = sendtrail("imb", "encode", TRACKING).stdout.strip()
        assert sendtrail("imb", "decode", bars).stdout == f"{TRACKING},\n"

    def test_a_refused_barcode_is_one_line_and_exit_code_1(self) -> None:
        refused = sendtrail("imb", "encode", "123")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert only_line(refused.stderr) == "error: tracking has 3 characters; it needs exactly 20 digits"

    @pytest.mark.parametrize("repeat", [1, 700])
    def test_lines_are_answered_one_for_one(self, repeat: int) -> None:
        """Few lines and many go different ways inside and say the same."""
        lines = [f"{TRACKING},{ROUTING}", "", "x,y", f"{TRACKING}\r", "0\0", f"{TRACKING},1234", "\xff"]
        given = b"".join(line.encode("latin-1") + b"\n" for line in lines * repeat)
        answers = sendtrail("imb", "encode", "-", given=given)
        assert answers.returncode == 0
        told = answers.stdout.split("\n")
        assert len(told) == len(lines) * repeat + 1
        assert told[0] == BARS
        assert told[3] == encode(TRACKING)
        assert all(told[place].startswith("error: ") for place in (1, 2, 4, 5, 6))
        assert told[: len(lines)] * repeat == told[:-1]
        back = sendtrail("imb", "decode", "-", given=f"{BARS}\n{BARS[::-1]}\n{BARS.lower()}" * repeat)
        assert back.stdout.splitlines()[0] == f"{TRACKING},{ROUTING}"
        assert back.stdout.splitlines()[1].startswith("error: ")

    @pytest.mark.parametrize("repeat", [1, 300])
    def test_blanks_part_tracking_from_routing_as_well(self, repeat: int) -> None:
        lines = [f"{TRACKING} {ROUTING}", f" {TRACKING}\t {ROUTING} ", f"{TRACKING} , {ROUTING}", f"{TRACKING} 1 2"]
        answers = sendtrail("imb", "encode", "-", given="".join(f"{line}\n" for line in lines * repeat))
        refused = "error: routing has 3 characters; it needs none, 5, 9 or 11 digits"
        assert answers.stdout.splitlines() == [BARS, BARS, BARS, refused] * repeat

    def test_a_program_that_waits_for_each_answer_gets_it(self) -> None:
        with subprocess.Popen([PROGRAM, "imb", "encode", "-"], stdin=-1, stdout=-1, bufsize=0) as process:
            assert process.stdin
            assert process.stdout
            for _ in range(3):
                process.stdin.write(f"{TRACKING},{ROUTING}\n".encode())
                assert select.select([process.stdout], [], [], 30)[0]
                assert os.read(process.stdout.fileno(), 1000) == f"{BARS}\n".encode()


class TestAccounts:
    async def test_a_key_is_printed_last_and_opens_its_organization_and_mode(self, run: Run, context: Context) -> None:
        told = run("key", "add", "--organization", "Acme", "--mode", "test").stdout
        key = told.splitlines()[-1]
        assert key.startswith("st_test_")
        scope = await api_keys.scope_of_key(context, key)
        assert scope
        assert not scope.live

    async def test_a_feed_can_push_with_what_is_printed(self, run: Run, context: Context) -> None:
        told = run("feed", "add", "--organization", "Acme").stdout
        words = dict(line.split(": ") for line in told.splitlines())
        assert await accounts.scope_of_feed(context, words["user name"], words["password"])

    async def test_a_feed_for_a_vendor_takes_its_webhooks_only(self, run: Run, context: Context) -> None:
        here = ("feed", "add", "--organization", "Acme", "--vendor", "lob", "--secret", "hush hush")
        words = dict(line.split(": ") for line in run(*here).stdout.splitlines())
        assert not await accounts.scope_of_feed(context, words["user name"], words["password"])
        assert (
            "vendor 'fedex' must be one of" in run("feed", "add", "--organization", "Acme", "--vendor", "fedex").stderr
        )

    async def test_a_revoked_key_opens_nothing_and_stays_listed(self, run: Run, context: Context) -> None:
        here = ("--organization", "Acme", "--mode", "test")
        old, new = (run("key", "add", *here, "--name", name).stdout.splitlines()[-1] for name in ("old", "new"))
        assert [(row[1], *row[3:]) for row in listed(run("key", "list", *here))] == [
            (new[:12], "never", "no", "new"),
            (old[:12], "never", "no", "old"),
        ]
        key_id = listed(run("key", "list", *here))[1][0]
        assert run("key", "revoke", key_id, *here).stdout == f"{key_id} is revoked\n"
        assert not await api_keys.scope_of_key(context, old)
        assert await api_keys.scope_of_key(context, new)
        assert [row[4] == "no" for row in listed(run("key", "list", *here))] == [True, False]

    async def test_revoked_credentials_push_nothing(self, run: Run, context: Context) -> None:
        told = run("feed", "add", "--organization", "Acme").stdout
        words = dict(line.split(": ") for line in told.splitlines())
        ((feed_id, *row),) = listed(run("feed", "list", "--organization", "Acme"))
        assert (row[0], *row[2:]) == (words["user name"], "no", "scans")
        assert run("feed", "revoke", feed_id, "--organization", "Acme").stdout == f"{feed_id} is revoked\n"
        assert not await accounts.scope_of_feed(context, words["user name"], words["password"])

    async def test_a_user_can_sign_in(self, run: Run, context: Context) -> None:
        added = run("user", "add", "ann@example.com", "--organization", "Acme", "--password", "long enough")
        assert (added.stdout, added.stderr) == ("ann@example.com is admin of Acme\n", "")
        member = await accounts.sign_in(context, "ann@example.com", "long enough")
        assert [each.organization for each in member.memberships] == ["Acme"]

    def test_a_link_for_a_new_password_names_no_address_that_nobody_set(
        self, run: Run, dsn: str, tmp_path: Path
    ) -> None:
        run("user", "add", "ann@example.com", "--organization", "Acme", "--password", "long enough")
        link = run("user", "reset", "ann@example.com")
        assert re.fullmatch(r"/reset/[\w-]{43}\n", link.stdout)
        assert "SENDTRAIL_ADDRESS" in only_line(link.stderr)
        settings = environment(tmp_path / "data", dsn) | {"SENDTRAIL_ADDRESS": "https://mail.example"}
        link = sendtrail("user", "reset", "ann@example.com", environment=settings)
        assert link.stdout.startswith("https://mail.example/reset/")
        assert link.stderr == ""

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            (["key", "add", "--organization", "Nope"], "error: there is no organization 'Nope'"),
            (["key", "revoke", "key_0", "--organization", "Acme"], "error: no key 'key_0'"),
            (["feed", "revoke", "x", "--organization", "Acme"], "error: no feed 'x'"),
            (["ingest", "x", "--organization", "Nope"], "error: there is no organization 'Nope'; there is Acme"),
            (
                ["user", "add", "bob@example.com", "--organization", "Acme", "--password", "short"],
                "error: password must be 8 to 1024 characters",
            ),
        ],
    )
    def test_a_mistake_is_one_line(self, run: Run, arguments: list[str], reason: str) -> None:
        refused = run(*arguments)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert only_line(refused.stderr) == reason


PRINTED = "imb,code,occurred_at\n{imb},printed,2026-03-02T10:00:00-05:00\n{imb},sold,2026-03-02T10:00:00-05:00\n"
IMB = "00310901000077000001"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.csv"
    path.write_text(PRINTED.format(imb=IMB), encoding="utf-8")
    return path


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    path = tmp_path / "letters.csv"
    path.write_text(f"kind,name,send_date,imb\nletter,Ana López,2026-03-01,{IMB}\n", encoding="utf-8")
    return path


class TestIngest:
    def test_taking_a_file_again_brings_nothing_new(self, run: Run, report: Path, letters: Path) -> None:
        assert run("import", "sends", letters).returncode == 0
        first, second = run("ingest", report), run("ingest", report)
        assert (first.returncode, second.returncode) == (0, 0)
        assert numbers(first) == [1, 0, 0, 1]
        assert numbers(second) == [0, 1, 0, 1]
        assert first.stdout.splitlines()[-1] == (
            "Rejected lines are kept with their reasons: see /feeds, or GET /api/v1/feeds/files."
        )

    def test_what_came_before_its_send_is_matched_when_it_appears(self, run: Run, report: Path, letters: Path) -> None:
        assert numbers(run("ingest", report)) == [0, 0, 1, 1]
        run("import", "sends", letters)
        assert numbers(run("ingest", report)) == [0, 1, 0, 1]

    def test_a_vendor_s_export_brings_its_history(self, run: Run, tmp_path: Path, report: Path) -> None:
        path = tmp_path / "lob.csv"
        path.write_text(
            "id,status,date,name\nx1,Delivered,2025-03-06,Ann\nx2,Melted,2025-03-06,Bob\n", encoding="utf-8"
        )
        assert numbers(run("import", "vendor", "lob", path, "--kind", "postcard")) == [1, 0, 0, 1]
        assert numbers(run("import", "vendor", "lob", path)) == [0, 1, 0, 1]
        refused = run("import", "vendor", "lob", report)
        assert refused.returncode == 1
        assert "no column holds lob's id" in only_line(refused.stderr)
        assert "vendor 'fedex' must be one of" in run("import", "vendor", "fedex", path).stderr

    def test_a_file_that_is_not_there_is_told_and_the_others_are_taken(self, run: Run, report: Path) -> None:
        answer = run("ingest", report.with_name("nope"), report)
        assert answer.returncode == 1
        assert only_line(answer.stderr) == f"error: {report.with_name('nope')}: No such file or directory"
        assert numbers(answer) == [0, 0, 1, 1]

    def test_a_file_of_which_nothing_can_be_read_is_told(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "poem.txt"
        path.write_text("roses are red\n", encoding="utf-8")
        answer = run("ingest", path)
        assert answer.returncode == 1
        assert only_line(answer.stderr).startswith(
            f"error: {path}: the file has the columns 'roses_are_red'; known are"
        )

    def test_of_several_organizations_one_must_be_named(self, run: Run, report: Path) -> None:
        run("user", "add", "bob@example.com", "--organization", "Bolt", "--password", "long enough")
        refused = run("ingest", report)
        assert only_line(refused.stderr) == "error: say which organization: Acme, Bolt"
        assert numbers(run("ingest", report, "--organization", "Bolt")) == [0, 0, 1, 1]

    def test_an_operation_table_is_taken_whole_or_not_at_all(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "operations.csv"
        path.write_text("operation,code\n919,delivered\n", encoding="utf-8")
        assert run("import", "operations", path).stdout == "1 operation codes; 0 sends changed their status.\n"
        path.write_text("operation,code\n919,delivered\n920,eaten\n", encoding="utf-8")
        refused = run("import", "operations", path)
        assert refused.returncode == 1
        assert "line 3: code 'eaten' must be one of" in refused.stderr


class TestImportSends:
    def test_rejected_rows_can_be_corrected_and_imported(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "sends.csv"
        path.write_text(
            "Kind,First Name,lastName,ZIP,to.address_line1,metadata.order\n"
            'letter,Ana,López,02118,"1 Elm St\nflat 2",A-1\n'
            "flower,Ben,Bow,02118,2 Elm St,A-2\n"
            "letter,Cy,Dow,02118,3 Elm St\n",
            encoding="utf-8",
        )
        answer = run("import", "sends", path)
        assert answer.returncode == 0
        assert answer.stdout.startswith("1 send created, 2 rows rejected\n")
        rejects = path.with_name("sends.csv.rejects.csv")
        with rejects.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert [row[:2] for row in rows[1:]] == [
            ["4", "kind must be one of letter, postcard, cheque, self_mailer, gift, egift"],
            ["5", "the row has 5 columns, the header 6"],
        ]
        text = rejects.read_text(encoding="utf-8").replace("flower", "gift").replace("3 Elm St", "3 Elm St,A-3")
        rejects.write_text(text, encoding="utf-8")
        assert run("import", "sends", rejects).stdout.splitlines() == [
            "2 sends created, 0 rows rejected",
            "1 send got no barcode, since there is no Mailer ID: register it first.",
        ]

    def test_the_same_file_makes_nothing_twice(self, run: Run, letters: Path) -> None:
        run("import", "sends", letters)
        again = run("import", "sends", letters)
        assert again.stdout == "0 sends created, 1 had been imported before, 0 rows rejected\n"

    def test_test_sends_are_apart(self, run: Run, letters: Path, report: Path) -> None:
        run("import", "sends", letters, "--mode", "test")
        assert numbers(run("ingest", report)) == [0, 0, 1, 1]
        assert numbers(run("ingest", report, "--mode", "test")) == [1, 0, 0, 1]

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_utf_16_is_refused_in_one_line(self, run: Run, tmp_path: Path, encoding: str) -> None:
        path = tmp_path / "sends.csv"
        path.write_text("kind,name\nletter,Ana López\n", encoding=encoding)
        refused = run("import", "sends", path)
        assert refused.returncode == 1
        assert only_line(refused.stderr) == f"error: {path}: the file is UTF-16 text: save it as UTF-8"

    def test_a_misspelt_column_refuses_the_file(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "sends.csv"
        path.write_text("kind,nmae\nletter,Ana\n", encoding="utf-8")
        refused = run("import", "sends", path)
        assert refused.returncode == 1
        assert only_line(refused.stderr).startswith(f"error: {path}: column 'nmae' is no field of a send")


class TestDoctor:
    def test_sound_data_is_proved_and_damage_is_found(self, run: Run, dsn: str, letters: Path) -> None:
        run("import", "sends", letters)
        sound = run("doctor")
        assert sound.returncode == 0, sound.stdout
        assert "Proofs, over 1 sends" in sound.stdout
        assert "SENDTRAIL_FEED_DIR = (empty)" in sound.stdout
        with psycopg.connect(dsn) as connection:
            connection.execute("update counts set n = n + 1")
            connection.execute("update state set best = best + 64")
        damaged = run("doctor")
        assert damaged.returncode == 1
        assert "WRONG  counts equal a recount of all sends" in damaged.stdout
        assert "WRONG  every status is that of its trail: 1 are not" in damaged.stdout


def gone(pids: set[int]) -> bool:
    """Whether all these processes end, within some seconds each."""
    for pid in pids:
        try:
            watched = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        ended, _, _ = select.select([watched], [], [], 20)
        os.close(watched)
        if not ended:
            return False
    return True


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="linux: processes are looked at in /proc")


class TestServe:
    @on_linux
    @pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
    def test_whatever_ends_it_nothing_stays_behind(self, run: Run, dsn: str, tmp_path: Path, end: int) -> None:
        port = free_port()
        with started("serve", "--port", str(port), environment=environment(tmp_path / "data", dsn)) as process:
            assert f"http://127.0.0.1:{port} " in line_with(process, "Sendtrail is at")
            family = descendants(process.pid)
            assert len(family) >= 3, "the web server, its worker, and the duties"
            assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
            process.send_signal(end)
            assert process.wait(30) == (-end if end == signal.SIGKILL else 0)
            assert gone(family)

    def test_a_port_in_use_is_one_line(self, run: Run, dsn: str, tmp_path: Path) -> None:
        port = free_port()
        with started("serve", "--port", str(port), environment=environment(tmp_path / "data", dsn)) as process:
            line_with(process, "Sendtrail is at")
            refused = sendtrail("serve", "--port", str(port), environment=environment(tmp_path / "data", dsn))
        assert refused.returncode == 1
        assert only_line(refused.stderr).startswith(
            f"error: cannot listen on 127.0.0.1 port {port}: Address already in use"
        )

    def test_commands_join_the_embedded_database_that_it_runs(self) -> None:
        place = Path(tempfile.mkdtemp(prefix="sendtrail-test-", dir=memory()))
        place.chmod(0o711)
        try:
            own, port = environment(place / "data"), free_port()
            with started("serve", "--port", str(port), environment=own) as process:
                line_with(process, "Sendtrail is at")
                for command in (
                    ("user", "add", "ann@example.com", "--organization", "Acme", "--password", "long enough"),
                    ("key", "add", "--organization", "Acme"),
                ):
                    told = sendtrail(*command, environment=own)
                    assert told.returncode == 0, told.stderr
                headers = {"Authorization": f"Bearer {told.stdout.splitlines()[-1]}"}
                answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/reports/summary", headers=headers)
                assert answer.json()["total"] == 0
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0
        finally:
            shutil.rmtree(place)
