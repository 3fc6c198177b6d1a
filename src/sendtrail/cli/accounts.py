"""`sendtrail user`, `key` and `feed`: who may come in."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from sendtrail.cli.options import DataOption, Mode, ModeOption, OrganizationOption, run

if TYPE_CHECKING:
    from sendtrail.domain.scope import Scope
    from sendtrail.services.context import Context

T = TypeVar("T")

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


@users.command("reset")
def reset_password(
    email: Annotated[str, typer.Argument(help="The address that they sign in with.")], data: DataOption = None
) -> None:
    """Print a link with which somebody who forgot their password chooses a new one, within an hour.

    It begins with SENDTRAIL_ADDRESS; where that is not set, only its path is printed.
    """
    from sendtrail.services import resets

    async def link(context: "Context") -> str:
        return await resets.link(context, email, context.config.address)

    found = run(data, link)
    if found.startswith("/"):
        typer.echo("Put before it the address at which your people reach Sendtrail (SENDTRAIL_ADDRESS):", err=True)
    typer.echo(found)


@users.command("forget-codes")
def forget_codes(
    email: Annotated[str, typer.Argument(help="The address that they sign in with.")], data: DataOption = None
) -> None:
    """Ask somebody who lost their authenticator for no codes any more."""
    from sendtrail.services import codes

    run(data, lambda context: codes.forget(context, email))
    typer.echo(f"{email} signs in with the password alone")


@keys.command("add")
def add_key(
    organization: OrganizationOption,
    mode: ModeOption = Mode.live,
    name: Annotated[str, typer.Option("--name", help="What the key is for.")] = "",
    data: DataOption = None,
) -> None:
    """Make a key and print it, alone on the last line. It cannot be shown again."""
    from sendtrail.services import api_keys

    key = run(data, lambda context: api_keys.add_key(context, organization, mode.is_live, name))
    typer.echo(f"A {mode} key of {organization.strip()}. Keep it well, it is shown this once:")
    typer.echo(key)


@keys.command("list")
def list_keys(organization: OrganizationOption, mode: ModeOption = Mode.live, data: DataOption = None) -> None:
    """List the keys, newest first, with the id by which to revoke them."""
    from sendtrail.cli.progress import table
    from sendtrail.services import api_keys

    rows = [
        (key.id, key.hint, key.created_at.date(), key.last_used_on or "never", _revoked(key.revoked_at), key.name)
        for key in _within(organization, mode, data, api_keys.list_keys)
    ]
    typer.echo(table(("id", "begins with", "made", "last used", "revoked", "name"), rows))


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `sendtrail key list` prints it.")],
    organization: OrganizationOption,
    mode: ModeOption = Mode.live,
    data: DataOption = None,
) -> None:
    """From now on the key opens nothing. This cannot be undone."""
    from sendtrail.services import api_keys

    _within(organization, mode, data, lambda context, scope: api_keys.revoke_key(context, scope, key_id))
    typer.echo(f"{key_id} is revoked")


@feeds.command("add")
def add_feed(
    organization: OrganizationOption,
    mode: ModeOption = Mode.live,
    name: Annotated[str, typer.Option("--name", help="Who pushes.")] = "scans",
    vendor: Annotated[str, typer.Option("--vendor", help="Whose webhooks, such as lob, instead of scans.")] = "",
    secret: Annotated[str, typer.Option("--secret", help="With which that vendor signs; several one a line.")] = "",
    data: DataOption = None,
) -> None:
    """Make a user name and a password for `POST /feeds/iv-mtr` and print them. The password cannot be shown again.

    For a vendor's webhooks they go to `POST /feeds/vendors/NAME`, with the password as `?token=`.
    """
    from sendtrail.services import accounts

    feed = _within(
        organization,
        mode,
        data,
        lambda context, scope: accounts.add_feed(context, scope, name, vendor=vendor, secret=secret),
    )
    typer.echo(f"user name: {feed.username}")
    typer.echo(f"password: {feed.password}")


@feeds.command("list")
def list_feeds(organization: OrganizationOption, mode: ModeOption = Mode.live, data: DataOption = None) -> None:
    """List the credentials, newest first, with the id by which to revoke them."""
    from sendtrail.cli.progress import table
    from sendtrail.services import accounts

    rows = [
        (feed.id, feed.username, feed.created_at.date(), _revoked(feed.revoked_at), feed.name)
        for feed in _within(organization, mode, data, accounts.list_feeds)
    ]
    typer.echo(table(("id", "user name", "made", "revoked", "name"), rows))


@feeds.command("revoke")
def revoke_feed(
    feed_id: Annotated[str, typer.Argument(metavar="ID", help="As `sendtrail feed list` prints it.")],
    organization: OrganizationOption,
    mode: ModeOption = Mode.live,
    data: DataOption = None,
) -> None:
    """From now on nothing can be pushed with the credentials. This cannot be undone."""
    from sendtrail.services import accounts

    _within(organization, mode, data, lambda context, scope: accounts.revoke_feed(context, scope, feed_id))
    typer.echo(f"{feed_id} is revoked")


def _within(organization: str, mode: Mode, data: Path | None, act: "Callable[[Context, Scope], Awaitable[T]]") -> T:
    """Do something in an organization given by name."""

    async def inside(context: "Context") -> T:
        from sendtrail.services import accounts

        return await act(context, await accounts.scope_of_organization(context, organization, mode.is_live))

    return run(data, inside)


def _revoked(at: datetime | None) -> str:
    return str(at.date()) if at else "no"
