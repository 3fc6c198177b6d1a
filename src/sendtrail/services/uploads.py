"""Files that people give to a page: kept as they come in, then read here if they are small, else by a worker."""

import csv
from collections.abc import AsyncIterator
from typing import NamedTuple

from sendtrail.domain.problems import Invalid
from sendtrail.domain.scope import Scope
from sendtrail.domain.send_table import columns
from sendtrail.feeds.formats import HEAD, UnknownFormat, read_header, recognise
from sendtrail.services.context import Context
from sendtrail.services.feeds import MAX_NAME, FeedFile, get_file
from sendtrail.services.ingest import take_stream

_SUFFIX = 16
"""Characters that the ending of a name may have to be kept when the name is cut."""


class Upload(NamedTuple):
    """A file that was given, as it stands then. `known`: it came before. `new`: the events that came of it this time;
    None where it is read later."""

    file: FeedFile
    known: bool
    new: int | None


async def receive_upload(
    context: Context, scope: Scope, chunks: AsyncIterator[bytes], name: str, format_: str = ""
) -> Upload:
    """Keep a file of any size. `format_`: of a vendor's export (`vendor_exports`); others are known by their bytes.

    Invalid, and nothing is kept, for an empty one and for a list of sends, which is no feed.
    """
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= HEAD:
            break
    if not head:
        raise Invalid("the file is empty", "file")
    if not format_ and _lists_sends(head):
        raise Invalid(
            "this is a list of sends, not of scans: take it with sendtrail import sends, or through the API",
            "file",
        )

    async def all_of_them() -> AsyncIterator[bytes]:
        yield head
        async for chunk in chunks:
            yield chunk

    taken = await take_stream(context, scope, all_of_them(), _name(name), format_)
    file = await get_file(context, scope, context.ids.encode("file", taken.feed_file_id))
    return Upload(file, taken.known, taken.new)


def _lists_sends(head: bytes) -> bool:
    try:
        recognise(head, "")
    except UnknownFormat:
        line = head.lstrip().partition(b"\n")[0].decode("utf-8-sig", "replace").strip("\r")
        try:
            return bool(columns(next(csv.reader([line], delimiter=read_header(line).delimiter), [])))
        except (Invalid, csv.Error):
            return False
    return False


def _name(given: str) -> str:
    """A browser names the file; some send the path that it had."""
    name = "".join(sign if sign.isprintable() else " " for sign in given.replace("\\", "/").rpartition("/")[2])
    name = name.strip()
    if len(name) > MAX_NAME:
        stem, dot, suffix = name.rpartition(".")
        ending = f"…{dot}{suffix}" if stem and len(suffix) <= _SUFFIX else "…"
        name = name[: MAX_NAME - len(ending)] + ending
    return name or "upload"
