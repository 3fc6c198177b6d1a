-- What people change of sends that were made.

-- name: hold
-- Joined, so that each send is looked up by its number, however many there are.
select state.send_id, kind, best
  from unnest(%(send_ids)s::bigint[]) wanted (send_id)
  join state on state.send_id = wanted.send_id
 where organization_id = %(organization_id)s and live = %(live)s
   /* state reach */
 order by state.send_id
   for no key update of state

-- name: subject
select created_at, created_on, send_date, recipient, kind, mailing_class, extra_service, post, imb, imb_given, tags,
       sender, supplier, tracking_number, carrier, team_id, campaign_id, cost_cents
  from send
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: put
update send set recipient = %(recipient)s, send_date = %(send_date)s, imb = %(imb)s
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: number
update send set tracking_number = %(number)s, carrier = %(carrier)s
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: unname
delete from alias using send
 where send.send_id = %(send_id)s and send.organization_id = %(organization_id)s and send.live = %(live)s
   and alias.organization_id = send.organization_id
   and alias.live = send.live
   and alias.kind = 'tracking_number'
   and alias.value = send.tracking_number
   and alias.send_id = send.send_id

-- name: name
insert into alias (organization_id, live, kind, value, send_id)
select organization_id, live, 'tracking_number', tracking_number, send_id
  from send
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s and tracking_number <> ''
on conflict do nothing

-- name: outdate
-- Its day, and the one to which it comes, if any.
insert into stale (organization_id, live, created_on, campaign_id, slot)
select distinct organization_id, live, day, campaign_id, mod(pg_backend_pid(), 16)::smallint
  from state
 cross join unnest(array[created_on, coalesce(%(day)s::date, created_on)]) day
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s
 order by 1, 2, 3, 4
on conflict (organization_id, live, created_on, campaign_id, slot) do update set times = stale.times + 1

-- name: recount
-- The send leaves the total of its old day and enters that of the new one. The slots of the old one are put together: a
-- day passes for one with sends as long as any slot is above zero.
with moved as (
    select organization_id, live, created_on, campaign_id, team_id, kind, best_status(best) as status, currency,
           cost_cents
      from state
     where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s
), gone as (
    delete from counts using moved
     where counts.organization_id = moved.organization_id
       and counts.live = moved.live
       and counts.created_on = moved.created_on
       and counts.campaign_id = moved.campaign_id
       and counts.team_id = moved.team_id
       and counts.kind = moved.kind
       and counts.status = moved.status
       and counts.currency = moved.currency
       and counts.slot < 16
    returning counts.n, counts.cost_cents
)
insert into counts (organization_id, live, created_on, campaign_id, team_id, kind, status, currency, slot, n, cost_cents)
select organization_id, live, day, campaign_id, team_id, kind, status, currency, 16, n, side.cost_cents
  from moved
 cross join lateral (
        select created_on, (select coalesce(sum(n), 0) from gone) - 1,
               (select coalesce(sum(cost_cents), 0) from gone) - moved.cost_cents
        union all
        select %(day)s, 1, moved.cost_cents) side (day, n, cost_cents)
 order by day
on conflict (organization_id, live, created_on, campaign_id, team_id, kind, status, currency, slot)
do update set n = counts.n + excluded.n, cost_cents = counts.cost_cents + excluded.cost_cents

-- name: recount_empty
delete from counts using state
 where send_id = %(send_id)s and state.organization_id = %(organization_id)s and state.live = %(live)s
   and counts.organization_id = state.organization_id
   and counts.live = state.live
   and counts.created_on = state.created_on
   and counts.campaign_id = state.campaign_id
   and counts.slot = 16
   and counts.n = 0
   and counts.cost_cents = 0

-- name: move
update send set created_on = %(day)s
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: move_state
update state set created_on = %(day)s
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: move_responses
update engagement set created_on = %(day)s
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: actor
select coalesce((select email from member where 'member:' || id = %(actor)s),
                (select 'API key ' || name from api_key where 'key:' || id = %(actor)s), '')
