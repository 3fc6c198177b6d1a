"""`sendtrail simulate`: invented mail, to look around with, to try things, to measure."""

from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sendtrail.cli.options import DataOption, MaybeOrganizationOption, Mode, ModeOption, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendtrail.services.context import Context
    from sendtrail.services.simulation import Loaded, Simulated, Wish


class Format(StrEnum):
    """How scans are told."""

    mixed = "mixed"
    json = "json"
    comma = "comma"
    pipe = "pipe"
    tab = "tab"
    legacy = "legacy"


def simulate(
    organization: MaybeOrganizationOption = None,
    mode: ModeOption = Mode.live,
    sends: Annotated[int, typer.Option("--sends", metavar="N", help="About how many sends.")] = 2_000,
    days: Annotated[int, typer.Option("--days", metavar="N", help="Over how many days, up to today.")] = 90,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="The same seed on the same day gives the same mail.")
    ] = 1,
    format_: Annotated[
        Format,
        typer.Option("--format", help="Of scan files; legacy records tell scans only, so no deliveries."),
    ] = Format.mixed,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write sends.csv and feed files there; touch no database."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Invent mail and take it like real mail: sends in batches, scans and reports from files.

    Some of it is late, doubled, misread, forwarded or returned, as mail is. It cannot be taken out again, so an
    organization with live mail of its own is refused: one that has a Mailer ID or a feed file that was not simulated,
    or sends from before any simulation. In test mode (--mode test) it is welcome everywhere.
    """
    from sendtrail.services.simulation import Wish, simulate, write_out

    wish = Wish(sends, days, seed, format_.value)
    if out is not None:
        _write_out(wish, out, write_out)
        return

    async def act(context: "Context") -> "tuple[Simulated, Loaded]":
        import tempfile

        from sendtrail.services.organizations import scope_for

        scope = await scope_for(context, organization, mode.is_live)
        with tempfile.TemporaryDirectory(prefix="sendtrail-") as folder, ExitStack() as stack:
            return await simulate(context, scope, wish, Path(folder), _teller(stack))

    simulated, loaded = run(data, act)
    again = f", {loaded.before:,} were there before" if loaded.before else ""
    typer.echo(f"{loaded.created:,} sends created{again}; {len(loaded.files):,} files ingested")
    _show(simulated)


def _write_out(wish: "Wish", out: Path, write: "Callable[..., Simulated]") -> None:
    from datetime import UTC, datetime

    from sendtrail.domain.problems import Invalid

    try:
        with ExitStack() as stack:
            simulated = write(wish, datetime.now(UTC), out, _teller(stack))
    except OSError as error:
        raise Invalid(f"{error.filename or out}: {error.strerror}") from None
    typer.echo(f"{len(simulated.ledger.entries):,} sends in {out / 'sends.csv'}, {len(simulated.files):,} files in "
               f"{out / 'feeds'}")  # fmt: skip
    _show(simulated)
    typer.echo(f"Take them with: sendtrail import sends {out / 'sends.csv'} && sendtrail ingest {out / 'feeds'}/*")


def _teller(stack: ExitStack) -> "Callable[[str, int, int], None]":
    """Names each kind of work when it begins, with a bar for the one that takes long."""
    from sendtrail.cli.progress import bar

    begun: set[str] = set()
    tell: Callable[[int, int], None] | None = None

    def progress(what: str, done: int, total: int) -> None:
        nonlocal tell
        if what not in begun:
            begun.add(what)
            if what == "ingesting":
                tell = stack.enter_context(bar(what))
            else:
                typer.echo(f"{what} …", err=True)
        if tell:
            tell(done, total)

    return progress


def _show(simulated: "Simulated") -> None:
    """What the reports must show."""
    from sendtrail.cli.progress import table
    from sendtrail.domain.vocabularies.stannp import CATEGORIES
    from sendtrail.simulator.ledger import categories

    ledger = simulated.ledger
    counted = categories(ledger.entries.values())
    typer.echo(table(("status", "sends"), [(each.label, counted[each.word]) for each in CATEGORIES]))
    tally = ledger.tally
    typer.echo(
        f"The files tell {tally.new:,} events and repeat {tally.duplicate:,}; {tally.unmatched:,} scans are of no"
        f" send ({tally.misread:,} misread), {tally.rejected:,} line is broken."
    )
