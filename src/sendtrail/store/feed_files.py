"""Files and pushes that came in, how they went, and what could not be taken from them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sendtrail.domain.observation import Facility, Problem
from sendtrail.domain.scope import Scope
from sendtrail.store.database import Connection
from sendtrail.store.ingest import Tally


class FeedFileRow(NamedTuple):
    """One file or push. `finished_at`: when it was first read to its end; None while it is being read, also once more.

    `new` counts what it brought over all its readings; `duplicate` what was known from elsewhere when it was first read
    to its end, so a reading that was broken off and begun again counts nothing of its own; `unmatched` and `rejected`
    are those of the last reading. `incomplete`: its end was missing, or damaged.

    `oldest_at`, `newest_at`: the times of what it tells. `brought_by`: the actor who brought it first, `feed_name` the
    credentials that it was pushed with. `claimed`: somebody is reading it, and has come as far as `bytes_read`.
    """

    id: int
    name: str
    format: str
    digest: bytes
    bytes: int
    received_at: datetime
    finished_at: datetime | None
    new: int
    duplicate: int
    unmatched: int
    rejected: int
    sample: bool
    brought_by: str
    feed_name: str | None
    oldest_at: datetime | None
    newest_at: datetime | None
    claimed: bool
    bytes_read: int
    incomplete: bool


class Totals(NamedTuple):
    """What the files of some time brought together."""

    files: int
    new: int
    duplicate: int
    unmatched: int
    rejected: int


_SELECT = """
    select feed_file.id, feed_file.name, format, digest, bytes, received_at, finished_at, new, duplicate, unmatched,
           rejected, sample, brought_by, feed.name, oldest_at, newest_at,
           finished_at is null and claimed_until > now(), bytes_read, incomplete
      from feed_file
      left join feed on feed.id = feed_id
     where feed_file.organization_id = %(organization_id)s and feed_file.live = %(live)s
"""


async def register(
    connection: Connection,
    scope: Scope,
    *,
    name: str,
    digest: bytes,
    size: int,
    feed_id: int | None,
    lease: timedelta,
    sample: bool = False,
    format_: str = "",
) -> tuple[int, bool]:
    """Note a file that the archive has, and claim it for `lease`: its number, and whether it came before.

    One that came before keeps its number and when it was first received and read. `sample`: it was made up, to look
    around with. `format_`: as whoever brought it says, which its bytes alone do not.
    """
    cursor = await connection.execute(
        """insert into feed_file (organization_id, live, feed_id, name, digest, bytes, claimed_until, brought_by,
                                  sample, format)
           values (%s, %s, %s, %s, %s, %s, now() + %s, %s, %s, %s)
           on conflict (organization_id, live, digest)
           do update set finished_at = null, claimed_until = excluded.claimed_until, bytes_read = 0,
                         format = case when excluded.format <> '' then excluded.format else feed_file.format end
           returning id, received_at < now()""",
        [scope.organization_id, scope.live, feed_id, name, digest, size, lease, scope.actor, sample, format_],
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 — an insert with returning answers
    number, known = row
    await connection.execute("delete from reject where feed_file_id = %s", [number])  # it is read from the beginning
    return number, known


class Step(NamedTuple):
    """One batch of a file: how far the file was read then, and from when to when it tells of; None where of nothing."""

    bytes_read: int = 0
    oldest_at: datetime | None = None
    newest_at: datetime | None = None


async def progressed(
    connection: Connection, scope: Scope, feed_file_id: int, tally: Tally, lease: timedelta, step: Step
) -> None:
    """Count what a batch brought, in its transaction, and hold the file for another while.

    What was given back stays so: a reader that was stopped may have had its last batch under way.
    """
    await connection.execute(
        """update feed_file
              set new = new + %(new)s,
                  claimed_until = case when claimed_until > now() then now() + %(lease)s else claimed_until end,
                  bytes_read = greatest(bytes_read, %(bytes_read)s),
                  oldest_at = least(oldest_at, %(oldest_at)s::timestamptz),
                  newest_at = greatest(newest_at, %(newest_at)s::timestamptz)
            where id = %(id)s and organization_id = %(organization_id)s""",
        {
            **step._asdict(),
            "new": tally.new,
            "lease": lease,
            "id": feed_file_id,
            "organization_id": scope.organization_id,
        },
    )


async def hold(connection: Connection, scope: Scope, feed_file_id: int, lease: timedelta) -> None:
    """A reader's sign of life."""
    await connection.execute(
        "update feed_file set claimed_until = now() + %s where id = %s and organization_id = %s",
        [lease, feed_file_id, scope.organization_id],
    )


async def give_back(connection: Connection, scope: Scope, feed_file_id: int) -> None:
    """Nobody reads the file any more: the next who asks may."""
    await connection.execute(
        "update feed_file set claimed_until = 'epoch' where id = %s and organization_id = %s",
        [feed_file_id, scope.organization_id],
    )


