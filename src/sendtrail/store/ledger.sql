-- Money that moves. Entries are collected in `entry` and written at once, with the totals that are read instead of them.

-- name: tables
create temp table if not exists entry (
    organization_id int, fund_id int, type smallint, cents bigint, currency text, at timestamptz, send_id bigint,
    sent_on date, campaign_id int, team_id int, owner_id int, code smallint, note text
) on commit delete rows

-- name: charge
-- What the batch does to money: a send that has come to be owed is charged, one that ceased to be is refunded, to the
-- fund that was decided on when it was made. Of the many sends that were merely scanned none comes further than the
-- first three conditions. A send's first charge is of the moment at which it was accepted.
insert into entry
select moved.organization_id, coalesce(nullif(send.fund_id, 0), main.id),
       case when owed(moved.best) then charge_type() else refund_type() end,
       case when owed(moved.best) then -moved.cost_cents else moved.cost_cents end,
       moved.currency, case when moved.was = 0 then send.created_at else coalesce(%(at)s, now()) end, moved.send_id,
       moved.created_on, moved.campaign_id, moved.team_id, send.owner_id, best_code(moved.best), ''
  from moved
  join send on send.send_id = moved.send_id
  join fund main on main.organization_id = moved.organization_id and main.main
 where moved.live and moved.cost_cents <> 0 and owed(moved.was) <> owed(moved.best)

-- name: rebook
-- The send comes to another day, by which reports count its cost: it is refunded on the one and charged on the other.
insert into entry
select state.organization_id, coalesce(nullif(send.fund_id, 0), main.id), side.type, side.cents, state.currency, now(),
       send_id, side.day, state.campaign_id, state.team_id, state.owner_id, best_code(best), 'another send date'
  from state
  join send using (send_id)
  join fund main on main.organization_id = state.organization_id and main.main
 cross join lateral (values (1, refund_type(), state.cost_cents, state.created_on),
                            (2, charge_type(), -state.cost_cents, %(day)s)) side (place, type, cents, day)
 where send_id = %(send_id)s and state.organization_id = %(organization_id)s and state.live = %(live)s
   and state.live and state.cost_cents <> 0 and owed(best)
 order by side.place

-- name: add
insert into entry (organization_id, fund_id, type, cents, currency, at, send_id, campaign_id, team_id, owner_id, code,
                   note)
select organization_id, id, %(type)s, %(cents)s, currency, coalesce(%(at)s, now()), 0, 0, 0, 0, 0, %(note)s
  from fund
 where id = %(fund_id)s and organization_id = %(organization_id)s

-- name: write
-- Totals are kept in slots, so that writers seldom wait for each other; readers sum over them.
with written as (
    insert into ledger (organization_id, fund_id, type, cents, currency, at, booked_on, send_id, sent_on, campaign_id,
                        team_id, owner_id, code, actor, note)
    select organization_id, fund_id, type, cents, entry.currency, at, (at at time zone organization.time_zone)::date,
           send_id, sent_on, campaign_id, team_id, owner_id, code, %(actor)s, note
      from entry
      join organization on organization.id = organization_id
    returning organization_id, fund_id, booked_on, campaign_id, team_id, type, currency, cents
), by_day as (
    insert into booked
    select organization_id, fund_id, booked_on, campaign_id, team_id, type, currency,
           mod(pg_backend_pid(), 16)::smallint, count(*), sum(cents)
      from written
     group by organization_id, booked_on, fund_id, campaign_id, team_id, type, currency
     order by organization_id, booked_on, fund_id, campaign_id, team_id, type, currency
    on conflict (organization_id, booked_on, fund_id, campaign_id, team_id, type, currency, slot)
    do update set n = booked.n + excluded.n, cents = booked.cents + excluded.cents
)
insert into balance
select organization_id, fund_id, type, currency, mod(pg_backend_pid(), 16)::smallint, sum(cents)
  from written
 group by organization_id, fund_id, type, currency
 order by organization_id, fund_id, type, currency
on conflict (organization_id, fund_id, type, currency, slot) do update set cents = balance.cents + excluded.cents

-- name: written
delete from entry
