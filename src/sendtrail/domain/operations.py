"""Operation codes of postal scans: consulted only where a scan has no mail phase.

USPS publishes no list of rows. The table that comes with Sendtrail holds codes on which public readers of the feed
agree (Pitney Bowes' stream as read by mediocre/bloodhound; SnailWorks; mrmailtracker.com); replace it with
`sendtrail import operations FILE`.
"""

import csv
from collections.abc import Iterable
from importlib import resources
from typing import NamedTuple

from sendtrail.domain.events import ID_BY_CODE
from sendtrail.domain.phases import CODE_BY_PHASE, Phase, phase_of

POSTAL_CODES = frozenset(CODE_BY_PHASE.values())
"""What a scan can mean."""


class Operation(NamedTuple):
    operation: int
    code: str
    note: str


def read(lines: Iterable[str]) -> tuple[list[Operation], list[str]]:
    """Read a CSV with a header: `operation` or `operation_code`, and `code` or `mail_phase`; `note` if there is one.

    Returns the rows and one line of complaint for each row that cannot be taken.
    """
    rows: dict[int, Operation] = {}
    problems = []
    reader = csv.DictReader(lines)
    for row in reader:
        text = (row.get("operation") or row.get("operation_code") or "").strip()
        code = (row.get("code") or "").strip() or _code_of_phase(row.get("mail_phase") or "")
        if not text.isascii() or not text.isdigit() or len(text) > 3:
            problems.append(f"line {reader.line_num}: operation '{text}' must be one to three digits")
        elif code not in POSTAL_CODES:
            allowed = ", ".join(sorted(POSTAL_CODES, key=ID_BY_CODE.__getitem__))
            problems.append(f"line {reader.line_num}: code '{code}' must be one of {allowed}")
        else:
            rows[int(text)] = Operation(int(text), code, (row.get("note") or "").strip())
    return list(rows.values()), problems


def shipped() -> list[Operation]:
    """The table that comes with Sendtrail."""
    text = resources.files("sendtrail.domain").joinpath("operations.csv").read_text(encoding="utf-8")
    rows, _ = read(text.splitlines())
    return rows


def _code_of_phase(text: str) -> str:
    phase = phase_of(text)
    return "" if phase is Phase.NONE else CODE_BY_PHASE[phase]
