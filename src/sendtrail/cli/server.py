"""`sendtrail serve`, `worker` and `migrate`: the installation itself."""

from pathlib import Path
from typing import Annotated

import typer

from sendtrail.cli.options import DataOption
from sendtrail.domain.problems import Invalid


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise Invalid(f"--port should be a whole number from 1 to 65535, not {text!r}")
    return int(text)


PortOption = Annotated[
    int | None, typer.Option("--port", metavar="PORT", parser=_port, help="Where to listen; 8020 otherwise.")
]
HostOption = Annotated[
    str | None,
    typer.Option("--host", metavar="ADDRESS", help="Which address to listen on; this machine only otherwise."),
]
FeedDirOption = Annotated[
    Path | None,
    typer.Option(
        "--feed-dir",
        metavar="DIR",
        help="Take the scan files that appear in this folder; of several organizations, in a subfolder with the "
        "organization's name.",
    ),
]


def serve(
    port: PortOption = None, host: HostOption = None, data: DataOption = None, feed_dir: FeedDirOption = None
) -> None:
    """Run the pages, the API and the worker.

    On the embedded database, unless DATABASE_URL names another. Ctrl-C or SIGTERM stops everything.
    """
    import asyncio

    from sendtrail.cli import serving
    from sendtrail.config import Config
    from sendtrail.store.errors import in_one_line

    config = Config.load(
        data=data and data.expanduser().absolute(),
        host=host,
        port=port,
        feed_dir=feed_dir and feed_dir.expanduser().absolute(),
    )
    with in_one_line():
        asyncio.run(serving.serve(config, lambda address: typer.echo(f"Sendtrail is at {address}  (Ctrl-C stops it)")))


def worker(data: DataOption = None, feed_dir: FeedDirOption = None) -> None:
    """Run a worker alone.

    `serve` has one already; any number may run beside it.
    """
    import asyncio

    from sendtrail.cli.working import work
    from sendtrail.config import Config
    from sendtrail.store.errors import in_one_line

    config = Config.load(
        data=data and data.expanduser().absolute(), feed_dir=feed_dir and feed_dir.expanduser().absolute()
    )
    with in_one_line():
        asyncio.run(work(config))


def migrate(data: DataOption = None) -> None:
    """Bring the database up to date.

    Every command does so first; this one says what was missing.
    """
    import asyncio

    from sendtrail.config import Config
    from sendtrail.store import cluster
    from sendtrail.store.errors import in_one_line
    from sendtrail.store.migrate import migrate

    config = Config.load(data=data and data.expanduser().absolute())

    async def bring() -> list[str]:
        async with cluster.provided(config) as dsn:
            return await migrate(dsn)

    with in_one_line():
        applied = asyncio.run(bring())
    typer.echo("\n".join(f"applied {name}" for name in applied) or "the database is up to date")
