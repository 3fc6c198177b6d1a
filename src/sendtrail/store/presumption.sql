-- What may be presumed of silence. A cell (one day's sends of a campaign) is looked at when it has changed, and when the
-- silence of one of its sends has lasted long enough; in between nothing is read.

-- name: hand_on
-- These have changed. What is looked at often rests between two looks.
insert into presumption as known (organization_id, live, created_on, campaign_id)
select %(organization_id)s, %(live)s, created_on, campaign_id
  from unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id)
 order by created_on, campaign_id
on conflict (organization_id, live, created_on, campaign_id)
do update set times = known.times + 1, due_at = least(known.due_at, greatest(now(), known.looked_at + known.rest))

-- name: reconsider
update presumption set due_at = now()
 where organization_id = %(organization_id)s and due_at > now() and due_at < 'infinity'

-- name: due
select organization_id, live, created_on, campaign_id, size.sends::bigint, times
  from presumption
 cross join lateral (
        select coalesce(sum(n), 0) as sends
          from counts
         where counts.organization_id = presumption.organization_id
           and counts.live = presumption.live
           and counts.created_on = presumption.created_on
           and counts.campaign_id = presumption.campaign_id) size
 where due_at <= %(now)s
 order by due_at
 limit %(limit)s

-- name: settings
-- Cells are read by their index, whatever the planner takes their number for.
select set_config('enable_seqscan', 'off', true), set_config('enable_mergejoin', 'off', true),
       set_config('enable_hashjoin', 'off', true), set_config('jit', 'off', true)

-- name: candidates
-- Of the sends whose silence is a ground, those for which it has lasted long enough by their service. And those that were
-- sent another way before they came where a delivery is, which may be where their sender lives.
with cell as (
    select * from unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id)
), quiet as (
    select cell.created_on, cell.campaign_id, state.send_id
      from cell
      join state using (created_on, campaign_id)
      join send on send.send_id = state.send_id
      join unnest(%(codes)s::smallint[], %(posts)s::text[], %(mailing_classes)s::text[], %(until_ms)s::bigint[])
           ground (code, post, mailing_class, until_ms)
           on ground.code = best_code(best) and ground.post = send.post
              and coalesce(ground.mailing_class, send.mailing_class) = send.mailing_class
     where state.organization_id = %(organization_id)s
       and state.live = %(live)s
       and best_code(best) = any (%(codes)s)
       and best_ms(best) <= until_ms
), astray as (
    select created_on, campaign_id, send_id
      from cell
      join state using (created_on, campaign_id)
     where organization_id = %(organization_id)s
       and live = %(live)s
       and best_code(best) = any (%(destinations)s)
       and best_stage(best) = %(stage)s
       and exists (select from unnest(trail) item
                    where item_selector(item) = any (array(select selector from code where code = %(rerouted)s)))
)
select created_on, campaign_id, send_id from quiet
 union
select created_on, campaign_id, send_id from astray
 order by send_id

-- name: waiting
-- For each ground of the cells the send whose silence began first of those for which it has not lasted long enough.
select cell.created_on, cell.campaign_id, ground.place::int, min(best_ms(best))
  from unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id)
  join state using (created_on, campaign_id)
  join send on send.send_id = state.send_id
  join unnest(%(codes)s::smallint[], %(posts)s::text[], %(mailing_classes)s::text[], %(until_ms)s::bigint[])
       with ordinality ground (code, post, mailing_class, until_ms, place)
       on ground.code = best_code(best) and ground.post = send.post
          and coalesce(ground.mailing_class, send.mailing_class) = send.mailing_class
 where state.organization_id = %(organization_id)s
   and state.live = %(live)s
   and best_code(best) = any (%(codes)s)
   and best_ms(best) > until_ms
 group by cell.created_on, cell.campaign_id, place

-- name: facts
select send_id, kind, post, mailing_class, extra_service, coalesce(recipient ->> 'postal_code', ''),
       coalesce(return_address ->> 'postal_code', '')
  from send
 where send_id = any (%(send_ids)s) and organization_id = %(organization_id)s and live = %(live)s

-- name: settle
-- What has changed since it was read is looked at again after its rest.
update presumption
   set looked_at = %(now)s,
       rest = seen.rest,
       due_at = case when presumption.times = seen.times then coalesce(seen.due_at, 'infinity')
                     else least(seen.due_at, %(now)s + seen.rest) end
  from unnest(%(days)s::date[], %(campaign_ids)s::int[], %(times)s::bigint[], %(due_ats)s::timestamptz[],
              %(rests)s::interval[]) seen (created_on, campaign_id, times, due_at, rest)
 where organization_id = %(organization_id)s
   and live = %(live)s
   and presumption.created_on = seen.created_on
   and presumption.campaign_id = seen.campaign_id
