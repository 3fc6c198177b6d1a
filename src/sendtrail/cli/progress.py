"""How far something is: a bar on a terminal, elsewhere now and then a line."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

_SELDOM = 10.0
"""Seconds between two lines: a log that somebody keeps should stay short."""


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Call what is given with the bytes done and all bytes, as often as one likes."""
    if not sys.stderr.isatty():
        yield _lines(title)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _lines(title: str) -> Callable[[int, int], None]:
    told = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _SELDOM:
            told = time.monotonic()
            print(f"{title}: {100 * done // max(total, 1)} %", file=sys.stderr, flush=True)  # noqa: T201 — that is it

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
