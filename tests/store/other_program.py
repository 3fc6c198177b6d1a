"""Another program that uses an embedded database; run by test_cluster.py. It ends when its input does."""

import asyncio
import fcntl
import sys
from pathlib import Path

from sendtrail.store import cluster
from sendtrail.store.cluster_locks import Holder, LockFile, gate


def with_database(data: Path) -> None:
    async def use() -> None:
        async with cluster.running(data) as dsn:
            await asyncio.to_thread(wait, dsn)

    asyncio.run(use())


def in_the_gate(data: Path) -> None:
    with gate(data):
        wait("in")


def on_another_host(data: Path) -> None:
    users = LockFile(data / "postgres.users")
    users.take(fcntl.LOCK_SH)
    users.holder = Holder("sendtrail serve", 7, "elsewhere", "")
    wait("using")


def wait(word: str) -> None:
    print(word, flush=True)  # noqa: T201 — the test reads it
    sys.stdin.read()


if __name__ == "__main__":
    {each.__name__: each for each in (with_database, in_the_gate, on_another_host)}[sys.argv[1]](Path(sys.argv[2]))
