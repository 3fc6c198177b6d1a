-- Trackers: each a landing that the links of many orders lead to.

-- name: fared
select tracker.id, template, days, coalesce(sum(visits), 0), coalesce(sum(visitors), 0)
  from tracker
  join landing on landing.id = landing_id
  left join tracked on tracker_id = tracker.id
 where tracker.organization_id = %(organization_id)s and tracker.live = %(live)s and tracker.id = any (%(numbers)s)
 group by tracker.id, landing.id

-- name: link
insert into link (organization_id, live, send_id, landing_id)
select send.organization_id, send.live, send_id, landing_id
  from unnest(%(send_ids)s::bigint[], %(tracker_ids)s::int[]) named (send_id, tracker_id)
  join send using (send_id)
  join tracker on tracker.id = tracker_id
   and tracker.organization_id = send.organization_id and tracker.live = send.live
 where send.organization_id = %(organization_id)s and send.live = %(live)s
 order by send_id, landing_id
    on conflict (send_id, landing_id) do nothing

-- name: visits
-- Of links that were opened; how many others there are does not matter.
select response.id, response.send_id, state.kind, occurred_at, device, host(address)
  from tracker
  join tracked on tracker_id = tracker.id
  join response on response.send_id = tracked.send_id and response.link_id = tracked.link_id
  join state on state.send_id = response.send_id
 where tracker.id = %(tracker_id)s and tracker.organization_id = %(organization_id)s and tracker.live = %(live)s
   and code = %(visit)s and not bot and not test
   and (device || ' ' || coalesce(host(address), '')) ilike all (%(patterns)s)
   and (%(send_ids)s::bigint[] = '{}' or response.send_id = any (%(send_ids)s))
 order by response.id desc
offset %(skip)s limit %(limit)s

-- name: count
select count(*)
  from tracker
  join tracked on tracker_id = tracker.id
  join response on response.send_id = tracked.send_id and response.link_id = tracked.link_id
 where tracker.id = %(tracker_id)s and tracker.organization_id = %(organization_id)s and tracker.live = %(live)s
   and code = %(visit)s and not bot and not test
   and (device || ' ' || coalesce(host(address), '')) ilike all (%(patterns)s)
   and (%(send_ids)s::bigint[] = '{}' or response.send_id = any (%(send_ids)s))
