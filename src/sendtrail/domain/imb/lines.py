"""Barcodes a line at a time, as `sendtrail imb` reads and prints them: a line in, a line out."""

from sendtrail.domain.imb.barcode import ImbError
from sendtrail.domain.imb.codec import decode, encode


def encode_line(line: str) -> str:
    """The 65 letters of `TRACKING` or `TRACKING,ROUTING`; `error: …` for a refused one."""
    tracking, _, routing = line.partition(",")
    try:
        return encode(tracking, routing)
    except ImbError as refusal:
        return f"error: {refusal.message}"


def decode_line(line: str) -> str:
    """`TRACKING,ROUTING` of 65 letters, nothing behind the comma where there is no routing; `error: …` else."""
    try:
        return ",".join(decode(line))
    except ImbError as refusal:
        return f"error: {refusal.message}"