async def finish(
    connection: Connection, scope: Scope, feed_file_id: int, tally: Tally, format_: str, *, incomplete: bool = False
) -> None:
    """The file has been read to its end. `tally`: of this reading, from the file's beginning."""
    await connection.execute(
        """update feed_file
              set finished_at = coalesce(first_finished_at, now()),
                  first_finished_at = coalesce(first_finished_at, now()),
                  bytes_read = bytes,
                  duplicate = case when first_finished_at is null
                                   then greatest(%(matched)s - new, 0) else duplicate end,
                  unmatched = %(unmatched)s,
                  rejected = (select count(*) from reject where feed_file_id = feed_file.id),
                  format = %(format)s,
                  incomplete = %(incomplete)s
            where id = %(id)s and organization_id = %(organization_id)s""",
        {
            "matched": tally.new + tally.duplicate,
            "unmatched": tally.unmatched,
            "format": format_,
            "incomplete": incomplete,
            "id": feed_file_id,
            "organization_id": scope.organization_id,
        },
    )


async def read(connection: Connection, scope: Scope, feed_file_id: int) -> FeedFileRow | None:
    cursor = await connection.execute(_SELECT + "and feed_file.id = %(id)s", {**_within(scope), "id": feed_file_id})
    row = await cursor.fetchone()
    return FeedFileRow(*row) if row else None


async def page(connection: Connection, scope: Scope, before: int | None, limit: int) -> list[FeedFileRow]:
    """Newest first; `before` is the last one of the page before."""
    cursor = await connection.execute(
        _SELECT
        + "and (%(before)s::bigint is null or feed_file.id < %(before)s) order by feed_file.id desc limit %(limit)s",
        {**_within(scope), "before": before, "limit": limit},
    )
    return [FeedFileRow(*row) async for row in cursor]


async def totals(connection: Connection, scope: Scope, age: timedelta) -> Totals:
    """What came in since `age` ago."""
    cursor = await connection.execute(
        """select count(*), coalesce(sum(new), 0)::bigint, coalesce(sum(duplicate), 0)::bigint,
                  coalesce(sum(unmatched), 0)::bigint, coalesce(sum(rejected), 0)::bigint
             from feed_file
            where organization_id = %(organization_id)s and live = %(live)s and received_at > now() - %(age)s""",
        {**_within(scope), "age": age},
    )
    row = await cursor.fetchone()
    return Totals(*row) if row else Totals(0, 0, 0, 0, 0)


async def keep_rejects(connection: Connection, scope: Scope, feed_file_id: int, problems: Sequence[Problem]) -> None:
    """Keep what could not be taken; once, however often the file is read."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            """insert into reject (feed_file_id, organization_id, live, line, reason, raw)
               values (%s, %s, %s, %s, %s, %s) on conflict do nothing""",
            [
                (feed_file_id, scope.organization_id, scope.live, problem.line, problem.reason[:500], problem.raw)
                for problem in problems
            ],
        )


async def rejects(
    connection: Connection, scope: Scope, feed_file_id: int, after_line: int, limit: int
) -> list[Problem]:
    """Lines that could not be taken, in their order, from the one after `after_line`."""
    cursor = await connection.execute(
        """select line, reason, raw from reject
            where feed_file_id = %s and organization_id = %s and live = %s and line > %s
            order by line, reason limit %s""",
        [feed_file_id, scope.organization_id, scope.live, after_line, limit],
    )
    return [Problem(line, reason, bytes(raw)) async for line, reason, raw in cursor]


class UnmatchedRow(NamedTuple):
    """A scan whose send is not known. `item` and `meta` as in `domain.packing`."""

    mid_serial: int
    item: int
    meta: int
    label: int
    feed_file_id: int | None


async def unmatched(
    connection: Connection, scope: Scope, after: tuple[int, int, int], limit: int
) -> list[UnmatchedRow]:
    """Scans that match no send, by barcode and item, from those after `after` (zeros: from the beginning)."""
    cursor = await connection.execute(
        """select mid_serial, item, meta, label, feed_file_id from unmatched
            where organization_id = %s and live = %s and (mid_serial, item, label) > (%s, %s, %s)
            order by mid_serial, item, label limit %s""",
        [scope.organization_id, scope.live, *after, limit],
    )
    return [UnmatchedRow(*row) async for row in cursor]


async def count_unmatched(connection: Connection, scope: Scope) -> int:
    """How many scans match no send."""
    cursor = await connection.execute(
        "select count(*) from unmatched where organization_id = %(organization_id)s and live = %(live)s", _within(scope)
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def learn_facilities(connection: Connection, scope: Scope, facilities: Iterable[Facility]) -> None:
    """Take the names that a feed gives to facilities; the newest name wins."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            """insert into facility (organization_id, live, zip, name, city, state, locale)
               values (%s, %s, %s, %s, %s, %s, %s)
               on conflict (organization_id, live, zip)
               do update set name = excluded.name, city = excluded.city, state = excluded.state,
                             locale = excluded.locale
               where facility is distinct from excluded""",
            [(scope.organization_id, scope.live, *facility) for facility in sorted(facilities)],
        )


def _within(scope: Scope) -> dict[str, object]:
    return {"organization_id": scope.organization_id, "live": scope.live}
