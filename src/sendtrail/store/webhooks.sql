-- Webhooks in PostGrid's formats.

-- name: tries
-- Of each delivery to a hook, the tries that failed and then the one that did not.
select delivery.id, turn, notification_id, type, delivery.send_id, tried.status, tried.at
  from delivery
  join notification on notification.id = notification_id
 cross join lateral (
        select turn, coalesce((each ->> 'status')::int, 0) as status, (each ->> 'at')::timestamptz as at
          from jsonb_array_elements(attempts) with ordinality failed (each, turn)
         union all
        select tries, status, ended_at where state = %(delivered)s) tried
 where delivery.hook_id = %(hook_id)s and delivery.organization_id = %(organization_id)s
   and delivery.live = %(live)s and type = any (%(types)s)
   and (type || ' ' || tried.status) ilike all (%(patterns)s)

-- name: invocations
-- A delivery may be tried again after many later ones: they are put in order among as many as are counted.
select tried.id, turn, notification_id, type, state.send_id, state.kind, status, at
  from (select *
          from (/* tries */ order by delivery.id desc, turn desc limit %(most)s) latest
         order by at desc, id desc, turn desc
        offset %(skip)s limit %(limit)s) tried
  left join state on state.send_id = tried.send_id
 order by at desc, tried.id desc, turn desc

-- name: count_invocations
select count(*) from (/* tries */ limit %(most)s) counted

-- name: told
select body
  from notification
 where organization_id = %(organization_id)s and live = %(live)s and send_id <> 0 and type = any (%(types)s)
 order by id desc
offset %(skip)s limit %(limit)s

-- name: count_told
select count(*)
  from (select from notification
         where organization_id = %(organization_id)s and live = %(live)s and send_id <> 0 and type = any (%(types)s)
         limit %(most)s) counted
