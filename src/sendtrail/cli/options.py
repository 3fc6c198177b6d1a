"""Options that several commands share, and the way from a command into the services."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from sendtrail.services.context import Context

T = TypeVar("T")


class Mode(StrEnum):
    """Test and live never mix."""

    live = "live"
    test = "test"

    @property
    def is_live(self) -> bool:
        return self is Mode.live


DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="The data folder; SENDTRAIL_DATA otherwise.")
]
ModeOption = Annotated[Mode, typer.Option("--mode", help="Live, or test, which never mixes with it.")]
OrganizationOption = Annotated[str, typer.Option("--organization", metavar="NAME", help="The organization's name.")]
MaybeOrganizationOption = Annotated[
    str | None,
    typer.Option("--organization", metavar="NAME", help="The organization's name; not needed if there is only one."),
]


def run(data: Path | None, act: "Callable[[Context], Awaitable[T]]") -> T:
    """Do something with the database of the settings: joined if it runs, else started, and brought up to date first.

    Raises SendtrailError and ConfigError, which `cli.main` tells in one line.
    """
    import asyncio

    from sendtrail.config import Config
    from sendtrail.services.context import open_context
    from sendtrail.store import cluster
    from sendtrail.store.errors import in_one_line
    from sendtrail.store.migrate import migrate

    config = Config.load(data=data and data.expanduser().absolute())

    async def inside() -> T:
        async with cluster.provided(config) as dsn:
            await migrate(dsn)
            async with open_context(dsn, config) as context:
                return await act(context)

    with in_one_line():
        return asyncio.run(inside())
