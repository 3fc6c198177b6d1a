-- What hooks are told of campaigns and stock orders.

-- name: listening
select hook.id
  from listening
  join hook on hook.id = listening.hook_id
 where listening.organization_id = %(organization_id)s and listening.live = %(live)s and events && %(names)s
   and (%(campaign_id)s = 0 or listening.campaigns = '{}' or %(campaign_id)s = any (listening.campaigns))
 order by hook.id

-- name: number
select nextval(pg_get_serial_sequence('notification', 'id'))

-- name: put
with told as (
    insert into notification (id, organization_id, live, send_id, sequence, type, occurred_at, created_at, body)
    overriding system value
    select %(id)s, %(organization_id)s, %(live)s, %(thread)s, coalesce(max(sequence), 0) + 1, %(type)s, %(at)s, %(at)s,
           %(body)s
      from notification
     where send_id = %(thread)s
    returning id
)
insert into delivery (hook_id, organization_id, live, notification_id, send_id, state, due_at)
select hook.id, hook.organization_id, hook.live, told.id, %(thread)s, %(pending)s, now()
  from told
 cross join hook
 where hook.id = any (%(hook_ids)s)
 order by hook.id
