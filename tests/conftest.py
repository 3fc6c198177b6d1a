"""What every test can ask for: a database of its own on a server shared by the whole run, and things that a machine may
lack.

SENDTRAIL_REQUIRE=browser,zint,… names what must be there: its absence then fails a test instead of skipping it.
"""

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from litestar import Litestar
from psycopg.conninfo import make_conninfo
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from sendtrail.app import create
from sendtrail.config import Config
from sendtrail.services.context import Context, open_context
from sendtrail.store.cluster import Cluster
from sendtrail.store.database import Database
from sendtrail.store.migrate import migrate

settings.register_profile("here", deadline=None)  # a slow machine is no broken law
settings.load_profile("here")

_SERVER = "SENDTRAIL_TEST_SERVER"
"""Tells the processes of a parallel run where the shared server lies."""
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""A test's database need not outlive a power cut."""
_SMALL = {"shared_buffers": "256MB", "max_wal_size": "256MB"}


def require(name: str, available: bool, why: str) -> None:
    """Skip the test, or the module that calls this, unless `available`; fail where SENDTRAIL_REQUIRE lists `name`."""
    if available:
        return
    if name in os.environ.get("SENDTRAIL_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required: {why}", pytrace=False)
    pytest.skip(f"{name}: {why}", allow_module_level=True)


def pytest_configure(config: pytest.Config) -> None:
    if _SERVER not in os.environ:
        folder = tempfile.mkdtemp(prefix="sendtrail-tests-", dir=memory())
        os.chmod(folder, 0o711)  # noqa: S103 — as root, another account runs the server
        os.environ[_SERVER] = folder
        config.add_cleanup(lambda: shutil.rmtree(os.environ.pop(_SERVER), ignore_errors=True))


class Sharing(LoadScopeScheduling):
    """What needs a browser goes to one process, which prepares the demo once; all else to whoever is free.

    Marks of groups would say the same, but pytest-xdist 3.8 hands them on by a field that pytest 9.2 has no more.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/e2e/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Half as many processes again as there are cores: they wait for the database, for servers and for the browser."""
    return -(-len(os.sched_getaffinity(0)) * 3 // 2) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing:
    return Sharing(config, log)


def memory() -> str | None:
    """A folder in memory with room for a server: there a new database takes 10 ms, on a disk 200."""
    memory = Path("/dev/shm")  # noqa: S108 — a new private folder is made there
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3
    return str(memory) if roomy else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    if reasons:
        told = "; ".join(f"{number} × {reason}" for reason, number in reasons.most_common())
        terminalreporter.write_line(f"{len(skipped)} skipped: {told}")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The DSN of a running server, shared by the processes of a parallel run; the last one stops it."""
    cluster = Cluster(Path(os.environ[_SERVER]), settings=_FAST | _SMALL)
    yield cluster.start()
    cluster.stop()


@pytest.fixture(scope="session")
def application() -> Litestar:
    """The application, which takes most of a second to make; `app` sets it to work on a test's own database."""
    return create(Config.load({}))


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """The name of a migrated database without a row, to copy."""
    name = f"template_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    _administer(server, f"create database {name}")
    with ThreadPoolExecutor(1) as aside:  # apart from the event loop that pytest prepares
        aside.submit(asyncio.run, migrate(make_conninfo(server, dbname=name))).result()
    return name


_numbers = count(1)


@pytest.fixture
def dsn(server: str, template: str) -> Iterator[str]:
    """The DSN of a fresh, migrated database of the test's own."""
    name = f"{template}_{next(_numbers)}"
    _administer(server, f"create database {name} template {template} strategy file_copy")
    yield make_conninfo(server, dbname=name)
    _administer(server, f"drop database {name} with (force)")


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """An open pool on the test's own database."""
    async with Database.open(dsn) as opened:
        yield opened


@pytest.fixture
async def context(dsn: str, tmp_path: Path) -> AsyncIterator[Context]:
    """What services need, on the test's own database, with an archive of its own."""
    async with open_context(dsn, Config.load({}, data=tmp_path / "data")) as opened:
        yield opened


def _administer(server: str, command: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(command.encode())
