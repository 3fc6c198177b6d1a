"""The command line. Each module imports what is slow inside its commands: `sendtrail --help` answers at once."""

import sys

import typer

from sendtrail.cli import accounts, demo, doctor, export, files, imb, server, simulate
from sendtrail.config import ConfigError
from sendtrail.domain.problems import SendtrailError

app = typer.Typer(
    name="sendtrail",
    help="Track everything an organization sends, from the order to the doorstep.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(demo.demo)
app.command()(server.serve)
app.command()(server.worker)
app.command()(files.ingest)
app.add_typer(files.imports, name="import")
app.command()(export.export)
app.command()(simulate.simulate)
app.add_typer(imb.app, name="imb")
app.add_typer(accounts.users, name="user")
app.add_typer(accounts.keys, name="key")
app.add_typer(accounts.feeds, name="feed")
app.command()(server.migrate)
app.command()(doctor.doctor)


def main() -> None:
    """The program's entry point. A mistake is told in one line on standard error, with exit code 1."""
    try:
        app()
    except (SendtrailError, ConfigError) as problem:
        sys.exit(f"error: {problem}")
