-- Hooks: whom an organization tells, and how each fares.

-- name: columns
hook.id, name, target, url, format, settings, secret,
case when format in ('standard', 'flat')
     then array(select moment
                  from jsonb_array_elements(old_secrets) each
                 cross join lateral (select (each ->> 'until')::timestamptz as moment) signing
                 where moment > now()
                 order by moment) else '{}' end,
events,
kinds::int[], coalesce((select jsonb_agg(jsonb_build_array(campaign.id, campaign.name) order by campaign.name)
                          from campaign where campaign.id = any (hook.campaigns)), '[]'),
tags, bots, clients, wait_days, description, metadata, created_at,
coalesce((select email from member where created_by = 'member:' || member.id), ''),
disabled_at, disabled_why, ended_at, ended_why, failures, failing_since, rest_until, last_success_at, last_failure_at

-- name: page
select /* columns */
  from hook
 where organization_id = %(organization_id)s and live = %(live)s and ended_why <> 'deleted'
   and (%(before)s::int is null or id < %(before)s)
 order by id desc
 limit %(limit)s

-- name: get
select /* columns */
  from hook
 where id = %(hook_id)s and organization_id = %(organization_id)s and live = %(live)s and ended_why <> 'deleted'

-- name: named
select /* columns */
  from hook
 where id = any (%(hook_ids)s) and organization_id = %(organization_id)s and live = %(live)s and ended_why <> 'deleted'

-- name: hold
select from hook
 where id = %(hook_id)s and organization_id = %(organization_id)s and live = %(live)s and ended_why <> 'deleted'
   for no key update

-- name: count
select count(*) from hook
 where organization_id = %(organization_id)s and live = %(live)s and ended_at is null

-- name: add
insert into hook (organization_id, live, name, target, url, format, settings, secret, events, codes, kinds, campaigns,
                  tags, bots, clients, wait_days, description, metadata, created_by)
values (%(organization_id)s, %(live)s, %(name)s, %(target)s, %(url)s, %(format)s, %(settings)s, %(secret)s, %(events)s,
        %(codes)s, %(kinds)s, %(campaigns)s, %(tags)s, %(bots)s, %(clients)s, %(wait_days)s,
        %(description)s, %(metadata)s, %(actor)s)
returning id

-- name: change
update hook
   set name = %(name)s, url = %(url)s, format = %(format)s, settings = %(settings)s, events = %(events)s,
       codes = %(codes)s, kinds = %(kinds)s, campaigns = %(campaigns)s, tags = %(tags)s, bots = %(bots)s,
       clients = %(clients)s, wait_days = %(wait_days)s, description = %(description)s, metadata = %(metadata)s,
       updated_at = now()
 where id = %(hook_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: disable
update hook set disabled_at = now(), disabled_why = %(why)s
 where id = %(hook_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: wake
-- Whoever mended the receiver, or said where else it is, waits for nothing.
update hook
   set disabled_at = null, disabled_why = '', failures = 0, failing_since = null, rest_until = null
 where id = %(hook_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: hurry
update delivery set due_at = now()
 where hook_id = %(hook_id)s and organization_id = %(organization_id)s and live = %(live)s
   and state = %(pending)s and due_at > now()

-- name: end
update hook set ended_at = coalesce(ended_at, now()), ended_why = 'deleted', secret = '', old_secrets = '[]'
 where id = %(hook_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: drop
update delivery set state = %(dropped)s, ended_at = now()
 where hook_id = %(hook_id)s and organization_id = %(organization_id)s and live = %(live)s
   and state in (%(waiting)s, %(pending)s)

-- name: rotate
-- Those that sign still go on until their time; the one before only where a way of signing has room for two.
update hook
   set secret = %(secret)s,
       updated_at = now(),
       old_secrets = coalesce((
           select jsonb_agg(each)
             from jsonb_array_elements(old_secrets || case when format in ('standard', 'flat') then jsonb_build_object(
                      'secret', secret, 'until', now() + make_interval(hours => %(hours)s)) else '[]' end) each
            where (each ->> 'until')::timestamptz > now() and each ->> 'secret' <> %(secret)s), '[]')
 where id = %(hook_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: health
-- Each look is bounded, however much waits or was told: beyond `most`, the latest say how it goes. They are asked for
-- by hook and number, for else PostgreSQL may look for one hook's among all that there are.
select hook.id, pending.n, pending.oldest_at, waiting.n, recent.delivered, recent.tried, recent.nobody
  from hook
 cross join lateral (
        select count(*) as n, min(created_at) as oldest_at
          from (select created_at from delivery
                 where delivery.hook_id = hook.id and state = %(pending)s
                 order by due_at
                 limit %(most)s) each
       ) pending
 cross join lateral (
        select count(*) as n
          from (select from delivery where delivery.hook_id = hook.id and state = %(waiting)s limit %(most)s) each
       ) waiting
 cross join lateral (
        select count(*) filter (where state = %(delivered)s) as delivered,
               count(*) filter (where tries > 0) as tried,
               count(*) filter (where state = %(delivered)s and status = %(nobody)s) as nobody
          from (select hook_id, state, tries, status, created_at from delivery
                 where (delivery.hook_id, delivery.id) <= (hook.id, 9223372036854775807)
                 order by delivery.hook_id desc, delivery.id desc
                 limit %(latest)s) each
         where hook_id = hook.id and each.created_at > now() - interval '1 day'
       ) recent
 where hook.id = any (%(hook_ids)s) and hook.organization_id = %(organization_id)s and hook.live = %(live)s
