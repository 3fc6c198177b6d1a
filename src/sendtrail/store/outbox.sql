-- What happened and hooks may want to hear.

-- name: changed
insert into outbox (lane, organization_id, live, send_id, change)
select mod(send_id, 16), organization_id, live, send_id, %(change)s
  from state
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s
   and exists (select from listening
                where listening.organization_id = state.organization_id and listening.live = state.live)

-- name: forget
delete from outbox where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: forget_told
update telling set postal = 0, reroutes = 0, events = 0, shown = null
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: forget_deliveries
-- What is being sent just now may arrive all the same.
update delivery set state = %(dropped)s, ended_at = now()
  from notification
 where notification.send_id = %(send_id)s
   and notification.organization_id = %(organization_id)s
   and notification.live = %(live)s
   and notification_id = notification.id
   and state = any (%(to_come)s)

-- name: unsay
delete from outbox
 where organization_id = any (%(organizations)s) and live = %(live)s and created_at = now()
