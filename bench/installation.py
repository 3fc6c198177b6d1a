"""An installation of its own for a bench, and what this process holds in memory."""

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sendtrail.config import Config
from sendtrail.services.context import Context, open_context
from sendtrail.store.cluster import running
from sendtrail.store.migrate import migrate


@asynccontextmanager
async def installed() -> AsyncIterator[Context]:
    """An empty, migrated installation that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="sendtrail-bench-") as folder:
        Path(folder).chmod(0o711)
        config = Config.load(data=Path(folder) / "data")
        async with running(config.data) as dsn:
            await migrate(dsn)
            async with open_context(dsn, config) as context:
                yield context


def peak() -> int:
    """The most memory that this process had since its peak was last forgotten, in MB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0
