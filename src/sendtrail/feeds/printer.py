"""Printer reports: `imb` or `send`, `code`, `occurred_at`, and a `note` if there is one.

A printer may tell what a printer does. The code may be ours, our label, or what other systems call it.
"""

import re
from collections.abc import Iterable, Iterator

from sendtrail.domain.events import EVENT_TYPES, Source
from sendtrail.feeds import reports
from sendtrail.feeds.intake import FieldError, Intake, shown

CODES = (
    "in_production",
    "rendered",
    "addressed",
    "printed",
    "reprinting",
    "handed_over",
    "held",
    "resumed",
    "failed",
    "supplier_fulfilling",
    "supplier_shipped",
    "shipped",
)
"""What a printer, or a gift's supplier, can know first-hand."""
_ALSO = {"producing": "in_production", "mailed": "handed_over", "entered": "handed_over", "on hold": "held"}


def _folded(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _spellings() -> dict[str, str]:
    found = {_folded(word): code for word, code in _ALSO.items()}
    for kind in EVENT_TYPES:
        if kind.code in CODES:
            words = {kind.code, kind.postalytics, *kind.lob.split("/")}
            if kind.code != "resumed":  # its label is that of a send just received
                words |= {kind.label, kind.label.rpartition(": ")[2]}
            found.update((_folded(word), kind.code) for word in words if word)
    return found


_CODE_BY_SPELLING = _spellings()


def read(chunks: Iterable[bytes], intake: Intake) -> Iterator[None]:
    """Take the reports of one file; pauses after every block."""
    return reports.observations(chunks, intake, "occurred_at", _event, Source.PRINTER)


def _event(record: reports.Record) -> tuple[str, dict[str, str]]:
    code = _CODE_BY_SPELLING.get(_folded(record["code"]))
    if code is None:
        raise FieldError(f"code {shown(record['code'])} is none of {', '.join(CODES)}")
    return code, {"note": record.get("note", "")}
