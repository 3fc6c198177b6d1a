"""The running server as its `postmaster.pid` describes it, and whether it is really there."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_children: dict[int, subprocess.Popen[bytes]] = {}
"""Servers that this program started. A thread waits for the end of each, so that none stays as a corpse."""


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a server writes into its folder. `status` is `starting`, `ready` or `stopping`; empty in between."""

    pid: int
    socket: Path
    status: str

    @classmethod
    def read(cls, folder: Path) -> "Postmaster | None":
        """The server of a database folder, alive or dead; None where it stopped cleanly.

        Lines: process, folder, start, port, socket folder, address, shared memory, status.
        """
        try:
            lines = (folder / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return None
        lines += [""] * (8 - len(lines))
        pid = lines[0].strip()
        return cls(int(pid) if pid.isdecimal() else 0, Path(lines[4]), lines[7].strip())

    def alive(self, folder: Path) -> bool:
        """Whether the process runs and is this folder's server, not a corpse and not a newcomer with its number."""
        if (child := _children.get(self.pid)) and child.poll() is not None:
            _children.pop(self.pid, None)  # its number may come around again
        if self.pid in (0, os.getpid()):  # our own number: see `disown_stale`
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return False  # another account's process: a server of ours is ours to signal
        if sys.platform == "linux":
            return _is_server_on_linux(self.pid, folder)
        command = ["/bin/ps", "-ww", "-o", "args=", "-p", str(self.pid)]
        return b"postgres" in subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout  # noqa: S603

    def stop(self, folder: Path) -> None:
        """Fast shutdown: sessions end, everything is written. Returns when the server is gone."""
        os.kill(self.pid, signal.SIGINT)
        while (now := Postmaster.read(folder)) and now.pid == self.pid and self.alive(folder):
            time.sleep(0.01)
        if child := _children.pop(self.pid, None):
            child.wait()


def adopt(child: subprocess.Popen[bytes]) -> None:
    """Look after a server that this program started; it may well outlive us."""
    _children[child.pid] = child
    threading.Thread(target=child.wait, name=f"server {child.pid}", daemon=True).start()


def disown_stale(folder: Path) -> None:
    """Make a dead server's `postmaster.pid` harmless although another process may now have its number.

    PostgreSQL refuses to start while the process in the file exists, unless it is its own parent. So the file gets our
    number. It is not removed: its shared-memory line keeps a new server away from the dead one's last sessions.
    """
    path = folder / "postmaster.pid"
    try:
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    with os.fdopen(file, "r+b") as opened:
        _, newline, rest = opened.read().partition(b"\n")
        opened.seek(0)
        opened.truncate()
        opened.write(str(os.getpid()).encode() + newline + rest)


def _is_server_on_linux(pid: int, folder: Path) -> bool:
    """A server works in its own folder; a zombie works nowhere."""
    process = Path("/proc", str(pid))
    try:
        return (process / "cwd").samefile(folder)
    except (FileNotFoundError, ProcessLookupError):
        return False
    except PermissionError:  # a hardened kernel shows less: take the name
        return b"postgres" in (process / "cmdline").read_bytes()
