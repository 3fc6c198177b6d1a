-- Landings: a URL with merge variables, and for how many days links lead there.

-- name: put
insert into landing (organization_id, live, campaign_id, template, days)
values (%(organization_id)s, %(live)s, %(campaign_id)s, %(template)s, %(days)s)
on conflict (organization_id, live, campaign_id) where campaign_id <> 0
do update set template = excluded.template, days = excluded.days
returning id

-- name: add
insert into landing (organization_id, live, template, days)
values (%(organization_id)s, %(live)s, %(template)s, %(days)s)
returning id

-- name: hold_alone
select landing.id, landing.template, landing.days
  from landing
  join link on link.landing_id = landing.id
 where link.id = %(link_id)s and landing.organization_id = %(organization_id)s and landing.live = %(live)s
   and landing.campaign_id = 0
   and not exists (select from tracker where tracker.landing_id = landing.id)
   for update of landing

-- name: change_alone
update landing set template = %(template)s, days = %(days)s
 where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s and campaign_id = 0

-- name: remove
delete from landing
 where organization_id = %(organization_id)s and live = %(live)s and campaign_id = %(campaign_id)s
   and campaign_id <> 0
   and not exists (select from link where link.landing_id = landing.id)

-- name: of_campaign
select id from landing
 where organization_id = %(organization_id)s and live = %(live)s and campaign_id = %(campaign_id)s and campaign_id <> 0
