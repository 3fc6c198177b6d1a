-- What people did at the links of sends, as somebody may see it.

-- name: totals
select engagement.send_id, visits, visitors, bots, goals, engagement.value_cents, unlisted, first_visit_at, last_visit_at,
       first_goal_at, last_goal_at
  from engagement
  join state using (send_id)
 where engagement.send_id = any (%(send_ids)s)
   and state.organization_id = %(organization_id)s
   and state.live = %(live)s
   /* state reach */

-- name: newest
-- Of each send so many, found by its own rows alone: a link that was opened a million times costs as little as another.
select response.send_id, response.id, link_id, code, source, evidence, bot, test, occurred_at, recorded_at, device,
       country, region, referrer, value_cents, reference
  from unnest(%(send_ids)s::bigint[]) with ordinality listed (send_id, place)
 cross join lateral (select * from response where response.send_id = listed.send_id order by id desc limit %(most)s) response
  join state on state.send_id = listed.send_id
 where state.organization_id = %(organization_id)s
   and state.live = %(live)s
   /* state reach */
 order by listed.place, response.id
