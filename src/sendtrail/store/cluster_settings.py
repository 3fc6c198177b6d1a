"""The embedded server's configuration, sized for the machine. What is not named here is PostgreSQL's own default:
fsync, synchronous_commit, full_page_writes and checksums stay on."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

MB = 1024 * 1024
GB = 1024 * MB

ACCESS = "local all all peer map=sendtrail\n"
"""Who may connect: through the socket only, as the account that the system vouches for."""


def accounts(*names: str) -> str:
    """The accounts that may work as the database user `sendtrail`; root can do so in any case."""
    return "".join(f'sendtrail "{name}" sendtrail\n' for name in sorted({*names, "root"}))


def configuration(home: Path, socket: Path, changes: Mapping[str, str]) -> str:
    """The text of the server's configuration file; `changes` win."""
    memory = available_memory()
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "hba_file": str(home / "postgres.access"),
        "ident_file": str(home / "postgres.accounts"),
        # Sized for the machine: a cache of a sixth, and room for fifteen minutes of changes between checkpoints.
        "shared_buffers": f"{_between(128 * MB, memory // 6, 4 * GB) // MB}MB",
        "max_wal_size": f"{_between(1 * GB, shutil.disk_usage(home).free // 8, 16 * GB) // MB}MB",
        "checkpoint_timeout": "15min",
        # One server without copies: the log of changes serves recovery alone.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "wal_compression": "on",
        # Our statements are short and many, or few and pinned: compiling them costs more than it gives.
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "log_checkpoints": "off",
    } | dict(changes)
    head = "# Written by Sendtrail at every start. Changes of your own: ALTER SYSTEM SET …\n"
    return head + "".join(f"{name} = '{_quoted(value)}'\n" for name, value in settings.items())


def available_memory() -> int:
    """Bytes of memory that this program may use: the machine's, or less where a container is bounded."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # absent, or the word "max"
            limits.append(int(Path(file).read_text(encoding="ascii")))
    return min(limits)


def _between(least: int, wanted: int, most: int) -> int:
    return max(least, min(wanted, most))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
