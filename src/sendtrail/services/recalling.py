"""Reports of vendors and carriers that came before their send: they join its trail as soon as it appears."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sendtrail.domain.events import CODE_BY_ID
from sendtrail.domain.observation import Problem
from sendtrail.domain.packing import ITEM, from_ms
from sendtrail.domain.scope import Scope
from sendtrail.domain.wordings import fitting, never
from sendtrail.store import feed_files, ingest, unmatched_reports
from sendtrail.store.database import Connection
from sendtrail.store.ingest import Kept
from sendtrail.store.unmatched_reports import Waiting


async def recalled(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> list[Kept]:
    """What waited for these sends, for `ingest.kept_rows`; it waits no more.

    What cannot happen to a send of its kind is kept as refused, with the file that brought it.
    """
    if not send_ids:
        return []
    found = await unmatched_reports.waiting(connection, scope, send_ids)
    rows = []
    for each in found:
        item = fitting(each.item, each.kind)
        if item is not None:
            rows.append(Kept(each.send_id, item, each.meta, each.expected, each.detail))
        elif each.feed_file_id:
            await feed_files.keep_rejects(connection, scope, each.feed_file_id, [_refused(each)])
    if found:
        await unmatched_reports.remove(connection, scope, [each.id for each in found])
    return rows


async def recall(connection: Connection, scope: Scope, send_ids: Sequence[int]) -> int:
    """Give these sends what waited for them, in a batch of its own; how many events came of it."""
    rows = await recalled(connection, scope, send_ids)
    return (await ingest.record(connection, scope, ingest.kept_rows(rows))).new if rows else 0


def _refused(each: Waiting) -> Problem:
    fields = ITEM.unpack(each.item)
    code, at = CODE_BY_ID[fields["sub"]], from_ms(fields["ms"]).astimezone(UTC)
    return Problem(1, never(each.kind, code), f"{code},{datetime.isoformat(at)}".encode())
