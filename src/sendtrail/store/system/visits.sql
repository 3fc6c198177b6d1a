-- Links as whoever opens them finds them, and what visitors are told apart by for a day.

-- name: lead
-- What links lead to, whatever became of their sends or campaigns: they are printed and out. What a template does not
-- ask for is not read.
select link.id, link.send_id, link.organization_id, landing.template, landing.testing,
       greatest(link.created_at, send.created_on::timestamp at time zone organization.time_zone)
       + make_interval(days => landing.days),
       organization.address_days,
       case when landing.template like '%%{{%%' then send.recipient end,
       case when landing.template like '%%{{%%' then send.metadata end,
       send.external_id, coalesce(campaign.name, ''), send.kind,
       case when landing.template like '%%from.%%' then send.return_address end,
       piece.making -> 'merge_variables', coalesce(tracker.id, 0),
       case when landing.template like '%%_name%%' then (
           select jsonb_object_agg(case contact.id when ordered.to_contact_id then 'to' else 'from' end,
                                   jsonb_build_array(first_name, last_name))
             from piece ordered
             join contact on contact.id in (ordered.to_contact_id, ordered.from_contact_id)
            where ordered.send_id = link.send_id) end
  from link
  join landing on landing.id = link.landing_id
  join organization on organization.id = link.organization_id
  join send on send.send_id = link.send_id
  left join campaign on campaign.id = send.campaign_id and landing.template like '%%{{%%'
  left join piece on piece.send_id = link.send_id and landing.template like '%%merge.%%'
  left join tracker on tracker.landing_id = landing.id
 where link.id = any (%(link_ids)s)

-- name: missed
-- Addresses that asked for links that are not there, and how often each has since the first time.
insert into attempt (who, n, expires_at)
select who, n, %(now)s + %(window)s
  from unnest(%(who)s::bytea[], %(n)s::int[]) given (who, n)
 order by who
    on conflict (who) do update
   set n = excluded.n + case when attempt.expires_at > %(now)s then attempt.n else 0 end,
       expires_at = case when attempt.expires_at > %(now)s then attempt.expires_at else excluded.expires_at end
returning who, n, expires_at - %(now)s

-- name: salt
-- Whoever comes first makes it up.
insert into visitor_salt (day, salt) values (%(day)s, %(salt)s)
    on conflict (day) do update set salt = visitor_salt.salt
returning salt

-- name: forget_salts
delete from visitor_salt where day < %(day)s

-- name: forget_visitors
delete from visitor
 where (day, send_id, visitor) in (
        select day, send_id, visitor from visitor where day < %(day)s order by day, send_id, visitor limit %(limit)s)

-- name: forget_addresses
update response set address = null
  from (select send_id, old.id
          from organization
         cross join lateral (
                select send_id, id
                  from response
                 where response.organization_id = organization.id
                   and address is not null
                   and recorded_at <= %(now)s - make_interval(days => organization.address_days)
                 limit %(limit)s) old
         limit %(limit)s) old
 where response.send_id = old.send_id and response.id = old.id
