-- What hooks were told, to look at and to tell again.

-- name: columns
-- The last one: what a CRM says that knows nobody (404) whom the send went to.
delivery.id, notification_id, type, sequence, occurred_at, delivery.send_id, send.kind,
coalesce(nullif(recipient ->> 'name', ''), nullif(recipient ->> 'company', ''), nullif(recipient ->> 'email', ''),
         recipient ->> 'address_line1', ''),
hook_id, state, again, due_at, tries, delivery.created_at, delivery.ended_at, status, took_ms, error,
case when state = 2 and status = 404 then answer else '' end

-- name: page
select /* columns */
  from delivery
  join notification on notification.id = notification_id
  left join send on send.send_id = delivery.send_id
 where delivery.hook_id = %(hook_id)s and delivery.organization_id = %(organization_id)s and delivery.live = %(live)s
   and (%(before)s::bigint is null or delivery.id < %(before)s)
   and (%(state)s::smallint is null or state = %(state)s)
   and (%(types)s::text[] is null or type = any (%(types)s))
   and (%(send_id)s::bigint is null or delivery.send_id = %(send_id)s)
   and (%(since)s::timestamptz is null or delivery.created_at >= %(since)s)
   and (%(until)s::timestamptz is null or delivery.created_at < %(until)s)
   and (%(status)s::smallint is null or status = %(status)s)
 order by delivery.id desc
 limit %(limit)s

-- name: get
select /* columns */, answer, attempts, body
  from delivery
  join notification on notification.id = notification_id
  left join send on send.send_id = delivery.send_id
 where delivery.id = %(delivery_id)s and delivery.hook_id = %(hook_id)s
   and delivery.organization_id = %(organization_id)s and delivery.live = %(live)s

-- name: of_send
select /* columns */
  from notification
  join delivery on delivery.notification_id = notification.id
  join hook on hook.id = hook_id and ended_why <> 'deleted'
  left join send on send.send_id = delivery.send_id
 where notification.send_id = %(send_id)s
   and delivery.organization_id = %(organization_id)s and delivery.live = %(live)s
 order by delivery.id desc
 limit %(limit)s

-- name: coming
-- Of the same thing for the same hook what is still to be told.
select delivery.id, delivery.state, delivery.due_at
  from delivery asked
  join delivery on delivery.notification_id = asked.notification_id and delivery.hook_id = asked.hook_id
 where asked.id = %(delivery_id)s and asked.hook_id = %(hook_id)s
   and asked.organization_id = %(organization_id)s and asked.live = %(live)s
   and delivery.state in (%(waiting)s, %(pending)s)
 order by delivery.id
 limit 1

-- name: hurry
-- With what is to be told of the same send before it, since it comes after that; trials wait for nothing.
update delivery set due_at = now()
  from delivery asked
 where asked.id = %(delivery_id)s and asked.hook_id = %(hook_id)s
   and asked.organization_id = %(organization_id)s and asked.live = %(live)s
   and delivery.hook_id = asked.hook_id and delivery.send_id = asked.send_id and delivery.id <= asked.id
   and (delivery.id = asked.id or asked.send_id <> 0)
   and delivery.state = %(pending)s and delivery.due_at > now()

-- name: again
insert into delivery (hook_id, organization_id, live, notification_id, send_id, state, again, due_at)
select hook_id, organization_id, live, notification_id, send_id, %(pending)s, true, now()
  from delivery
 where id = %(delivery_id)s and hook_id = %(hook_id)s
   and organization_id = %(organization_id)s and live = %(live)s
returning id

-- name: all_again
-- Each thing once, in the order in which it was told. What is still to be told comes anyway; of what failed only what
-- never arrived is told again, where that is all that is wanted. Trials are not told again.
with told as (
    select notification_id, delivery.send_id,
           bool_or(state in (%(waiting)s, %(pending)s)) as comes, bool_or(state = %(delivered)s) as arrived,
           bool_or(state = %(failed)s) as failed
      from delivery
      join notification on notification.id = notification_id
     where delivery.hook_id = %(hook_id)s and delivery.organization_id = %(organization_id)s
       and delivery.live = %(live)s and delivery.send_id <> 0
       and notification.created_at >= %(since)s
       and (%(until)s::timestamptz is null or notification.created_at < %(until)s)
     group by notification_id, delivery.send_id
)
insert into delivery (hook_id, organization_id, live, notification_id, send_id, state, again, due_at)
select %(hook_id)s, %(organization_id)s, %(live)s, notification_id, send_id, %(pending)s, true, now()
  from told
 where not comes and (not %(failed_only)s or failed and not arrived)
 order by notification_id
 limit %(limit)s

-- name: number
select nextval(pg_get_serial_sequence('notification', 'id'))

-- name: tell_trial
with made as (
    insert into notification (id, organization_id, live, send_id, sequence, type, occurred_at, body)
    overriding system value
    values (%(id)s, %(organization_id)s, %(live)s, 0, 0, %(type)s, now(), %(body)s)
    returning id
)
insert into delivery (hook_id, organization_id, live, notification_id, send_id, state, due_at)
select %(hook_id)s, %(organization_id)s, %(live)s, id, 0, %(pending)s, now() from made
returning id

-- name: recent
-- Only what the organization itself sent, and each thing once, however many hooks were told of it.
select body
  from notification
 where organization_id = %(organization_id)s and live = %(live)s and send_id <> 0 and type = any (%(types)s)
   and (%(campaigns)s::int[] = '{}' and %(kinds)s::smallint[] = '{}' and %(tags)s::text[] = '{}'
        or exists (select from send
                    where send.send_id = notification.send_id
                      and (%(campaigns)s::int[] = '{}' or campaign_id = any (%(campaigns)s))
                      and (%(kinds)s::smallint[] = '{}' or kind = any (%(kinds)s))
                      and (%(tags)s::text[] = '{}' or tags && %(tags)s)))
 order by id desc
 limit %(limit)s
