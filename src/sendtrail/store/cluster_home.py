"""Where an embedded database lies, and who runs it.

Usually in the data folder itself. Where root's data folder cannot be entered by the account that runs PostgreSQL
(below root's own home, say), the database lies below `COMMON` under a name made from the data folder's path, and
`postgres.path` in the data folder says where. No existing folder's mode is ever changed.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sendtrail.store.cluster_account import Account, ClusterError

COMMON = Path("/var/lib/sendtrail")


@dataclass(frozen=True, slots=True)
class Home:
    """`folder` holds the database (`folder/postgres`), its configuration and its log; `account` runs it."""

    folder: Path
    account: Account

    @property
    def database(self) -> Path:
        return self.folder / "postgres"

    def write(self, name: str, text: str) -> None:
        """Replace a file at once, readable by `account`."""
        file, path = tempfile.mkstemp(dir=self.folder, prefix=f"{name}.")
        with os.fdopen(file, "w", encoding="utf-8") as opened:
            opened.write(text)
            os.fchmod(file, 0o644)
        os.replace(path, self.folder / name)

    def make(self, name: str) -> Path:
        """A new empty folder that belongs to `account` alone."""
        path = self.folder / name
        path.mkdir(mode=0o700)
        if not self.account.ours:
            os.chown(path, self.account.uid, self.account.gid)
        return path


def prepare(data: Path) -> Path:
    """The data folder, made where it is missing."""
    try:
        make_folder(data)
    except OSError as error:
        raise ClusterError(f"the data folder {data} cannot be made: {error.strerror}") from None
    return data.resolve()


def make_folder(folder: Path) -> None:
    """A folder and those above it where they are missing. As root others can enter but not list them, for one of them
    runs the server; whatever the umask."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)


def find(data: Path) -> Home:
    """The home of the database of `data`, which is decided at its first start and then stays."""
    pointer = data / "postgres.path"
    folder = Path(pointer.read_text(encoding="utf-8").strip()) if pointer.exists() else data
    if (folder / "postgres").exists():
        account = Account.owner(folder / "postgres") if os.geteuid() == 0 else Account.default()
        return Home(folder, account)
    account = Account.default()
    if folder is not data:
        if not folder.is_dir():
            raise ClusterError(f"{pointer} names {folder}, which is gone: restore it, or remove {pointer}")
        return Home(folder, account)
    if account.ours or _usable(Home(data, account)):
        return Home(data, account)
    return _elsewhere(data, account, pointer)


def _usable(home: Home) -> bool:
    """Whether the account can work in a folder of its own there; file systems may also refuse to give it one."""
    try:
        probe = home.make(f"postgres.probe-{os.getpid()}")
    except OSError:
        return False
    try:
        return home.account.reaches(probe)
    finally:
        probe.rmdir()


def _elsewhere(data: Path, account: Account, pointer: Path) -> Home:
    folder = COMMON / hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    if (folder / "postgres").exists():
        raise ClusterError(
            f"{folder} still holds a database of {data}, but {pointer} is gone: "
            f"remove {folder}, or write its path into {pointer}"
        )
    make_folder(folder)
    home = Home(folder, account)
    if not _usable(home):
        raise ClusterError(f"user {account.name}, who runs PostgreSQL for root, reaches neither {data} nor {folder}")
    Home(data, account).write("postgres.path", f"{folder}\n")
    return home
