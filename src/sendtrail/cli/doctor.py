"""`sendtrail doctor`: what is set, what runs, and whether the data keeps its laws."""

import platform
from importlib import metadata
from typing import TYPE_CHECKING

import typer

from sendtrail.cli.options import DataOption, run

if TYPE_CHECKING:
    from sendtrail.config import Config
    from sendtrail.services.context import Context


def doctor(data: DataOption = None) -> None:
    """Show settings and versions, and prove the data sound.

    The exit code is 1 if the data breaks one of its laws.
    """
    from sendtrail.services import doctor as service

    async def examine(context: "Context") -> list[service.Proof]:
        _settings(context.config)
        version, sends = await service.size(context)
        _heading("Versions")
        for name, value in (
            ("sendtrail", metadata.version("sendtrail")),
            ("python", platform.python_version()),
            ("postgresql", version),
        ):
            typer.echo(f"  {name:<12}{value}")
        _database(context.config)
        _heading(f"Proofs, over {sends:,} sends")
        return await service.prove(context)

    proofs = run(data, examine)
    for proof in proofs:
        found = f"WRONG  {proof.law}: {proof.broken:,} are not" if proof.broken else f"ok     {proof.law}"
        typer.echo(f"  {found}")
    if any(proof.broken for proof in proofs):
        raise typer.Exit(1)


def _settings(config: "Config") -> None:
    _heading("Settings")
    for variable, value, unit, reason in config.table():
        typer.echo(f"  {variable} = {value or '(empty)'}  [{unit}]")
        typer.echo(f"      {reason}")


def _database(config: "Config") -> None:
    _heading("Database")
    if config.database_url:
        typer.echo("  your own, named by DATABASE_URL; up to date")
        return
    from sendtrail.store import cluster_binaries, cluster_home

    home = cluster_home.find(config.data)
    major = int((home.database / "PG_VERSION").read_text(encoding="ascii"))
    binaries = cluster_binaries.find(home.account, cluster_home.COMMON, major)
    typer.echo(f"  embedded, in {home.folder}; up to date")
    typer.echo(f"  run by user {home.account.name} with the programs in {binaries.folder}")


def _heading(text: str) -> None:
    typer.secho(f"\n{text}", bold=True)
