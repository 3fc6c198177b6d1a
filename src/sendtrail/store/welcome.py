"""How far somebody has come who connects their own mail, and what is worth a first look in samples."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection

_NEWEST = 20_000
"""Sends among which an example is looked for, newest first: the search ends with the first one found."""


class ProgressRow(NamedTuple):
    """What of the organization's own mail is there; samples do not count.

    `last_push_at`: by credentials that are in force. `first_scan_at`: when the first file or push was read that held a
    scan of one of its sends; until then `unmatched` counts the scans that came and were of none.
    """

    samples: bool
    mailer_id: bool
    credential: bool
    last_push_at: datetime | None
    file: bool
    send: bool
    first_scan_at: datetime | None
    unmatched: int


async def progress(connection: Connection, scope: Scope, scan_formats: Sequence[str]) -> ProgressRow:
    """Which parts of the organization's own mail are there.

    A send is its own if it was made after the samples came in. The first scan: when the first file came that has one of
    `scan_formats` and a scan of a known send; `unmatched` counts what other such files brought in vain.
    """
    cursor = await connection.execute(
        """
        with own as (
            select received_at, first_finished_at, unmatched, new + duplicate as matched,
                   format = any (%(formats)s) as scans
              from feed_file
             where organization_id = %(organization_id)s and live = %(live)s and not sample
        ), samples as (
            select max(received_at) as last_at
              from feed_file
             where organization_id = %(organization_id)s and live = %(live)s and sample
        ), pushes as (
            select count(*) as n, max(last_heard_at) as last_at
              from feed
             where organization_id = %(organization_id)s and live = %(live)s and revoked_at is null
        )
        select samples.last_at is not null,
               exists (select from mailer_id
                        where organization_id = %(organization_id)s and live = %(live)s and not sample),
               pushes.n > 0,
               pushes.last_at,
               exists (select from own),
               (select created_at from send where organization_id = %(organization_id)s and live = %(live)s
                 order by send_id desc limit 1) > coalesce(samples.last_at, '-infinity') is true,
               (select min(first_finished_at) from own where scans and matched > 0),
               (select coalesce(sum(unmatched), 0)::bigint from own where scans and matched = 0)
          from samples, pushes
        """,
        {**_within(scope), "formats": list(scan_formats)},
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 — one row, whatever is there
    return ProgressRow(*row)


async def largest_campaign(connection: Connection, scope: Scope) -> int | None:
    """The campaign with most sends."""
    cursor = await connection.execute(
        """select campaign_id from counts
            where organization_id = %(organization_id)s and live = %(live)s and campaign_id <> 0
            group by campaign_id order by sum(n) desc, campaign_id limit 1""",
        _within(scope),
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def send_with(connection: Connection, scope: Scope, code: int) -> tuple[int, int] | None:
    """Number and kind of a late send whose trail holds an event of this code."""
    cursor = await connection.execute(
        """select send_id, kind
             from (select send_id from send where organization_id = %(organization_id)s and live = %(live)s
                    order by send_id desc limit %(newest)s) newest
             join state using (send_id)
            where exists (select from unnest(trail) item join code on code.selector = item_selector(item)
                           where code.code = %(code)s)
            order by send_id desc limit 1""",
        {**_within(scope), "code": code, "newest": _NEWEST},
    )
    return await cursor.fetchone()


def _within(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
