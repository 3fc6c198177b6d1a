"""`sendtrail imb`: barcodes on the command line, one or as many lines as come in."""

import os
import sys
from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from sendtrail.domain import imb

app = typer.Typer(help="Encode and decode Intelligent Mail barcodes.", no_args_is_help=True)

_READ = 1 << 20
_FEW = 200
"""Below this many lines the scalar codec is done before NumPy is imported."""


@app.command(epilog="Example: sendtrail imb encode 01234567094987654321 01234567891")
def encode(
    tracking: Annotated[
        str,
        typer.Argument(help="20 digits; - reads lines of TRACKING,ROUTING or TRACKING ROUTING from standard input."),
    ],
    routing: Annotated[str, typer.Argument(help="ZIP Code, ZIP+4 or delivery point: 5, 9 or 11 digits.")] = "",
) -> None:
    """Print the 65 letters of a barcode."""
    if tracking == "-":
        _answer_lines(_encode_lines)
    else:
        print(imb.encode(tracking, routing))  # noqa: T201 — what the command is for


@app.command(epilog="Example: sendtrail imb decode AADTFFDFTDADTAADAATFDTDDAAADDTDTTDAFADADDDTFFFDDTTTADFAAADFTDAADA")
def decode(
    bars: Annotated[str, typer.Argument(help="65 letters of T, D, A and F; - reads a line each from standard input.")],
) -> None:
    """Print TRACKING,ROUTING of a barcode's 65 letters."""
    if bars == "-":
        _answer_lines(_decode_lines)
    else:
        print(",".join(imb.decode(bars)))  # noqa: T201 — what the command is for


def _answer_lines(answer: Callable[[list[str]], list[str]]) -> None:
    """A line out for each line in, as soon as it is there: another program may wait for it."""
    for lines in _incoming():
        sys.stdout.write("".join(f"{line}\n" for line in answer(lines)))
        sys.stdout.flush()


def _incoming() -> Iterator[list[str]]:
    """Whole lines of standard input, as many at a time as have arrived."""
    rest = b""
    while chunk := os.read(sys.stdin.fileno(), _READ):
        *whole, rest = (rest + chunk).split(b"\n")
        if whole:
            yield [_text(line) for line in whole]
    if rest:
        yield [_text(rest)]


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")


def _encode_lines(lines: list[str]) -> list[str]:
    if len(lines) < _FEW:
        return [imb.encode_line(line) for line in lines]
    from sendtrail.domain.imb.bulk import encode_many

    parts = [imb.digits_of_line(line) for line in lines]
    answers = encode_many([tracking for tracking, _ in parts], [routing for _, routing in parts])
    return [answer if isinstance(answer, str) else f"error: {answer.message}" for answer in answers]


def _decode_lines(lines: list[str]) -> list[str]:
    if len(lines) < _FEW:
        return [imb.decode_line(line) for line in lines]
    from sendtrail.domain.imb.bulk import decode_many

    return [
        ",".join(answer) if isinstance(answer, imb.Barcode) else f"error: {answer.message}"
        for answer in decode_many(lines)
    ]
