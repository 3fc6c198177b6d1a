-- Sends: made once; lists of them are in tracker.sql.

-- name: numbers
select nextval('send_number') from generate_series(1, %(n)s)

-- name: copy
copy send (send_id, organization_id, live, kind, campaign_id, created_at, created_on, send_date, recipient,
           return_address, mailing_class, extra_service, post, imb, tracking_number, carrier, supplier, sender,
           external_id, message, tags, gift, metadata, cost_cents, currency, owner_id, team_id,
           imb_given, terms, fund_id, vendor, vendor_id) from stdin

-- name: states
insert into state (send_id, organization_id, campaign_id, owner_id, team_id, cost_cents, created_on, kind, live, currency)
select send_id, organization_id, campaign_id, owner_id, team_id, cost_cents, created_on, kind, live, currency
  from send
 where send_id = any (%(send_ids)s)
 order by send_id

-- name: aliases
insert into alias (organization_id, live, kind, value, send_id)
select organization_id, live, named.kind, named.value, send_id
  from send
 cross join lateral (values ('external_id', external_id), ('tracking_number', tracking_number),
                            ('vendor_id', case when vendor_id <> '' then vendor || ':' || vendor_id else '' end))
       named (kind, value)
 where send_id = any (%(send_ids)s) and named.value <> ''

-- name: by_alias
select value, max(send_id)
  from alias
 where organization_id = any (%(organizations)s) and live = %(live)s and kind = %(kind)s
   and value = any (%(values)s)
 group by value

-- name: lock_vendors
select pg_advisory_xact_lock(hashtextextended('vendors', %(organization_id)s * 2 + %(live)s::int))

-- name: known
select send_id, kind from send
 where send_id = any (%(send_ids)s) and organization_id = any (%(organizations)s) and live = %(live)s

-- name: read
-- Joined, so that each send is looked up by its number, whatever the planner thinks that the organization has. `+ 0`:
-- else it would seek the greatest number by reading all numbers backwards, on tables that were only just filled.
select send.send_id, send.live, send.kind, send.campaign_id, coalesce(campaign.name, ''), send.created_at,
       send.created_on, send.send_date, recipient, return_address, mailing_class, extra_service, post, imb,
       tracking_number, carrier, supplier, sender, external_id, message, tags, gift, metadata, send.cost_cents,
       send.currency, state.best, state.expected, send.owner_id, send.team_id, coalesce(team.name, ''),
       coalesce(member.email, ''), coalesce(member.name, ''), coalesce(fund.id, 0), coalesce(fund.name, ''),
       coalesce(replaces, 0),
       coalesce((select max(later.send_id + 0) from send later where later.replaces = send.send_id), 0),
       coalesce((select max(link.id + 0) from link where link.send_id = send.send_id), 0), send.vendor, vendor_id
  from (select distinct unnest(%(send_ids)s::bigint[]) as send_id) wanted
  join send on send.send_id = wanted.send_id
  join state on state.send_id = wanted.send_id
  left join campaign on campaign.id = send.campaign_id
  left join fund on fund.organization_id = send.organization_id
        and (fund.id = send.fund_id or send.fund_id = 0 and fund.main)
  left join team on team.id = send.team_id
  left join member on member.id = send.owner_id
 where send.organization_id = %(organization_id)s
   and send.live = %(live)s
   /* send reach */
 order by send.send_id desc

-- name: take_place
update send set replaces = %(replaced)s
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s

-- name: trails
select event.send_id, event.seq, code_id, ms, source, evidence, phase, operation, recorded, zip, zoneless, detail
  from event
  left join event_detail using (send_id, seq)
 where event.send_id = any (%(send_ids)s) and event.organization_id = %(organization_id)s and event.live = %(live)s
   /* event reach */
 order by event.send_id, event.seq

-- name: facilities
-- What the organization's own feeds call them, before what its agency's feeds do.
select distinct on (zip) zip, facility.name, city, state
  from facility
  join organization own on own.id = %(organization_id)s and facility.organization_id in (own.id, own.parent_id)
 where zip = any (%(zips)s) and live = %(live)s
 order by zip, facility.organization_id <> own.id
