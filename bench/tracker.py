"""How long the Send Tracker takes over SENDTRAIL_BENCH_SENDS sends of a year: first pages, counts, CSV, and the indexes."""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

import psycopg

from sendtrail.config import Config
from sendtrail.domain.events import ID_BY_CODE, Evidence, Source
from sendtrail.domain.packing import NO_OPERATION, to_ms
from sendtrail.domain.phases import Phase
from sendtrail.domain.roles import ROLES
from sendtrail.domain.scope import Scope
from sendtrail.services import tracker
from sendtrail.services.context import Context, open_context
from sendtrail.services.tracker import Wanted
from sendtrail.store.cluster import running
from sendtrail.store.meaning import selector
from sendtrail.store.migrate import migrate

SENDS = int(os.environ.get("SENDTRAIL_BENCH_SENDS", "10000000"))
DAYS = 365
PIECE = 500_000
"""Sends that are written in one transaction."""
ROUNDS = 7
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
OFTEN = {"unscanned": 30, "returned": 70, "held": 100_000, "printed": 20_000}
"""One send out of so many goes this way; the others are delivered."""

SEARCHES = {
    "all sends": Wanted(),
    "status: delivered": Wanted(status="delivered"),
    "status: returned, one in 70": Wanted(status="returned"),
    "status: printed and stuck, one in 20,000": Wanted(status="printed"),
    "status: held, one in 100,000": Wanted(status="held"),
    "kind: gift": Wanted(kind="gift"),
    "sector: single": Wanted(sector="single"),
    "campaign": Wanted(campaign="Campaign 3"),
    "campaign, and status: returned": Wanted(campaign="Campaign 3", status="returned"),
    "team": Wanted(team="Team 3"),
    "sender": Wanted(sender="member7@example.com"),
    "sender, and status: held": Wanted(sender="member7@example.com", status="held"),
    "supplier": Wanted(supplier="Amazon"),
    "tag of one in 20": Wanted(tag="spring"),
    "tag of one in 100,000": Wanted(tag="vip"),
    "mailing class": Wanted(mailing_class="first_class"),
    "a month": Wanted(start=FIRST + timedelta(days=100), end=FIRST + timedelta(days=130)),
    "name begins with one letter": Wanted(q="m"),
    "name begins with three letters": Wanted(q="mar"),
    "two words": Wanted(q="maria ok"),
    "a rare name": Wanted(q="zuzanna"),
    "company": Wanted(q="company4711"),
    "e-mail": Wanted(q="maria4711@"),
    "word that nobody has": Wanted(q="nobodyhasit"),
    "external id": Wanted(q="order-4711"),
    "oldest first": Wanted(sort="day"),
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sendtrail-bench-") as folder:
        Path(folder).chmod(0o711)
        asyncio.run(_measure(Config.load(data=Path(folder) / "data")))


async def _measure(config: Config) -> None:
    async with running(config.data) as dsn:
        await migrate(dsn)
        started = time.monotonic()
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            await _write(connection)
        print(f"{SENDS:,} sends of {DAYS} days, written in {time.monotonic() - started:.0f} s")
        async with open_context(dsn, config) as context:
            everybody = Scope(1, True, "bench")
            await _print(context, everybody, "admin", SEARCHES)
            some = {name: SEARCHES[name] for name in ("all sends", "status: returned, one in 70", "two words")}
            await _print(context, replace(everybody, rights=ROLES["manager"], member_id=7, teams=(2,)), "manager", some)
            await _print(context, replace(everybody, rights=ROLES["sender"], member_id=7, teams=(2,)), "sender", some)
            async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
                await _print_sizes(connection)


async def _print(context: Context, scope: Scope, who: str, searches: dict[str, Wanted]) -> None:
    print(f"  {who:<42}{'page':>9}{'next':>9}{'counts':>9}")
    for name, wanted in searches.items():
        _, after = await tracker.list_sends(context, scope, wanted, 50)
        counts = await tracker.tally(context, scope, wanted)
        n = sum(counts.by_code.get(code, 0) for code in (wanted.status or "").split(",")) if wanted.status else counts.total
        first = await _ms(partial(tracker.list_sends, context, scope, wanted, 50))
        further = await _ms(partial(tracker.list_sends, context, scope, replace(wanted, after=after), 50)) if after else 0
        counting = await _ms(partial(tracker.tally, context, scope, wanted))
        shown = f"{n:,}" if counts.exact or n <= tracker.COUNTED else f"{tracker.COUNTED:,}+"
        print(f"  {name:<42}{first:6.1f} ms{further:6.1f} ms{counting:6.1f} ms{shown:>14}")


async def _ms(call: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await call()
        times.append(time.perf_counter() - started)
    return median(times) * 1000


async def _print_sizes(connection: psycopg.AsyncConnection) -> None:
    cursor = await connection.execute(
        "select relname, pg_relation_size(oid) from pg_class"
        " where relname ~ '^(send|state|term|alias)(_|$)' and relkind in ('r', 'i') and pg_relation_size(oid) > 0"
        " order by 2 desc"
    )
    async for name, size in cursor:
        print(f"  {name:<64}{size / SENDS:8.1f} bytes a send")


async def _write(connection: psycopg.AsyncConnection) -> None:
    """The sends straight into the tables; indexes are made afterwards."""
    cursor = await connection.execute(
        "select indexname, indexdef from pg_indexes where tablename in ('send', 'state') and indexname !~ 'pkey$'"
    )
    indexes = await cursor.fetchall()
    for name, _ in indexes:
        await connection.execute(f"drop index {name}".encode())
    await connection.execute("alter table term drop constraint term_pkey")
    await connection.execute(
        "insert into organization (name) values ('One');"
        "insert into member (email, password_hash) select 'member' || n || '@example.com', '' from generate_series(1, 40) n;"
        "insert into membership (organization_id, member_id, role) select 1, id, 'sender' from member;"
        "insert into team (organization_id, name) select 1, 'Team ' || n from generate_series(1, 8) n;"
        "insert into campaign (organization_id, live, name, type)"
        " select 1, true, 'Campaign ' || n, case when n <= 20 then 'triggered' else 'bulk' end"
        "  from generate_series(1, 20 + 2 * 365) n"
    )
    await _write_ways(connection)
    for first in range(0, SENDS, PIECE):
        await connection.execute(_PIECE.encode(), {"first": first, "last": min(first + PIECE, SENDS) - 1, "sends": SENDS})
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
            "insert into way select day, %(way)s, array_agg(item order by place), max(item_best(item, code, stage, rank))"
            "  from generate_series(0, %(days)s - 1) day"
            " cross join unnest(%(hours)s::int[], %(selectors)s::int[]) with ordinality given (hours, selector, place)"
            "  join code using (selector)"
            " cross join lateral (select ((%(begin)s + (day * 24 + hours) * 3600000::bigint) << 22) | selector) made (item)"
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


_CASES = " ".join(f"when hashint8(n * 7 + 1) %% {often} = 0 then '{way}'" for way, often in OFTEN.items())
_PIECE = f"""
with plan as materialized (
    select n + 1 as send_id, (n * {DAYS} / %(sends)s)::int as day, case {_CASES} else 'delivered' end as way,
           case when n %% 25 < 17 then 20 + (n * {DAYS} / %(sends)s)::int * 2 + 1 + n %% 2
                when n %% 25 < 22 then 1 + abs(hashint8(n)) %% 20 else 0 end as campaign_id,
           (array['maria','james','linda','robert','aisha','wei','carlos','emma','john','martha'])[1 + abs(hashint8(n + 1)) %% 10]
               as first_name,
           case when n %% 50000 = 7 then 'zuzanna'
                else chr(97 + abs(hashint8(n + 2)) %% 26) || 'k' || abs(hashint8(n + 3)) %% 3000 end as last_name,
           'company' || abs(hashint8(n + 4)) %% 50000 as company,
           case when n %% 3 = 0 then 'maria' || n || '@example.com' else '' end as email,
           case when n %% 25 >= 17 and n %% 100 = 24 then 'Amazon' else '' end as supplier,
           array_remove(array[case when n %% 20 = 3 then 'spring' end, case when n %% 100000 = 11 then 'vip' end], null) as tags,
           case when n %% 2 = 0 then 'first_class' else 'marketing' end as mailing_class
      from generate_series(%(first)s::bigint, %(last)s::bigint) n
), dated as materialized (
    select plan.*, case when campaign_id > 0 then 1 + campaign_id %% 40 else 1 + abs(hashint8(send_id)) %% 40 end as owner_id,
           1 + campaign_id %% 8 as team_id, case when supplier <> '' then 5 else 1 + campaign_id %% 4 end as kind, date '{FIRST}' + day as created_on, trail, best,
           chr(10) || concat_ws(chr(10), first_name, last_name, company, nullif(email, ''), '&' || company,
               case when email <> '' then '=' || email else '=' || first_name || ' ' || last_name || ' 10001' end,
               case when supplier <> '' then '$amazon' end, '%%' || mailing_class, '#' || tags[1]) || chr(10) as terms
      from plan join way using (day, way)
), sent as (
    insert into send (send_id, organization_id, live, kind, campaign_id, created_at, created_on, recipient, post, supplier,
                      tags, mailing_class, external_id, currency, owner_id, team_id, terms)
    select send_id, 1, true, kind, campaign_id, created_on, created_on,
           jsonb_build_object('name', initcap(first_name || ' ' || last_name), 'company', initcap(company), 'email', email,
                              'address_line1', '1 Main Street', 'city', 'New York', 'state', 'NY',
                              'postal_code', '10001', 'country', 'US'),
           'usps', supplier, tags, mailing_class, 'order-' || send_id, 'USD', owner_id, team_id, terms
      from dated
), stood as (
    insert into state (send_id, organization_id, campaign_id, owner_id, team_id, cost_cents, created_on, kind, live,
                       currency, trail, meta, best)
    select send_id, 1, campaign_id, owner_id, team_id, 70, created_on, kind, true, 'USD', trail,
           array_fill(0::bigint, array[cardinality(trail)]), best
      from dated
), called as (
    insert into alias select 1, true, 'external_id', 'order-' || send_id, send_id from dated
)
insert into term
select 1, true, term, created_on, send_id
  from dated cross join unnest(string_to_array(trim(terms, chr(10)), chr(10))) term
"""
