"""Which format a file has, by its first bytes; names of files decide nothing."""

import csv
import re
from typing import NamedTuple

from sendtrail.feeds.scan_fields import attribute_of

IV_MTR_JSON = "iv_mtr_json"
IV_MTR_DELIMITED = "iv_mtr_delimited"
IMB_TRACING = "imb_tracing"
ACS = "acs"
PRINTER = "printer"

HEAD = 1 << 16
"""Bytes that are enough to recognise a file by."""
KNOWN = (
    "Informed Visibility scans (JSON, or with a header of attribute names), legacy IMb Tracing records, "
    "ACS records (columns imb, code, date, new_address) and printer reports (columns imb or send, code, occurred_at)"
)
DELIMITERS = ",|\t;"

_LEGACY = re.compile(r"\s*\d{5}\s*,\s*\w{1,3}\s*,\s*\d{1,2}/\d{1,2}/\d{4} [^,]*,[\d ]*,\s*\d{20}\s*")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")


class UnknownFormat(ValueError):
    """The file is none that we read: one line that says what was found and what would be right."""


class Header(NamedTuple):
    """The first line of a delimited file."""

    delimiter: str
    columns: list[str]
    """Names in lower case, words joined by underscores; attributes of a scan in our spelling."""


def recognise(head: bytes, name: str) -> str:
    """The format of a file that begins with `head` (up to HEAD bytes, more does not matter); UnknownFormat if none."""
    text = head.lstrip(b" \t\r\n\0")
    if text.startswith((b"{", b"[")):
        return IV_MTR_JSON
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnknownFormat(f"{name} is UTF-16 text: save it as UTF-8")
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise UnknownFormat(f"{name} is packed twice: unpack it once")
    lines = text.decode("latin-1").splitlines()
    if any(_LEGACY.fullmatch(line) for line in lines[:100]):
        return IMB_TRACING
    header = read_header(lines[0] if lines else "")
    columns = set(header.columns)
    of_piece = {"imb", "imb_tracking_code"} & columns
    if {"code", "date"} <= columns and of_piece:
        return ACS
    if {"code", "occurred_at"} <= columns and (of_piece or "send" in columns):
        return PRINTER
    if "scan_datetime" in columns and (of_piece or "imb_mid" in columns):
        return IV_MTR_DELIMITED
    if _BINARY.search(head, 0, 1024):
        raise UnknownFormat(f"{name} is binary, such as a picture or a spreadsheet, not text; known are {KNOWN}")
    raise UnknownFormat(f"{name} has the columns {_quoted(header.columns)}; known are {KNOWN}")


def read_header(line: str) -> Header:
    """Split the header of a delimited file by whichever delimiter makes the most of it."""
    delimiter = max(DELIMITERS, key=line.count)
    cells = next(csv.reader([line.strip("\r\n")], delimiter=delimiter), [])
    return Header(delimiter, [_column(cell) for cell in cells])


_SAME = {
    "id": "send",
    "send_id": "send",
    "tracking_number": "send",
    "tracking_code": "imb",
    "imb_or_send": "imb",
    "imb_or_send_id": "imb",
}


def _column(cell: str) -> str:
    if attribute := attribute_of(cell):
        return attribute
    words = re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", cell.strip()).lower()).strip("_")
    return _SAME.get(words, words)


def _quoted(columns: list[str]) -> str:
    shown = ", ".join(repr(column[:30]) for column in columns[:12])
    return shown + (" …" if len(columns) > 12 else "") if shown else "none"
