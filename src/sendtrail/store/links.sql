-- Links: one for each send that somebody can answer by. What is told of one takes the place of the comment.

-- name: columns
link.id, link.send_id, send.kind, link.created_at,
greatest(link.created_at, send.created_on::timestamp at time zone organization.time_zone)
    + make_interval(days => landing.days),
landing.campaign_id <> 0 or tracker.id is not null, coalesce(tracker.id, 0),
coalesce(tracker.description, ''), landing.template,
landing.days, landing.testing, send.campaign_id, coalesce(campaign.name, ''), send.recipient, send.external_id,
send.metadata, send.currency,
send.return_address, piece.making -> 'merge_variables',
case when landing.template like '%%_name%%' then (
    select jsonb_object_agg(case contact.id when ordered.to_contact_id then 'to' else 'from' end,
                            jsonb_build_array(first_name, last_name))
      from piece ordered
      join contact on contact.id in (ordered.to_contact_id, ordered.from_contact_id)
     where ordered.send_id = link.send_id) end,
coalesce(visits, 0), coalesce(visitors, 0), coalesce(bots, 0), coalesce(goals, 0), coalesce(value_cents, 0),
first_visit_at, last_visit_at

-- name: hold_all
-- Whoever makes sends into campaigns, and whoever says where a campaign leads, do so one after the other: each sees what
-- the other did, and no send stays without its link.
select pg_advisory_xact_lock_shared(hashtextextended('landing', id))
  from (select distinct campaign_id as id from unnest(%(campaign_ids)s::int[]) campaign_id order by 1) campaigns

-- name: hold
select pg_advisory_xact_lock(hashtextextended('landing', %(campaign_id)s))

-- name: make
insert into link (organization_id, live, send_id, landing_id)
select state.organization_id, state.live, state.send_id, landing.id
  from state
  join landing on landing.organization_id = state.organization_id and landing.live = state.live
       and landing.campaign_id = state.campaign_id and landing.campaign_id <> 0
 where state.send_id = any (%(send_ids)s) and state.organization_id = %(organization_id)s and state.live = %(live)s
 order by state.send_id
    on conflict do nothing

-- name: make_all
insert into link (organization_id, live, send_id, landing_id)
select state.organization_id, state.live, state.send_id, %(landing_id)s
  from state
 where state.organization_id = %(organization_id)s and state.live = %(live)s and state.campaign_id = %(campaign_id)s
   and state.campaign_id <> 0
   and not exists (select from link where link.send_id = state.send_id and link.landing_id = %(landing_id)s)
 order by state.send_id
    on conflict do nothing

-- name: linked
select kind, campaign_id from send
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s
   /* send reach */

-- name: add
insert into link (organization_id, live, send_id, landing_id)
select organization_id, live, send_id, %(landing_id)s
  from send
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s
    on conflict (send_id, landing_id) do update set send_id = link.send_id
returning id

-- name: hold_send
-- Whoever gives a send links of its own does so one after the other.
select pg_advisory_xact_lock(hashtextextended('link', %(send_id)s))

-- name: own
select link.id, landing.days
  from link
  join landing on landing.id = link.landing_id
 where link.send_id = %(send_id)s and link.organization_id = %(organization_id)s and link.live = %(live)s
   and landing.campaign_id = 0 and landing.template = %(template)s
   and not exists (select from tracker where tracker.landing_id = landing.id)
 order by link.id desc
 limit 1

-- name: of_sends
-- Of several the newest: it was made for this send alone.
select send_id, max(id) from link
 where send_id = any (%(send_ids)s) and organization_id = %(organization_id)s and live = %(live)s
 group by send_id

-- name: page
select /* columns */
  from link
  join landing on landing.id = link.landing_id
  join organization on organization.id = link.organization_id
  join send on send.send_id = link.send_id
  left join campaign on campaign.id = send.campaign_id
  left join engagement on engagement.send_id = link.send_id
  left join piece on piece.send_id = link.send_id
  left join tracker on tracker.landing_id = landing.id
 where link.organization_id = %(organization_id)s and link.live = %(live)s
   /* which */
   /* send reach */
 order by link.id desc
 limit %(limit)s

-- name: count
-- Of what is to be printed, as in `place` and `rows`: what was cancelled or failed is not.
select count(*)
  from link
  join send on send.send_id = link.send_id
  join state on state.send_id = link.send_id
 where link.organization_id = %(organization_id)s and link.live = %(live)s and link.landing_id = %(landing_id)s
   and status_category(best_status(state.best)) is distinct from %(cancelled)s
   /* send reach */

-- name: place
select link.id
  from link
  join send on send.send_id = link.send_id
  join state on state.send_id = link.send_id
 where link.organization_id = %(organization_id)s and link.live = %(live)s and link.landing_id = %(landing_id)s
   and status_category(best_status(state.best)) is distinct from %(cancelled)s
   /* send reach */
 order by link.id
offset %(n)s - 1
 limit 1

-- name: rows
-- In the order in which they were made, which is that of the file from which the sends came.
select link.id, link.send_id, send.kind, external_id, coalesce(recipient ->> 'name', ''),
       coalesce(recipient ->> 'company', ''), coalesce(recipient ->> 'address_line1', ''),
       coalesce(recipient ->> 'address_line2', ''), coalesce(recipient ->> 'city', ''),
       coalesce(recipient ->> 'state', ''), coalesce(recipient ->> 'postal_code', ''),
       coalesce(recipient ->> 'country', ''), imb
  from link
  join send on send.send_id = link.send_id
  join state on state.send_id = link.send_id
 where link.organization_id = %(organization_id)s and link.live = %(live)s and link.landing_id = %(landing_id)s
   and link.id > %(after)s and status_category(best_status(state.best)) is distinct from %(cancelled)s
   /* send reach */
 order by link.id
 limit %(limit)s

-- name: visits
select id, occurred_at, device, country, region, referrer, bot, test, visitor, host(address)
  from response
 where send_id = %(send_id)s and link_id = %(link_id)s and organization_id = %(organization_id)s and live = %(live)s
   and code = %(visit)s
   and (%(before)s::bigint is null or id < %(before)s)
 order by id desc
 limit %(limit)s
