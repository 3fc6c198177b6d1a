-- Campaigns that make their sends themselves.

-- name: standings
-- By the categories of reports (stannp.CATEGORIES): received, producing, all up to returned; what is cancelled is left out.
select campaign_id,
       coalesce(sum(n) filter (where status_category(status) = 0), 0)::bigint,
       coalesce(sum(n) filter (where status_category(status) = 1), 0)::bigint,
       coalesce(sum(n) filter (where status_category(status) between 2 and 6), 0)::bigint
  from counts
 where organization_id = %(organization_id)s and live = %(live)s
   and campaign_id = any (%(campaign_ids)s) and campaign_id <> 0
 group by campaign_id

-- name: first_sends
select wanted.campaign_id, first.send_id
  from unnest(%(campaign_ids)s::int[]) as wanted (campaign_id)
 cross join lateral (select send_id from send
                      where campaign_id = wanted.campaign_id and campaign_id <> 0
                        and organization_id = %(organization_id)s and live = %(live)s
                      order by send_id limit 1) as first

-- name: refuse
insert into mailing_refusal (campaign_id, contact_id, reason)
select campaign_id, contact_id, reason
  from mailing
 cross join unnest(%(contact_ids)s::bigint[], %(reasons)s::text[]) as refusal (contact_id, reason)
 where campaign_id = %(campaign_id)s and organization_id = %(organization_id)s and live = %(live)s
    on conflict do nothing

-- name: refused
select contact_id, concat_ws(' ', nullif(first_name, ''), nullif(last_name, '')), company, address_line1, city, state,
       postal_code, country, reason
  from mailing_refusal
  join mailing using (campaign_id)
  join contact on contact.id = contact_id
 where campaign_id = %(campaign_id)s and contact_id > %(after)s
   and mailing.organization_id = %(organization_id)s and mailing.live = %(live)s
 order by contact_id
 limit %(limit)s

-- name: go_on
update mailing set due_at = now()
 where organization_id = %(organization_id)s and live = %(live)s and status = 'creating_orders' and stopped <> ''

-- name: sends
select send_id from send
 where campaign_id = %(campaign_id)s and campaign_id <> 0 and send_id > %(after)s
   and organization_id = %(organization_id)s and live = %(live)s
 order by send_id
 limit %(limit)s

-- name: cancelled
update mailing set made_up_to = %(up_to)s, status = case when %(done)s then 'ready' else status end
 where campaign_id = %(campaign_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: put_off
update mailing set due_at = now() + %(seconds)s * interval '1 second'
 where campaign_id = %(campaign_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: claim
-- One of an archived campaign waits until that is restored; one that was deleted is only looked at to cancel its sends.
select mailing.campaign_id, mailing.organization_id, mailing.live, mailing.actor
  from mailing
  join campaign on campaign.id = campaign_id
 where due_at <= now()
   and (mailing.status in ('creating_orders', 'cancelling')
        or mailing.status = 'ready' and told <> 'processed_for_delivery')
   and (mailing.status = 'cancelling' or mailing.deleted_at is null and campaign.archived_at is null)
 order by due_at
 limit 1
   for update of mailing skip locked
