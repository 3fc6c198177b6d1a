"""Who uses an embedded database: two file locks that the system drops by itself when a program dies.

`postgres.gate` is held for the moment of starting or stopping, so that these never overlap. `postgres.users` is held
shared for as long as a program uses the database: whoever gets it alone is the last one. Both name their holder.
"""

import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sendtrail.store.cluster_account import ClusterError

_PATIENCE = 600.0
"""Seconds to wait at the gate: whoever stands in it may be recovering a large database after a crash."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The program that last took a lock; `socket` is the folder in which its database listens."""

    command: str = ""
    pid: int = 0
    host: str = ""
    socket: str = ""

    @classmethod
    def ourselves(cls, socket_folder: str = "") -> "Holder":
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
        return cls(command, os.getpid(), socket.gethostname(), socket_folder)

    def __str__(self) -> str:
        return f"{self.command} (process {self.pid} on {self.host})"


class LockFile:
    """An open lock file whose text names its holder."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except PermissionError:
            raise ClusterError(
                f"{path.parent} belongs to another user: work as that user, or name another folder with --data"
            ) from None
        if os.geteuid() == 0:  # the folder's owner may come later
            owner = path.parent.stat()
            os.fchown(self._file, owner.st_uid, owner.st_gid)

    def take(self, kind: int) -> bool:
        """Without waiting: `fcntl.LOCK_EX` or `fcntl.LOCK_SH`."""
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def drop(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._file)

    @property
    def holder(self) -> Holder:
        with suppress(ValueError, TypeError):
            return Holder(**json.loads(os.pread(self._file, 65536, 0)))
        return Holder()

    @holder.setter
    def holder(self, holder: Holder) -> None:
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps(asdict(holder)).encode(), 0)


@contextmanager
def gate(data: Path) -> Iterator[None]:
    """Inside, nobody else starts or stops the database of `data`."""
    lock = LockFile(data / "postgres.gate")
    try:
        deadline = time.monotonic() + _PATIENCE
        while not lock.take(fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise ClusterError(f"the database in {data} is being started or stopped by {lock.holder}: try later")
            time.sleep(0.01)
        lock.holder = Holder.ourselves()
        yield
    finally:
        lock.close()
