"""An embedded PostgreSQL: started when the first program needs it, shared by all, stopped by the last.

Everything about one database hangs on one data folder. A program killed in any way leaves nothing that the next start
does not put right: locks vanish with their holders, a server without users is joined, a dead one is started again.
"""

import asyncio
import fcntl
import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from sendtrail.config import Config
from sendtrail.store import cluster_binaries, cluster_home, cluster_settings
from sendtrail.store.cluster_account import ClusterError
from sendtrail.store.cluster_home import Home
from sendtrail.store.cluster_locks import Holder, LockFile, gate
from sendtrail.store.cluster_postmaster import Postmaster, adopt, disown_stale

__all__ = ["Cluster", "ClusterError", "provided", "running"]

NAME = "sendtrail"
"""The database and its user."""
_LONGEST_SOCKET_FOLDER = 80
"""Bytes: with the socket's own name the path stays under 100, which every system takes."""
_WATCH = 0.5
"""Seconds between two looks at whether the server still runs."""
_log = logging.getLogger(__name__)


@asynccontextmanager
async def provided(config: Config) -> AsyncIterator[str]:
    """The DSN of the database to work with: DATABASE_URL where it is set, else the embedded one of the data folder."""
    if config.database_url:
        yield config.database_url
        return
    async with running(config.data) as dsn:
        yield dsn


@asynccontextmanager
async def running(
    data: Path, *, binaries: Path | None = None, settings: Mapping[str, str] | None = None
) -> AsyncIterator[str]:
    """Keep the embedded database of `data` running and yield its DSN, a libpq string for its Unix socket.

    A server that dies inside the block is started again under the same DSN. `binaries` names PostgreSQL's folder of
    programs instead of the first found; `settings` change the server's configuration where this program starts it.
    Raises ClusterError.
    """
    cluster = Cluster(data, binaries=binaries, settings=settings)
    starting = asyncio.ensure_future(asyncio.to_thread(cluster.start))
    try:
        dsn = await asyncio.shield(starting)
    except asyncio.CancelledError:
        await starting
        await asyncio.to_thread(cluster.stop)
        raise
    watching = asyncio.create_task(_watch(cluster))
    try:
        yield dsn
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await asyncio.to_thread(cluster.stop)


async def _watch(cluster: "Cluster") -> None:
    while True:
        await asyncio.sleep(_WATCH)
        try:
            await asyncio.to_thread(cluster.revive)
        except ClusterError as error:
            _log.error("the database stopped and does not start: %s", error)


