"""`sendtrail ingest` and `sendtrail import`: files in."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sendtrail.cli.options import DataOption, MaybeOrganizationOption, Mode, ModeOption, run

if TYPE_CHECKING:
    from sendtrail.domain.scope import Scope
    from sendtrail.services.context import Context
    from sendtrail.services.ingest import Summary

imports = typer.Typer(help="Take sends, vendors' exports and operation codes from CSV files.", no_args_is_help=True)

FILES = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="Scan feeds, ACS records, printer reports; plain, .gz or .zip.")
]


def ingest(
    files: FILES, organization: MaybeOrganizationOption = None, mode: ModeOption = Mode.live, data: DataOption = None
) -> None:
    """Take files of scans and reports.

    A file that was taken before changes nothing. Lines that cannot be read are kept with their reason: see /feeds. The
    exit code is 1 if nothing of a file could be read, and 0 otherwise.
    """

    async def act(context: "Context") -> bool:
        from sendtrail.services.organizations import scope_for

        scope = await scope_for(context, organization, mode.is_live)
        return await _ingest_all(context, scope, files)

    if not run(data, act):
        raise typer.Exit(1)


@imports.command("vendor")
def import_vendor(
    vendor: Annotated[str, typer.Argument(metavar="NAME", help="lob, postgrid, stannp, postalytics or sendoso.")],
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Its export: id, status, dates, recipient.")],
    kind: Annotated[str, typer.Option("--kind", help="Of sends of which no column says it: letter if not given.")] = "",
    organization: MaybeOrganizationOption = None,
    mode: ModeOption = Mode.live,
    data: DataOption = None,
) -> None:
    """Take what another vendor sent for you, from its export, with what became of each.

    A file that was taken before changes nothing, nor does what its webhooks told already. Rows that cannot be read are
    kept with their reason: see /feeds.
    """

    async def act(context: "Context") -> bool:
        from sendtrail.services.organizations import scope_for
        from sendtrail.services.vendor_exports import export_format

        format_ = export_format(vendor, kind)
        scope = await scope_for(context, organization, mode.is_live)
        return await _ingest_all(context, scope, [file], format_)

    if not run(data, act):
        raise typer.Exit(1)


async def _ingest_all(context: "Context", scope: "Scope", files: list[Path], format_: str = "") -> bool:
    """Whether each of the files could be read. `format_`: of a vendor's export."""
    from sendtrail.cli.progress import bar, table
    from sendtrail.services.ingest import ingest_path
    from sendtrail.services.outcomes import why_unread

    taken: list[Summary] = []
    complete = True
    for path in files:
        try:
            with bar(path.name) as progress:
                summary = await ingest_path(context, scope, path, progress, format_=format_)
        except OSError as error:
            reason = error.strerror or str(error)
        else:
            reason = await why_unread(context, scope, summary)
            taken.append(summary)
        if reason:
            complete = False
            typer.echo(f"error: {path}: {reason}", err=True)
    if taken:
        rows = [(each.name, each.new, each.duplicate, each.unmatched, each.rejected) for each in taken]
        _, *counts = zip(*rows, strict=True)
        typer.echo(table(("file", "new", "duplicate", "unmatched", "rejected"), [*rows, ("in all", *map(sum, counts))]))
    if any(each.rejected for each in taken):
        typer.echo("Rejected lines are kept with their reasons: see /feeds, or GET /api/v1/feeds/files.")
    return complete


@imports.command("sends")
def import_sends(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Columns are API fields: kind, to.name, imb …")],
    organization: MaybeOrganizationOption = None,
    mode: ModeOption = Mode.live,
    data: DataOption = None,
) -> None:
    """Take sends from a CSV file with a header.

    Rows that cannot be taken go into FILE.csv.rejects.csv with line and reason; corrected, that file can be imported.
    """

    async def act(context: "Context") -> None:
        from sendtrail.services.organizations import scope_for

        await _import(context, await scope_for(context, organization, mode.is_live), file)

    run(data, act)


async def _import(context: "Context", scope: "Scope", path: Path) -> None:
    import csv

    from sendtrail.cli.progress import bar
    from sendtrail.domain.plurals import counted
    from sendtrail.domain.problems import Invalid
    from sendtrail.services.send_imports import import_sends

    rejects_path = path.with_name(f"{path.name}.rejects.csv")
    with ExitStack() as open_files, bar(path.name) as progress:
        writer = None
        try:
            async for imported, rejects in import_sends(context, scope, path, progress):
                if rejects and writer is None:
                    text = open_files.enter_context(rejects_path.open("w", encoding="utf-8", newline=""))
                    writer = csv.writer(text, lineterminator="\n")
                    writer.writerow(["line", "reason", *_original(imported.header, imported.header)])
                if writer:
                    writer.writerows(
                        [row.line, reason, *_original(imported.header, row.cells)] for row, reason in rejects
                    )
        except OSError as error:
            raise Invalid(f"{error.filename or path}: {error.strerror}") from None
        except Invalid as error:
            raise Invalid(f"{path}: {error.message}") from None
    again = f", {imported.before:,} had been imported before" if imported.before else ""
    created, rejected = counted(imported.created, "send"), counted(imported.rejected, "row")
    typer.echo(f"{created} created{again}, {rejected} rejected")
    if imported.bare:
        typer.echo(f"{counted(imported.bare, 'send')} got no barcode, since there is no Mailer ID: register it first.")
    if imported.rejected:
        typer.echo(f"Rejected rows and why: {rejects_path}")


def _original(header: list[str], cells: list[str]) -> list[str]:
    """The cells without what an earlier rejects file added."""
    added = [place for place, name in enumerate(header) if name.strip().lower() in ("line", "reason")]
    return [cell for place, cell in enumerate(cells) if place not in added]


@imports.command("operations")
def import_operations(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV: operation, and code or mail_phase; note if any.")],
    data: DataOption = None,
) -> None:
    """Replace the table of operation codes and bring every status in line with it."""
    from sendtrail.domain import operations
    from sendtrail.domain.problems import Invalid
    from sendtrail.services.meanings import load_operations

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file}: {error.strerror if isinstance(error, OSError) else 'it is not UTF-8 text'}") from None
    rows, problems = operations.read(text.splitlines())
    if problems or not rows:
        for problem in problems[:10]:
            typer.echo(f"error: {file}: {problem}", err=True)
        raise Invalid(
            f"{file}: nothing was loaded, for {f'{len(problems)} lines are wrong' if problems else 'it is empty'}"
        )
    moved = run(data, lambda context: load_operations(context, rows))
    typer.echo(f"{len(rows):,} operation codes; {moved:,} sends changed their status.")
