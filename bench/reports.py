"""How long the numbers of a page take: half a year of mail for the report, and one large campaign.

Each organization has SENDTRAIL_BENCH_SENDS sends. The one sends them in 5 bulk campaigns begun each day and 20
triggered ones, the other in one mailing.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, cast

import httpx
import psycopg

from bench.installation import installed
from sendtrail.app import create
from sendtrail.domain.events import ID_BY_CODE, Evidence, Source
from sendtrail.domain.packing import NO_OPERATION, to_ms
from sendtrail.domain.phases import Phase
from sendtrail.domain.scope import Scope
from sendtrail.services import accounts, campaigns, histories, reports, sessions
from sendtrail.services.context import Context
from sendtrail.services.sessions import Session
from sendtrail.services.tracker import Wanted, list_sends
from sendtrail.store.meaning import selector

SENDS = int(os.environ.get("SENDTRAIL_BENCH_SENDS", "1000000"))
DAYS = 180
BULK = 5
"""Bulk campaigns begun each day; each has its sends on that day."""
TRIGGERED = 20
"""Triggered campaigns, with sends on every day."""
ROUNDS = 30
TODAY = datetime.now(UTC).date()
FIRST = TODAY - timedelta(days=DAYS - 1)
STEPS = (
    (-30, selector(ID_BY_CODE["created"], NO_OPERATION, Source.SYSTEM, Evidence.REPORTED)),
    (18, selector(ID_BY_CODE["handed_over"], NO_OPERATION, Source.PRINTER, Evidence.REPORTED)),
    (30, selector(Phase.ORIGIN, NO_OPERATION, Source.USPS, Evidence.SCANNED)),
    (60, selector(Phase.DESTINATION, NO_OPERATION, Source.USPS, Evidence.SCANNED)),
    (80, selector(Phase.DESTINATION_SEQUENCED, NO_OPERATION, Source.USPS, Evidence.SCANNED)),
    (84, selector(Phase.DELIVERY, NO_OPERATION, Source.USPS, Evidence.LOGICAL)),
    (200, selector(ID_BY_CODE["returned"], NO_OPERATION, Source.USPS, Evidence.REPORTED)),
)
"""What happens to a send: hours from the beginning of its day, and what it is. It takes up to six days longer."""

Call = Callable[[], Awaitable[object]]


def main() -> None:
    asyncio.run(_measure())


async def _measure() -> None:
    async with installed() as context:
        various, one = await _prepare(context)
        await _work_out(context)
        async with await psycopg.AsyncConnection.connect(context.dsn, autocommit=True) as connection:
            await connection.execute("vacuum analyze")
        await _print_reports(context, various)
        await _print_campaign(context, one)
        await _print_pages(context)


async def _print_reports(context: Context, scope: Scope) -> None:
    print(f"reports over {SENDS:,} sends in {DAYS} days")
    for days in (30, DAYS):
        period = (context, scope, TODAY - timedelta(days=days - 1), TODAY)
        calls: dict[str, Call] = {
            "summary": partial(reports.summary, *period),
            "timeline": partial(reports.timeline, *period),
            "both (overview)": partial(reports.overview, *period),
            "days to deliver": partial(reports.days_to_deliver, *period),
            "bulk campaigns": partial(reports.campaign_rows, *period, "bulk"),
            "single items": partial(reports.item_rows, *period, "single"),
            "latest period": partial(reports.latest_period_with_mail, context, scope),
        }
        await _print(
            f"{days:>4} days", calls, ("both (overview)", "days to deliver", "bulk campaigns", "latest period")
        )


async def _print_campaign(context: Context, scope: Scope) -> None:
    ((found,), _) = await campaigns.list_campaigns(context, scope)
    print(f"one campaign of {found.total:,} sends")
    calls: dict[str, Call] = {
        "detail": partial(campaigns.get, context, scope, found.id),
        "history": partial(campaigns.history, context, scope, found.id),
        "first pieces": partial(list_sends, context, scope, Wanted(campaign=found.id), 50),
        "days to deliver": partial(reports.days_to_deliver, context, scope, FIRST, TODAY, campaign_id=found.id),
    }
    await _print("campaign", calls, tuple(calls))


async def _print_pages(context: Context) -> None:
    """Whole pages, from request to answer, without the network."""
    ((campaign,), _) = await campaigns.list_campaigns(context, Scope(2, True, "bench"))
    app = create(replace(context.config, database_url=context.dsn))
    async with app.lifespan():
        for organization, addresses in (
            ("Various", ("/reports", "/reports?period=last_90_days", f"/reports?start={FIRST}&end={TODAY}")),
            ("One", (f"/campaigns/{campaign.id}",)),
        ):
            email = f"{organization.lower()}@example.com"
            member = await accounts.add_user(context, email, "admin", organization, "long enough")
            session = Session(member.id, member.email, member.memberships[0].organization_id)
            cookies = {"sendtrail_session": await sessions.begin(context, session)}
            transport = httpx.ASGITransport(cast(Any, app))
            async with httpx.AsyncClient(transport=transport, base_url="http://bench", cookies=cookies) as client:
                for address in addresses:
                    answer = await client.get(address)
                    assert answer.status_code == 200, answer.text
                    ms = await _median(partial(client.get, address))
                    print(f"  {address:<44}{ms:6.1f} ms  {len(answer.content) / 1000:,.0f} kB")


async def _print(what: str, calls: dict[str, Call], page: Sequence[str]) -> None:
    took = {name: await _median(call) for name, call in calls.items()}
    for name, ms in took.items():
        print(f"  {what:<10} {name:<18}{ms:6.1f} ms")
    print(f"  {what:<10} {'a page of them':<18}{sum(took[name] for name in page):6.1f} ms")


async def _median(call: Call) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await call()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


async def _work_out(context: Context) -> None:
    started = time.monotonic()
    cells = 0
    while done := await histories.refresh(context, rest=timedelta()):
        cells += done
    took = time.monotonic() - started
    print(
        f"history of {2 * SENDS:,} sends in {cells:,} days of campaigns: {took:.1f} s, {2 * SENDS / took:,.0f} sends/s"
    )


async def _prepare(context: Context) -> tuple[Scope, Scope]:
    """Two organizations with their mail, written straight into the tables."""
    async with context.database.transaction() as connection:
        await connection.execute("insert into organization (name) values ('Various'), ('One')")
        await connection.execute(
            "insert into campaign (organization_id, live, name, type)"
            " select 1, true, 'Campaign ' || n, case when n <= %(triggered)s then 'triggered' else 'bulk' end"
            "  from generate_series(1, %(triggered)s + %(days)s * %(bulk)s) n"
            " union all select 2, true, 'The one', 'bulk'",
            {"triggered": TRIGGERED, "days": DAYS, "bulk": BULK},
        )
        await connection.execute(
            "create temp table step on commit drop as"
            " select place, hours, selector, code, stage, rank"
            "  from unnest(%(hours)s::int[], %(selectors)s::int[]) with ordinality given (hours, selector, place)"
            "  join code using (selector)",
            {"hours": [hours for hours, _ in STEPS], "selectors": [low for _, low in STEPS]},
        )
        await connection.execute(
            "insert into send (send_id, organization_id, live, kind, campaign_id, created_at, created_on, recipient,"
            " post, currency)"
            " select n, organization_id, true, 1 + campaign_id %% 4, campaign_id, now(), %(first)s + day,"
            " jsonb_build_object('name', 'Recipient ' || n, 'postal_code', '10001'), 'usps', 'USD'"
            "  from (select n, 1 as organization_id, day, case when n %% 25 < %(triggered)s then 1 + n %% 25"
            "               else day * %(bulk)s + n %% 25 + 1 end as campaign_id"
            "          from generate_series(1, %(sends)s) n"
            "         cross join lateral (select ((n - 1) * %(days)s / %(sends)s)::int) spread (day)"
            "        union all"
            "        select n, 2, 160, %(one)s from generate_series(%(sends)s + 1, 2 * %(sends)s) n) planned",
            {
                "first": FIRST,
                "days": DAYS,
                "sends": SENDS,
                "bulk": BULK,
                "triggered": TRIGGERED,
                "one": TRIGGERED + DAYS * BULK + 1,
            },
        )
        await connection.execute(
            "insert into state (send_id, organization_id, campaign_id, cost_cents, created_on, kind, live, currency,"
            " trail, meta, best)"
            " select send_id, organization_id, campaign_id, 70, created_on, kind, true, 'USD', trail,"
            " array_fill(0::bigint, array[cardinality(trail)]), best"
            "  from send cross join lateral ("
            "       select array_agg(item order by place) as trail, max(item_best(item, code, stage, rank)) as best"
            "         from (select *, ((%(begin)s + (created_on - %(first)s) * 86400000::bigint"
            "                          + (hours + send_id * 7919 %% 144) * 3600000::bigint) << 22) | selector as item"
            "                 from step"
            "                where place <= 4 + (send_id %% 20 > 0)::int * 2 + (send_id %% 50 = 1)::int) happened"
            "        where place = 1 or item_ms(item) < %(end)s) past",
            {"begin": _ms(FIRST), "end": _ms(TODAY), "first": FIRST},
        )
        await connection.execute(
            "insert into counts select organization_id, live, created_on, campaign_id, team_id, kind,"
            " best_status(best), currency, 0, count(*), sum(cost_cents) from state group by 1, 2, 3, 4, 5, 6, 7, 8"
        )
        await connection.execute(
            "insert into stale (organization_id, live, created_on, campaign_id, slot)"
            " select distinct organization_id, live, created_on, campaign_id, 0 from counts"
        )
    async with await psycopg.AsyncConnection.connect(context.dsn, autocommit=True) as other:
        await other.execute("vacuum analyze")
    return Scope(1, True, "bench"), Scope(2, True, "bench")


def _ms(day: date) -> int:
    return to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC))
