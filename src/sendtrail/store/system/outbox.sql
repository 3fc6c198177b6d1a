-- The outbox is emptied: what happened becomes notifications, and deliveries of them to hooks.

-- name: isolate
-- What is in the outbox and the trails that it speaks of are of one moment.
set transaction isolation level repeatable read

-- name: settings
-- As the pipeline has them: what was only just filled looks to the planner as if reading all of it were best.
select set_config(name, value, true)
  from (values ('enable_seqscan', 'off'), ('enable_mergejoin', 'off'), ('jit', 'off')) pinned (name, value)

-- name: lanes
-- Those with work that nobody else is at, ours until the transaction ends.
select lane
  from unnest(%(lanes)s::smallint[]) with ordinality given (lane, place)
 where case when exists (select from outbox where outbox.lane = given.lane)
            then pg_try_advisory_xact_lock(hashtextextended('announcing', given.lane))
            else false end
 limit %(most)s

-- name: claim
-- The oldest of these lanes, and with them all of the same sends.
select id, organization_id, live, send_id, told, was, response_id, change, created_at
  from outbox
 where send_id in (
        select oldest.send_id
          from unnest(%(lanes)s::smallint[]) given (lane)
         cross join lateral (select send_id from outbox where outbox.lane = given.lane order by id limit %(limit)s) oldest)
 order by id

-- name: remove
delete from outbox where id = any (%(ids)s)

-- name: set_aside
-- In a lane that nobody asks for: others go on, and what comes of the same send finds it.
update outbox set lane = %(aside)s where id = any (%(ids)s)

-- name: put_back
update outbox set lane = mod(send_id, %(lanes)s) where lane = %(aside)s

-- name: hooks
select listening.organization_id, hook.live, hook.id, hook.organization_id, hook.events, hook.kinds, hook.campaigns,
       hook.tags, hook.bots, hook.wait_days, hook.created_at
  from listening
  join hook on hook.id = hook_id
 where listening.organization_id = any (%(organizations)s)
 order by hook.id

-- name: responses
select response.id, link_id, code, source, evidence, bot, test, occurred_at, recorded_at, device, country, region,
       referrer, value_cents, reference, coalesce(tracker.id, 0)
  from unnest(%(send_ids)s::bigint[], %(ids)s::bigint[]) told (send_id, id)
  join response using (send_id, id)
  left join link on link.id = link_id
  left join tracker using (landing_id)

-- name: told
select send_id, sequence, postal, reroutes, events, shown from telling where send_id = any (%(send_ids)s)

-- name: remember
insert into telling (send_id, organization_id, live, sequence, postal, reroutes, events, shown)
select *
  from unnest(%(send_ids)s::bigint[], %(organization_ids)s::int[], %(lives)s::boolean[], %(sequences)s::int[],
              %(postals)s::int[], %(reroutes)s::smallint[], %(events)s::int[], %(showns)s::jsonb[])
on conflict (send_id) do update
   set sequence = excluded.sequence, postal = excluded.postal, reroutes = excluded.reroutes, events = excluded.events,
       shown = excluded.shown

-- name: numbers
select nextval(pg_get_serial_sequence('notification', 'id')) from generate_series(1, %(n)s)

-- name: notify
copy notification (id, organization_id, live, send_id, sequence, type, occurred_at, created_at, body) from stdin

-- name: deliver
copy delivery (hook_id, organization_id, live, notification_id, send_id, state, due_at) from stdin
