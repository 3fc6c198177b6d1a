"""`sendtrail demo`: everything at once, on invented mail."""

import typer

from sendtrail.cli.options import DataOption
from sendtrail.cli.server import HostOption, PortOption


def demo(port: PortOption = None, host: HostOption = None, data: DataOption = None) -> None:
    """Invent ninety days of mail and serve what became of it.

    Its files go through the pipeline like anybody's. It has a data folder of its own (`demo` in the usual one) and
    always the embedded database; a second run finds everything there.
    """
    import asyncio

    from sendtrail.cli import serving
    from sendtrail.config import Config
    from sendtrail.services.context import open_context
    from sendtrail.services.demo import Demo, prepare
    from sendtrail.store import cluster
    from sendtrail.store.errors import in_one_line
    from sendtrail.store.migrate import migrate

    folder = data.expanduser().absolute() if data else Config.load().data / "demo"
    config = Config.load(data=folder, database_url="", host=host, port=port)
    serving.check_free(config.host, config.port)

    async def all_of_it() -> None:
        async with cluster.provided(config) as dsn:
            await migrate(dsn)
            async with open_context(dsn, config) as context:
                made = await prepare(context, lambda step: typer.echo(f"  {step}"))
            await serving.serve(config, lambda address: _welcome(address, made))

    def _welcome(address: str, made: Demo) -> None:
        api, key = f"{address}/api/v1", f"Authorization: Bearer {made.key}"
        typer.secho(f"\nSendtrail is at {address}", bold=True)
        typer.echo(f"  e-mail    {made.email}\n  password  {made.password}")
        typer.echo(f"  {made.manager} sees what their team sends, {made.sender} their own: the password is the same.\n")
        typer.echo("Try the API:")
        typer.echo(f"  curl -H '{key}' {api}/reports/summary")
        typer.echo(f"  curl -H '{key}' {api}/sends/{made.example}/events")
        typer.echo(f"  curl -H '{key}' -H 'Content-Type: application/json' {api}/sends -d '{_NEW}'\n")
        typer.echo(f"The sample's files are in {config.data / 'sample-files'}. Ctrl-C stops the demo.")

    with in_one_line():
        asyncio.run(all_of_it())


_NEW = '{"kind": "letter", "to": {"name": "Ada Abbott", "address_line1": "1 Elm Terrace", "postal_code": "60614"}}'
