"""How far something is: a bar on a terminal, elsewhere now and then a line."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

_SELDOM = 10.0
"""Seconds between two lines: a log that somebody keeps should stay short."""


@contextmanager
def bar(title: str, of: str = "") -> Iterator[Callable[[int, int], None]]:
    """Call what is given with what is done and all there is (0: nobody knows), as often as one likes.

    Bytes, or what `of` says, such as "sends".
    """
    if not sys.stderr.isatty():
        yield _lines(title, of)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    done = (TextColumn("{task.completed:,.0f} " + of),) if of else (DownloadColumn(), TransferSpeedColumn())
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), *done, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total or None)


def _lines(title: str, of: str) -> Callable[[int, int], None]:
    told = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _SELDOM:
            told = time.monotonic()
            said = f"{100 * done // total} %" if total else f"{done:,} {of}"
            print(f"{title}: {said}", file=sys.stderr, flush=True)  # noqa: T201 — that is it

    return tell


def table(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Plain text in columns: the first to the left, numbers to the right with their thousands parted."""
    cells = [header, *(tuple(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in cells
    )
