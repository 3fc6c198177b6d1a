"""Cells of CSV files (RFC 4180) that people open in a spreadsheet.

A spreadsheet runs a text that begins like a formula (OWASP, "CSV Injection"), and it rounds, cuts or redates one that
looks like a number: of a barcode's 31 digits it keeps 15. An apostrophe in front makes either a plain text. It comes
off again without doubt: nothing is marked but what needs it, with or without apostrophes of its own.
"""

import re
from collections.abc import Iterable, Sequence

_RUN = "=+-@\t\r\n＝＋－＠"
_REDRAWN = r"(?:0[0-9]+|[0-9]{12,}|[0-9]+[eE][0-9]+|[0-9]{1,4}[-/][0-9]{1,4}(?:[-/][0-9]{1,4})?)\Z"
"""Leading zeros, more digits than a cell shows, powers of ten, fractions and days."""
_FORMULA = re.compile(rf"'*[{re.escape(_RUN)}]")
_FORMULA_OR_NUMBER = re.compile(rf"'*(?:[{re.escape(_RUN)}]|{_REDRAWN})")
_BEFORE_FORMULAS = frozenset("'" + _RUN)
_BEFORE_EITHER = _BEFORE_FORMULAS | frozenset("0123456789")
"""What a text must begin with to need a closer look."""


def marked(texts: Iterable[str], *, numbers: bool = False) -> list[str]:
    """Texts with an apostrophe before what a spreadsheet would run; with `numbers`, before what it would redraw too."""
    begins, needs = (_BEFORE_EITHER, _FORMULA_OR_NUMBER) if numbers else (_BEFORE_FORMULAS, _FORMULA)
    return [text if not text or text[0] not in begins or not needs.match(text) else f"'{text}" for text in texts]


def joined(cells: Sequence[str]) -> str:
    """Cells as a part of a line, in quotes where they must be."""
    text = ",".join(cells)
    if text.count(",") < len(cells) and not ('"' in text or "\n" in text or "\r" in text):
        return text
    return ",".join([_quoted(cell) for cell in cells])


def line(cells: Iterable[object]) -> str:
    """A whole line with its end. Texts are marked; numbers and days are ours and stay as they are."""
    return joined([marked([cell])[0] if isinstance(cell, str) else str(cell) for cell in cells]) + "\r\n"


def _quoted(cell: str) -> str:
    if '"' in cell or "," in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell
