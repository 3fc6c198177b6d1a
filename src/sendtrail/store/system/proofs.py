"""What must hold of the whole database at any moment (laws 1 to 3), asked of the database itself.

Each function reads everything once, in the caller's snapshot: writers in between do not disturb the answer. All
organizations are looked at, and only numbers come back.
"""

from sendtrail.store.database import Connection

_COUNTED = """
    select organization_id, live, created_on, campaign_id, team_id, kind, status, currency,
           sum(n)::bigint as n, sum(cost_cents)::bigint as cents
      from counts
     group by organization_id, live, created_on, campaign_id, team_id, kind, status, currency
    having sum(n) <> 0 or sum(cost_cents) <> 0
"""
_RECOUNTED = """
    select organization_id, live, created_on, campaign_id, team_id, kind, best_status(best), currency,
           count(*), sum(cost_cents)::bigint
      from state
     where best <> 0
     group by organization_id, live, created_on, campaign_id, team_id, kind, best_status(best), currency
"""
_BALANCE = """
    select organization_id, fund_id, null::date, 0, 0, type, currency, 0::bigint, sum(cents)::bigint from balance
     group by organization_id, fund_id, type, currency having sum(cents) <> 0
    union all
    select organization_id, fund_id, booked_on, campaign_id, team_id, type, currency, sum(n)::bigint, sum(cents)::bigint
      from booked group by organization_id, fund_id, booked_on, campaign_id, team_id, type, currency
"""
_REBALANCE = """
    select organization_id, fund_id, null::date, 0, 0, type, currency, 0::bigint, sum(cents)::bigint from ledger
     group by organization_id, fund_id, type, currency having sum(cents) <> 0
    union all
    select organization_id, fund_id, booked_on, campaign_id, team_id, type, currency, count(*), sum(cents)::bigint
      from ledger group by organization_id, fund_id, booked_on, campaign_id, team_id, type, currency
"""
_SPENT = """
    select organization_id, sent_on, campaign_id, team_id, currency, -sum(cents)::bigint from ledger
     where type in (charge_type(), refund_type())
     group by organization_id, sent_on, campaign_id, team_id, currency having sum(cents) <> 0
"""
_COST = """
    select organization_id, created_on, campaign_id, team_id, currency, sum(cost_cents)::bigint from counts
     where live and owed(status)
     group by organization_id, created_on, campaign_id, team_id, currency having sum(cost_cents) <> 0
"""
_UNPAID = """
    select count(*)
      from (select send_id, -sum(cents) as cents, bool_or(fund_id <> first_fund) as astray
              from (select send_id, cents, fund_id, first_value(fund_id) over (partition by send_id) as first_fund
                      from ledger where type in (charge_type(), refund_type())) entry
             group by send_id) paid
      full join (select send_id, cost_cents as cents from state where live and cost_cents <> 0 and owed(best)) due
           using (send_id)
     where coalesce(paid.cents, 0) <> coalesce(due.cents, 0) or paid.astray
"""
_STANDING = """
    select organization_id, live, created_on, campaign_id, kind, status_category(status), sum(n)::bigint
      from counts
     where (organization_id, live, created_on, campaign_id) not in (
           select organization_id, live, created_on, campaign_id from stale)
     group by organization_id, live, created_on, campaign_id, kind, status_category(status)
    having sum(n) <> 0
"""
_REMAINED = """
    select organization_id, live, created_on, campaign_id, kind, category, sum(remained)::bigint
      from history
     where (organization_id, live, created_on, campaign_id) not in (
           select organization_id, live, created_on, campaign_id from stale)
     group by organization_id, live, created_on, campaign_id, kind, category
    having sum(remained) <> 0
"""
_UNENGAGED = """
    select count(*)
      from engagement
      full join (select send_id, count(*) filter (where not test) as n,
                        count(*) filter (where not test and not bot and code = 1) as visits,
                        count(*) filter (where not test and bot) as bots,
                        count(*) filter (where not test and not bot and code = 2) as goals,
                        coalesce(sum(value_cents) filter (where not test and not bot and code = 2), 0) as value_cents
                   from response group by send_id) listed using (send_id)
     where engagement.visits + engagement.bots + engagement.goals - unlisted is distinct from coalesce(n, 0)
        or engagement.visits < listed.visits or engagement.bots < listed.bots or engagement.goals < listed.goals
        or unlisted = 0 and engagement.value_cents <> coalesce(listed.value_cents, 0)
        or engagement.visitors > engagement.visits
"""


async def sends(connection: Connection) -> int:
    """How many sends there are."""
    return await _number(connection, "select count(*) from state")


async def miscounted(connection: Connection) -> int:
    """Lines in which `counts` and a recount of all sends differ."""
    return await _number(connection, _differences(_COUNTED, _RECOUNTED))


async def misspent(connection: Connection) -> int:
    """Days, campaigns and teams for which the ledger and what reports make of `counts` differ."""
    return await _number(connection, _differences(_SPENT, _COST))


async def unbalanced(connection: Connection) -> int:
    """Lines in which the totals of the ledger and its sum differ: balances, and days of statements."""
    return await _number(connection, _differences(_BALANCE, _REBALANCE))


async def unpaid(connection: Connection) -> int:
    """Sends for which the ledger does not sum to what they owe, or that were not refunded to whom they were charged."""
    return await _number(connection, _UNPAID)


async def misjudged(connection: Connection) -> int:
    """Sends whose stored status is not that of their trail."""
    return await _number(connection, "select count(*) from state where best <> trail_best(trail)")


async def forgotten(connection: Connection) -> int:
    """Lines in which the end of a history that passes for up to date and `counts` differ."""
    return await _number(connection, _differences(_STANDING, _REMAINED))


async def doubled(connection: Connection) -> int:
    """Sends whose trail holds an event twice, or not one note of its arrival for each event."""
    return await _number(
        connection,
        "select count(*) from state where cardinality(trail) <> cardinality(meta)"
        " or cardinality(trail) <> (select count(distinct item) from unnest(trail) item)",
    )


async def halves(connection: Connection) -> int:
    """Sends that were asked for and have no state, or the other way round."""
    return await _number(
        connection,
        "select count(*) from send full join state using (send_id) where send.kind is null or state.kind is null",
    )


async def unengaged(connection: Connection) -> int:
    """Sends whose totals of visits and goals are not those of their rows and of what was counted without one."""
    return await _number(connection, _UNENGAGED)


async def server_version(connection: Connection) -> str:
    """PostgreSQL's, such as 15.14."""
    cursor = await connection.execute("select split_part(current_setting('server_version'), ' ', 1)")
    row = await cursor.fetchone()
    return str(row[0]) if row else ""


def _differences(one: str, other: str) -> str:
    return f"select count(*) from ((({one}) except all ({other})) union all (({other}) except all ({one}))) difference"  # noqa: S608


async def _number(connection: Connection, query: str) -> int:
    cursor = await connection.execute(query.encode())
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
