-- What hooks are to be told, for the workers that tell them.

-- name: ready
-- Hooks of which something is due, found by leaps from one to the next in the index, and not all that is pending.
with recursive pending (hook_id, due_at) as (
    (select hook_id, due_at from delivery where state = 1 order by hook_id, due_at limit 1)
    union all
    select next.hook_id, next.due_at
      from pending
     cross join lateral (
            select hook_id, due_at from delivery
             where state = 1 and delivery.hook_id > pending.hook_id
             order by hook_id, due_at
             limit 1) next
)
select id, organization_id, live, name, target, url, format, settings,
       case when secret = '' then '{}'
            else secret || array(select each ->> 'secret' from jsonb_array_elements(old_secrets) each
                                  where (each ->> 'until')::timestamptz > now()
                                  order by (each ->> 'until')::timestamptz desc) end,
       ended_at is not null
  from pending
  join hook on hook.id = pending.hook_id
 where ended_at is not null
    or due_at <= now() and disabled_at is null and (rest_until is null or rest_until <= now())
       and (held_by = %(holder)s or held_until is null or held_until <= now())
 order by id

-- name: hold
-- Theirs who come first; a hook that somebody changes just now is left for the next time.
update hook set held_by = %(holder)s, held_until = now() + %(lease)s
 where id in (select id from hook
               where id = any (%(hook_ids)s)
                 and (held_by = %(holder)s or held_until is null or held_until <= now())
               order by id
                 for no key update skip locked)
returning id

-- name: let_go
update hook set held_by = '', held_until = null where held_by = %(holder)s

-- name: due
-- Of each hook the oldest that are due, but none whose send has an earlier one that is pending and not among them: that
-- one is put off until the earlier one is due, or is set free by its end. Trials (send 0) wait for nothing.
with asked as (
    select * from unnest(%(hook_ids)s::int[], %(mosts)s::int[]) asked (hook_id, most)
), candidate as materialized (
    select found.*
      from asked
     cross join lateral (
            select id, delivery.hook_id, send_id, notification_id, tries
              from delivery
             where delivery.hook_id = asked.hook_id and state = 1 and due_at <= now() and id <> all (%(busy)s)
             order by due_at, id
             limit most) found
), judged as materialized (
    select candidate.*, send_id = 0 or row_number() over (partition by hook_id, send_id order by id) = (
               select count(*) from delivery
                where delivery.hook_id = candidate.hook_id and delivery.send_id = candidate.send_id
                  and state = 1 and delivery.id <= candidate.id) as next
      from candidate
), put_off as (
    update delivery
       set due_at = greatest(now() + %(lease)s, (
               select due_at from delivery earlier
                where earlier.hook_id = judged.hook_id and earlier.send_id = judged.send_id and state = 1
                order by id
                limit 1))
      from judged
     where delivery.id = judged.id and delivery.state = 1 and not next
)
select judged.id, hook_id, judged.send_id, tries, notification.id, type, body
  from judged
  join notification on notification.id = notification_id
 where next
 order by judged.hook_id, judged.send_id, judged.id

-- name: record
-- Of one that was dropped meanwhile the log tells what was tried, and whether it arrived; it is not tried again.
update delivery
   set state = case when delivery.state = 4 and given.state <> 2 then 4 else given.state end, tries = tries + 1, status = given.status, took_ms = given.took_ms, error = given.error,
       answer = given.answer,
       due_at = case when given.state = 1 then now() + wait else due_at end,
       ended_at = case when delivery.state = 4 then ended_at when given.state <> 1 then now() end,
       attempts = case when given.error = '' then attempts
                       else attempts || jsonb_build_object('at', given.at, 'status', given.status,
                                                           'took_ms', given.took_ms, 'error', given.error) end
  from unnest(%(ids)s::bigint[], %(states)s::smallint[], %(waits)s::interval[], %(ats)s::timestamptz[],
              %(statuses)s::smallint[], %(tooks)s::int[], %(errors)s::text[], %(answers)s::text[])
       given (id, state, wait, at, status, took_ms, error, answer)
 where delivery.id = given.id and delivery.state in (1, 4)

-- name: set_free
-- What comes next of the same send need not wait any longer.
update delivery set due_at = now()
  from unnest(%(hook_ids)s::int[], %(send_ids)s::bigint[]) ended (hook_id, send_id)
 cross join lateral (
        select id from delivery
         where delivery.hook_id = ended.hook_id and delivery.send_id = ended.send_id and state = 1
         order by id
         limit 1) next
 where delivery.id = next.id and state = 1 and due_at > now() and tries = 0

-- name: health
select id, failures, failing_since, rest_until from hook where id = any (%(hook_ids)s) order by id for no key update

-- name: fared
update hook
   set failures = given.failures, failing_since = given.failing_since, rest_until = given.rest_until,
       last_success_at = coalesce(succeeded_at, last_success_at),
       last_failure_at = coalesce(failed_at, last_failure_at)
  from unnest(%(hook_ids)s::int[], %(failures)s::int[], %(failing_since)s::timestamptz[],
              %(rest_until)s::timestamptz[], %(succeeded_at)s::timestamptz[], %(failed_at)s::timestamptz[])
       given (id, failures, failing_since, rest_until, succeeded_at, failed_at)
 where hook.id = given.id

-- name: disable
update hook set disabled_at = now(), disabled_why = %(why)s
 where id = %(hook_id)s and disabled_at is null and ended_at is null
returning id

-- name: end
update hook set ended_at = now(), ended_why = %(why)s
 where id = %(hook_id)s and ended_at is null
returning id

-- name: drop
-- What hooks that have ended were still to be told.
update delivery set state = 4, ended_at = now()
 where id in (select id from delivery
               where hook_id = any (%(hook_ids)s) and state = 1
               order by id
               limit %(most)s
                 for update skip locked)

-- name: told_later
select time_zone, array(
           select body
             from notification later
            where later.send_id = notification.send_id and later.send_id <> 0 and later.id > notification.id
              and exists (select from delivery
                           where notification_id = later.id and hook_id = %(hook_id)s and state = 2)
            order by later.id desc
            limit 100)
  from notification
  join organization on organization.id = organization_id
 where notification.id = %(notification_id)s

-- name: waited
-- What has waited for its day. The row is held, so that no other worker looks at it.
select delivery.id, notification.organization_id, notification.live, notification.send_id, occurred_at,
       hook.ended_at is not null
  from delivery
  join notification on notification.id = notification_id
  join hook on hook.id = hook_id
 where state = 0 and due_at <= now()
 order by due_at
 limit %(most)s
   for update of delivery skip locked

-- name: decide
update delivery
   set state = case when id = any (%(dropped)s) then 4 else 1 end,
       ended_at = case when id = any (%(dropped)s) then now() end
 where id = any (%(ids)s) and state = 0

-- name: forget_deliveries
delete from delivery
 where id in (select id from delivery where ended_at < now() - %(age)s limit %(most)s for update skip locked)

-- name: forget_notifications
delete from notification
 where id in (select id from notification
               where created_at < now() - %(age)s
                 and not exists (select from delivery where notification_id = notification.id)
               limit %(most)s)
