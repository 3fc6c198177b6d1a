"""`sendtrail export`: sends out, as CSV."""

import os
import sys
from contextlib import ExitStack, contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from sendtrail.cli.options import DataOption, MaybeOrganizationOption, run
from sendtrail.domain.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendtrail.services.context import Context
    from sendtrail.services.tracker import Wanted


class Modes(StrEnum):
    """Of whose sends a list may be."""

    live = "live"
    test = "test"
    both = "both"


_MODES = {Modes.live: (True,), Modes.test: (False,), Modes.both: (True, False)}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"--start and --end should be days such as 2026-03-02, not {text[:40]!a}") from None


_Text = str | None
_Day = date | None


def export(
    file: Annotated[str, typer.Argument(metavar="FILE.csv", help="The file to write; - for standard output.")],
    organization: MaybeOrganizationOption = None,
    mode: Annotated[Modes, typer.Option("--mode", help="Live, test, or one after the other.")] = Modes.live,
    q: Annotated[str, typer.Option("--q", metavar="WORDS", help="Beginnings of a recipient's words, or an id.")] = "",
    status: Annotated[_Text, typer.Option("--status", metavar="CODES", help="Such as delivered,returned.")] = None,
    category: Annotated[_Text, typer.Option("--category", metavar="WORD", help="Such as local_delivery.")] = None,
    kind: Annotated[_Text, typer.Option("--kind", metavar="KIND", help="Such as letter.")] = None,
    campaign: Annotated[_Text, typer.Option("--campaign", metavar="NAME", help="A campaign's name or id.")] = None,
    sector: Annotated[str, typer.Option("--sector", metavar="SECTOR", help="bulk, triggered, single, gift.")] = "all",
    recipient: Annotated[_Text, typer.Option("--recipient", metavar="WORDS", help="Words of the recipient.")] = None,
    sender: Annotated[_Text, typer.Option("--sender", metavar="WHO", help="A member's address, or a name.")] = None,
    team: Annotated[_Text, typer.Option("--team", metavar="NAME", help="A team's name or id.")] = None,
    supplier: Annotated[_Text, typer.Option("--supplier", metavar="NAME", help="Such as Amazon.")] = None,
    tag: Annotated[_Text, typer.Option("--tag", metavar="TAG", help="One of the tags.")] = None,
    mailing_class: Annotated[_Text, typer.Option("--mailing-class", metavar="CLASS", help="As marketing.")] = None,
    start: Annotated[_Day, typer.Option("--start", metavar="DAY", parser=_day, help="The first day.")] = None,
    end: Annotated[_Day, typer.Option("--end", metavar="DAY", parser=_day, help="The last day.")] = None,
    sort: Annotated[str, typer.Option("--sort", metavar="COLUMN", help="Such as day; - before it turns it.")] = "-day",
    engaged: Annotated[
        bool, typer.Option("--engaged", help="Instead of sends who responded to the --campaign (docs/performance.md).")
    ] = False,
    links: Annotated[
        bool, typer.Option("--links", help="Instead of sends what a printer merges of the --campaign (docs/links.md).")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="For programs: no byte order mark, no apostrophe before long numbers.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Write the sends of a list into a CSV file.

    The filters are those of the page and the API; docs/csv.md tells what the columns hold. The file appears when it is
    whole.
    """
    from sendtrail.services.tracker import Wanted

    wanted = Wanted(
        q=q,
        status=status,
        category=category,
        kind=kind,
        campaign=campaign,
        sector=sector,
        recipient=recipient,
        sender=sender,
        team=team,
        supplier=supplier,
        tag=tag,
        mailing_class=mailing_class,
        start=start,
        end=end,
        sort=sort,
    )

    for flag in ("--engaged",) * engaged + ("--links",) * links:
        if campaign is None or wanted != Wanted(campaign=campaign) or mode is Modes.both or (engaged and links):
            raise Invalid(f"{flag} takes a --campaign, --mode live or test, and no filter")

    async def act(context: "Context") -> int:
        return await _export(context, file, organization, wanted, _MODES[mode], not plain, engaged, links)

    written = run(data, act)
    if file != "-":
        from sendtrail.domain.plurals import counted

        typer.echo(f"{file}: {counted(written, 'send')}")


async def _export(
    context: "Context",
    file: str,
    organization: str | None,
    wanted: "Wanted",
    modes: tuple[bool, ...],
    spreadsheet: bool,
    engaged: bool,
    links: bool,
) -> int:
    """How many sends were written."""
    from sendtrail.cli.progress import bar
    from sendtrail.services import link_exports
    from sendtrail.services.campaigns import called
    from sendtrail.services.engaged_people import engaged_people
    from sendtrail.services.exports import Size, export, size
    from sendtrail.services.organizations import scope_for

    scope = await scope_for(context, organization, modes[0])
    if engaged:
        named = wanted.campaign or ""
        async with context.database.snapshot() as connection:
            row = (await called(connection, context, scope, [named])).get(named)
        number = context.ids.encode("campaign", row.id) if row else named
        people = await engaged_people(context, scope, number, spreadsheet=spreadsheet)
        parts, about = people.parts, Size(people.sends, True)
    elif links:
        of = await link_exports.printed(context, scope, wanted.campaign or "")
        parts, about = await link_exports.csv(context, scope, of), Size(of.links, True)
    else:
        parts = await export(context, scope, wanted, modes=modes, spreadsheet=spreadsheet)
        about = await size(context, scope, wanted, modes=modes)
    written = 0
    with ExitStack() as open_files, bar(file, of="sends") as progress:
        try:
            target = sys.stdout.buffer if file == "-" else open_files.enter_context(_appearing(Path(file)))
            async for part in parts:
                target.write(part.content)
                written += part.sends
                progress(written, max(written, about.sends) if about.exact else 0)
            target.flush()
        except BrokenPipeError:  # whoever reads has enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except OSError as error:
            raise Invalid(f"{file}: {error.strerror}") from None
        finally:
            await parts.aclose()
    return written


@contextmanager
def _appearing(path: Path) -> "Iterator[BinaryIO]":
    """A file that takes the place of what is there once it is whole."""
    beside = path.with_name(f"{path.name}.part")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