class Cluster:
    """One program's use of the embedded database of a data folder. All calls block."""

    def __init__(self, data: Path, *, binaries: Path | None = None, settings: Mapping[str, str] | None = None) -> None:
        self._data = data
        self._binaries = binaries
        self._settings = settings or {}
        self._users: LockFile | None = None

    def start(self) -> str:
        """Join the running server or start it; the DSN. Raises ClusterError."""
        self._data = cluster_home.prepare(self._data)
        with gate(self._data):
            users = LockFile(self._data / "postgres.users")
            try:
                alone = users.take(fcntl.LOCK_EX)
                users.take(fcntl.LOCK_SH)
                dsn = self._serve(users, alone=alone)
            except BaseException:
                users.close()
                raise
            self._users = users
        return dsn

    def revive(self) -> None:
        """Start the server again if it is gone. Raises ClusterError."""
        if (users := self._users) is None or self._alive():
            return
        with gate(self._data):
            if self._users is not None and not self._alive():
                _log.warning("the database in %s is gone: starting it again", self._data)
                self._serve(users, alone=False)

    def stop(self) -> None:
        """Leave; the last user shuts the server down and waits for it."""
        if (users := self._users) is None:
            return
        with gate(self._data):
            self._users = None
            try:
                if users.take(fcntl.LOCK_EX):
                    database = cluster_home.find(self._data).database
                    if (server := Postmaster.read(database)) and server.alive(database):
                        server.stop(database)
                    with suppress(OSError):
                        before = Path(users.holder.socket or "/nowhere")
                        _empty(before)
                        before.rmdir()
                    users.holder = Holder()
            finally:
                users.close()

    def _alive(self) -> bool:
        database = cluster_home.find(self._data).database
        server = Postmaster.read(database)
        return server is not None and server.alive(database)

    def _serve(self, users: LockFile, *, alone: bool) -> str:
        """Inside the gate: the DSN of a server that answers."""
        try:
            home = cluster_home.find(self._data)
            server = self._settled(home)
            if server is None:
                starter = users.holder
                if not alone and starter.host not in ("", Holder.ourselves().host):
                    raise ClusterError(f"the database in {self._data} is used by {starter}, out of reach from here")
                server = self._launch(home, users)
            try:
                return self._connected(server)
            except ClusterError:  # perhaps it was about to stop: then its end is waited for here
                return self._connected(self._settled(home) or self._launch(home, users))
        except PermissionError as error:
            raise ClusterError(
                f"{error.filename} belongs to another user: work as that user, or name another folder with --data"
            ) from None

    def _settled(self, home: Home) -> Postmaster | None:
        """The server that is ready, None where there is none; one that is recovering or stopping is waited for."""
        began = time.monotonic()
        told = False
        while (server := Postmaster.read(home.database)) and server.alive(home.database):
            if server.status == "ready":
                return server
            if not told and time.monotonic() - began > 5:
                _log.warning("waiting for the database in %s, which is %s", home.folder, server.status or "starting")
                told = True
            time.sleep(0.01)
        return None

    def _launch(self, home: Home, users: LockFile) -> Postmaster:
        account = home.account
        if not (home.database / "PG_VERSION").exists():
            self._initialise(home)
        major = int((home.database / "PG_VERSION").read_text(encoding="ascii"))
        found = self._find_binaries(home, major)
        socket = self._socket_folder(home, Path(users.holder.socket or "/nowhere"))
        users.holder = Holder.ourselves(str(socket))
        home.write("postgres.access", cluster_settings.ACCESS)
        home.write("postgres.accounts", cluster_settings.accounts(account.name))
        home.write("postgres.conf", cluster_settings.configuration(home.folder, socket, self._settings))
        command = [str(found.postgres), "-D", str(home.database), "-c", f"config_file={home.folder / 'postgres.conf'}"]
        for _ in range(100):
            disown_stale(home.database)
            with _new_log(home.folder / "postgres.log") as log:
                server = subprocess.Popen(  # noqa: S603 — found by us
                    command, **account.process(), stdout=log, stderr=log, start_new_session=True
                )
            adopt(server)
            while server.poll() is None:
                if (now := self._settled(home)) and now.pid == server.pid:
                    return now
                time.sleep(0.01)
            said = (home.folder / "postgres.log").read_text(encoding="utf-8", errors="replace")
            if "pre-existing shared memory block" not in said:
                break
            time.sleep(0.1)  # the sessions of a killed server are on their way out
        reason = said.rpartition("FATAL:")[2].strip().partition("\n")[0] or "it said nothing"
        raise ClusterError(f"PostgreSQL does not start: {reason} ({home.folder / 'postgres.log'} may say more)")

    def _find_binaries(self, home: Home, major: int | None = None) -> cluster_binaries.Binaries:
        if self._binaries is None:
            return cluster_binaries.find(home.account, cluster_home.COMMON, major)
        found = cluster_binaries.probe(home.account, self._binaries)
        if found is None or major not in (None, found.major):
            raise ClusterError(f"PostgreSQL{f' {major}' if major else ''} is needed in {self._binaries}")
        return found

    def _initialise(self, home: Home) -> None:
        """Make the files beside their place, then move them there: a start cut short leaves no half database."""
        scratch = home.folder / "postgres.new"
        if scratch.exists():
            shutil.rmtree(scratch)
        home.make(scratch.name)
        initdb = self._find_binaries(home).initdb
        arguments = ["--username", NAME, "--auth", "peer", "--encoding", "UTF8", "--locale", "C", "--data-checksums"]
        # Order by bytes, but know every alphabet's capitals; not each system has the locale for that.
        for letters in ("C.UTF-8", "C"):
            made = home.account.run([initdb, "-D", scratch, *arguments, "--lc-ctype", letters])
            if made.returncode == 0:
                scratch.rename(home.database)
                return
        reason = made.stdout.strip().splitlines() or ["no word"]
        raise ClusterError(f"PostgreSQL cannot make a database in {home.folder}: {reason[-1]}")

    def _socket_folder(self, home: Home, before: Path) -> Path:
        """A short folder of the account's own, the same as before where it still is: pools keep its path."""
        with suppress(FileNotFoundError):
            found = before.lstat()
            if found.st_uid == home.account.uid and found.st_mode & 0o170777 == 0o040700:
                _empty(before)
                return before
        places = [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108 — a new private folder is made there
        if os.geteuid() == 0:
            places.insert(0, Path("/run"))
        for place in places:
            if len(os.fsencode(place)) + 20 > _LONGEST_SOCKET_FOLDER or not str(place).replace("/", "").isalnum():
                continue
            with suppress(OSError):
                folder = Path(tempfile.mkdtemp(prefix="sendtrail-", dir=place))
                if not home.account.ours:
                    os.chown(folder, home.account.uid, home.account.gid)
                if home.account.reaches(folder):
                    return folder
                folder.rmdir()
        raise ClusterError(f"no short folder for a socket in {', '.join(map(str, places))}: set TMPDIR")

    def _connected(self, server: Postmaster) -> str:
        """The DSN, once it has been seen to work; the database itself is made on the first occasion."""
        if not str(server.socket).startswith("/"):
            raise ClusterError(f"the PostgreSQL of {self._data} (process {server.pid}) has no socket: stop it first")
        dsn = make_conninfo(host=str(server.socket), user=NAME, dbname=NAME)
        try:
            with psycopg.connect(dsn, dbname="postgres", autocommit=True) as connection:
                if not connection.execute("select from pg_database where datname = %s", [NAME]).rowcount:
                    connection.execute(f"create database {NAME}")
        except psycopg.OperationalError as error:
            reason = str(error).strip().partition("\n")[0]
            raise ClusterError(
                f"the PostgreSQL of {self._data} (process {server.pid}) does not let us in: {reason}"
            ) from None
        return dsn


def _empty(socket_folder: Path) -> None:
    """Remove what a killed server left: its lock names a process number that may by now be somebody else's."""
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (socket_folder / name).unlink(missing_ok=True)


@contextmanager
def _new_log(path: Path) -> Iterator[int]:
    """An empty log; the one before is kept beside it."""
    with suppress(FileNotFoundError):
        os.replace(path, path.with_suffix(".log.1"))
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    try:
        yield file
    finally:
        os.close(file)
