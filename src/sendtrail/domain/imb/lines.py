"""Barcodes a line at a time, as `sendtrail imb` reads and prints them: a line in, a line out."""

from sendtrail.domain.imb.barcode import ImbError
from sendtrail.domain.imb.codec import decode, encode


def digits_of_line(line: str) -> tuple[str, str]:
    """Tracking and routing code of `TRACKING,ROUTING` or `TRACKING ROUTING`, unchecked; '' for what is not there."""
    tracking, comma, routing = line.partition(",")
    if not comma:
        tracking, routing, *_ = *line.split(None, 1), "", ""
    return tracking, routing


def encode_line(line: str) -> str:
    """The 65 letters of `TRACKING`, `TRACKING,ROUTING` or `TRACKING ROUTING`; `error: …` for a refused one."""
    try:
        return encode(*digits_of_line(line))
    except ImbError as refusal:
        return f"error: {refusal.message}"


def decode_line(line: str) -> str:
    """`TRACKING,ROUTING` of 65 letters, nothing behind the comma where there is no routing; `error: …` else."""
    try:
        return ",".join(decode(line))
    except ImbError as refusal:
        return f"error: {refusal.message}"
