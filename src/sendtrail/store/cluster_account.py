"""Which account of the machine runs PostgreSQL: PostgreSQL refuses root, so root hands it to an unprivileged one."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sendtrail.domain.problems import SendtrailError


class ClusterError(SendtrailError):
    """The embedded database cannot be used; one line says why and what would help."""

    type = "unavailable"


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group id under which PostgreSQL's programs run."""

    uid: int
    gid: int

    @classmethod
    def default(cls) -> "Account":
        """Ourselves; for root the machine's `postgres`, else `nobody`."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        for name in ("postgres", "nobody"):
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(user.pw_uid, user.pw_gid)
        raise ClusterError(
            "PostgreSQL does not run as root and this machine has neither a user postgres nor nobody: "
            "add one, or set DATABASE_URL"
        )

    @classmethod
    def owner(cls, path: Path) -> "Account":
        """The account that made `path`."""
        found = path.stat()
        return cls(found.st_uid, found.st_gid)

    @property
    def ours(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def name(self) -> str:
        """The account's login name; PostgreSQL's initdb cannot do without one."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            raise ClusterError(
                f"user id {self.uid} has no name on this machine, which PostgreSQL needs: "
                "add the user, or set DATABASE_URL"
            ) from None

    def process(self) -> dict[str, Any]:
        """Arguments of `subprocess` calls: this account, no inherited PostgreSQL settings, messages in English."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        arguments: dict[str, Any] = {"cwd": "/", "env": environment | {"LC_ALL": "C"}, "stdin": subprocess.DEVNULL}
        if not self.ours:
            arguments |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return arguments

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run to its end and collect what it prints; OSError where the account does not reach the program."""
        return subprocess.run(  # noqa: S603 — programs that we found, never a user's text
            command,
            **self.process(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )

    def reaches(self, folder: Path) -> bool:
        """Whether the account may enter `folder`, asked of the system itself: modes are not the whole truth."""
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]).returncode == 0
