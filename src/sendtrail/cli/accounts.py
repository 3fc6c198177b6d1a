"""`sendtrail user`, `key` and `feed`: who may come in."""

from typing import Annotated

import typer

from sendtrail.cli.options import DataOption, Mode, ModeOption, OrganizationOption, run

users = typer.Typer(help="People who sign in.", no_args_is_help=True)
keys = typer.Typer(help="Keys of programs that use the API.", no_args_is_help=True)
feeds = typer.Typer(help="Credentials with which scans are pushed to us.", no_args_is_help=True)


@users.command("add")
def add_user(
    email: Annotated[str, typer.Argument(help="The address to sign in with.")],
    organization: OrganizationOption,
    password: Annotated[
        str,
        typer.Option("--password", prompt=True, confirmation_prompt=True, hide_input=True, help="Asked for if absent."),
    ],
    role: Annotated[str, typer.Option("--role", help="What the person may do.")] = "admin",
    data: DataOption = None,
) -> None:
    """Add somebody to an organization, which is made if there is none of that name."""
    from sendtrail.services import accounts

    member = run(data, lambda context: accounts.add_user(context, email, role, organization, password))
    typer.echo(f"{member.email} is {role} of {organization.strip()}")


@keys.command("add")
def add_key(
    organization: OrganizationOption,
    mode: ModeOption = Mode.live,
    name: Annotated[str, typer.Option("--name", help="What the key is for.")] = "",
    data: DataOption = None,
) -> None:
    """Make a key and print it, alone on the last line. It cannot be shown again."""
    from sendtrail.services import accounts

    key = run(data, lambda context: accounts.add_key(context, organization, mode.is_live, name))
    typer.echo(f"A {mode} key of {organization.strip()}. Keep it well, it is shown this once:")
    typer.echo(key)


@feeds.command("add")
def add_feed(
    organization: OrganizationOption,
    mode: ModeOption = Mode.live,
    name: Annotated[str, typer.Option("--name", help="Who pushes.")] = "scans",
    data: DataOption = None,
) -> None:
    """Make a user name and a password for `POST /feeds/iv-mtr` and print them. The password cannot be shown again."""
    from sendtrail.services import accounts
    from sendtrail.services.context import Context

    async def add(context: Context) -> accounts.NewFeed:
        scope = await accounts.scope_of_organization(context, organization, mode.is_live)
        return await accounts.add_feed(context, scope, name)

    feed = run(data, add)
    typer.echo(f"user name: {feed.username}")
    typer.echo(f"password: {feed.password}")
