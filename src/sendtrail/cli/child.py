"""The processes that `sendtrail serve` starts: `python -m sendtrail.cli.child web|worker`.

Each ends when its standard input does, that is, when the process that started it is gone.
"""

import asyncio
import os
import signal
import sys
import threading

from sendtrail.cli.serving import GRACE
from sendtrail.config import Config

_MOST = 4
"""Web processes, where there are as many cores: more than a small organization needs, and each holds connections."""


def web(config: Config) -> None:
    """Serve pages and API until SIGTERM. DATABASE_URL names a database that is up to date."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "sendtrail.app:create",
        factory=True,
        interface=Interfaces.ASGI,
        address=config.host,
        port=config.port,
        workers=min(config.ingest_workers, _MOST),
        workers_kill_timeout=GRACE,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


def worker(config: Config) -> None:
    """Do the duties until SIGTERM."""
    from sendtrail.cli.working import work

    asyncio.run(work(config))


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    {"web": web, "worker": worker}[sys.argv[1]](Config.load())
