"""A year of mail, written straight into the tables: what the benches of lists and files read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from sendtrail.domain.events import ID_BY_CODE, Evidence, Source
from sendtrail.domain.packing import NO_OPERATION, to_ms
from sendtrail.domain.phases import Phase
from sendtrail.store.meaning import selector

DAYS = 365
PIECE = 500_000
"""Sends that are written in one transaction."""
FIRST = datetime.now(UTC).date() - timedelta(days=DAYS - 1)
MADE = (0, selector(ID_BY_CODE["created"], NO_OPERATION, Source.SYSTEM, Evidence.REPORTED))
PRINTED = (10, selector(ID_BY_CODE["printed"], NO_OPERATION, Source.PRINTER, Evidence.REPORTED))
MAILED = (18, selector(ID_BY_CODE["handed_over"], NO_OPERATION, Source.PRINTER, Evidence.REPORTED))
ORIGIN = (30, selector(Phase.ORIGIN, NO_OPERATION, Source.USPS, Evidence.SCANNED))
LOCAL = (60, selector(Phase.DESTINATION, NO_OPERATION, Source.USPS, Evidence.SCANNED))
OUT = (80, selector(Phase.DESTINATION_SEQUENCED, NO_OPERATION, Source.USPS, Evidence.SCANNED))
DONE = (84, selector(Phase.DELIVERY, NO_OPERATION, Source.USPS, Evidence.LOGICAL))
BACK = (200, selector(ID_BY_CODE["returned"], NO_OPERATION, Source.USPS, Evidence.REPORTED))
HELD = (5, selector(ID_BY_CODE["held"], NO_OPERATION, Source.PERSON, Evidence.REPORTED))
WAYS = {
    "delivered": (MADE, PRINTED, MAILED, ORIGIN, LOCAL, OUT, DONE),
    "unscanned": (MADE, PRINTED, MAILED),
    "returned": (MADE, PRINTED, MAILED, ORIGIN, LOCAL, BACK),
    "held": (MADE, HELD),
    "printed": (MADE, PRINTED),
}
"""What happens to a send: hours from the beginning of its day, and what it is."""
_SENDS = Path(__file__).with_name("year.sql").read_text(encoding="utf-8").encode()


async def write(connection: psycopg.AsyncConnection, sends: int) -> None:
    """An organization with members, teams and campaigns, and its sends; indexes are made afterwards."""
    cursor = await connection.execute(
        "select indexname, indexdef from pg_indexes where tablename in ('send', 'state') and indexname !~ 'pkey$'"
    )
    indexes = await cursor.fetchall()
    for name, _ in indexes:
        await connection.execute(f"drop index {name}".encode())
    await connection.execute("alter table term drop constraint term_pkey")
    await connection.execute(
        "insert into organization (name) values ('One');"
        "insert into member (email, password_hash)"
        " select 'member' || n || '@example.com', '' from generate_series(1, 40) n;"
        "insert into membership (organization_id, member_id, role) select 1, id, 'sender' from member;"
        "insert into team (organization_id, name) select 1, 'Team ' || n from generate_series(1, 8) n;"
        "insert into campaign (organization_id, live, name, type)"
        " select 1, true, 'Campaign ' || n, case when n <= 20 then 'triggered' else 'bulk' end"
        "  from generate_series(1, 20 + 2 * 365) n"
    )
    await _write_ways(connection)
    year = {"sends": sends, "days": DAYS, "first_day": FIRST}
    for first in range(0, sends, PIECE):
        await connection.execute(_SENDS, {**year, "first": first, "last": min(first + PIECE, sends) - 1})
    await connection.execute("set maintenance_work_mem = '1GB'")
    await connection.execute("alter table term add primary key (organization_id, live, term, created_on, send_id)")
    for _, definition in indexes:
        await connection.execute(definition.encode())
    await connection.execute(
        "insert into counts select organization_id, live, created_on, campaign_id, team_id, kind,"
        " best_status(best), currency, 0, count(*), sum(cost_cents) from state group by 1, 2, 3, 4, 5, 6, 7, 8"
    )
    await connection.execute("vacuum analyze")


async def _write_ways(connection: psycopg.AsyncConnection) -> None:
    """The trail of each way on each day, as far as it has come by now."""
    await connection.execute("create temp table way (day int, way text, trail bigint[], best bigint)")
    now = to_ms(datetime.now(UTC))
    begin = to_ms(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC))
    for way, steps in WAYS.items():
        await connection.execute(
            "insert into way"
            " select day, %(way)s, array_agg(item order by place), max(item_best(item, code, stage, rank))"
            "  from generate_series(0, %(days)s - 1) day"
            " cross join unnest(%(hours)s::int[], %(selectors)s::int[]) with ordinality given (hours, selector, place)"
            "  join code using (selector)"
            " cross join lateral (select ((%(begin)s + (day * 24 + hours) * 3600000::bigint) << 22) | selector)"
            "                    made (item)"
            " where place = 1 or item_ms(item) < %(now)s group by day",
            {
                "way": way,
                "days": DAYS,
                "hours": [hours for hours, _ in steps],
                "selectors": [low for _, low in steps],
                "begin": begin,
                "now": now,
            },
        )
