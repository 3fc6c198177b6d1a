-- Destinations: where an organization's links may lead, in either mode.

-- name: listed
select host, created_at from destination where organization_id = %(organization_id)s order by host

-- name: add
insert into destination (organization_id, host) values (%(organization_id)s, %(host)s)
on conflict do nothing
returning host, created_at

-- name: held
select host from destination where organization_id = %(organization_id)s order by host for key share

-- name: hold
select from destination where organization_id = %(organization_id)s and host = %(host)s for update

-- name: led
-- A link by itself leads nowhere any more once it is over; a campaign's may be changed, and are the campaign's to change,
-- a tracker's are the tracker's, as long as it is there.
select campaign.name, campaign.deleted_at is not null, count(distinct link.id),
       (array_agg(distinct link.id order by link.id desc) filter (where link.id is not null))[:%(most)s],
       count(distinct tracker.id)
  from landing
  join organization on organization.id = landing.organization_id
  left join campaign on campaign.id = landing.campaign_id
  left join tracker on tracker.landing_id = landing.id
  left join link on link.landing_id = landing.id and campaign.id is null and tracker.id is null
  left join state on state.send_id = link.send_id
 where landing.organization_id = %(organization_id)s
   and substring(landing.template from '^https?://([^/?#]*)') = %(host)s
   and (campaign.id is not null
        or tracker.id is not null and tracker.deleted_at is null
        or greatest(link.created_at, state.created_on::timestamp at time zone organization.time_zone)
           + make_interval(days => landing.days) > now())
 group by campaign.id
 order by campaign.id desc

-- name: remove
delete from destination where organization_id = %(organization_id)s and host = %(host)s

-- name: address_days
select address_days from organization where id = %(organization_id)s

-- name: keep_addresses
update organization set address_days = %(days)s where id = %(organization_id)s and address_days <> %(days)s

-- name: forget_addresses
update response set address = null
 where organization_id = %(organization_id)s and address is not null
   and (%(days)s = 0 or recorded_at <= now() - make_interval(days => %(days)s))
