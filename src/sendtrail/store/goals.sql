-- Goals: which send one belongs to, and those that were reached.

-- name: target
-- The newest send that is meant, and its newest link, or the one that was named. What is meant takes the place of the
-- comment.
select state.send_id, coalesce(used.id, 0), coalesce(landing.testing, false), made.created_at, state.created_on
  from (/* named */) named
  join state on state.send_id = named.send_id
  join send made on made.send_id = state.send_id
  left join lateral (
        select link.id, landing_id
          from link
         where link.send_id = state.send_id and (named.link_id = 0 or link.id = named.link_id)
         order by link.id desc
         limit 1) used on true
  left join landing on landing.id = used.landing_id
 where state.organization_id = %(organization_id)s
   and state.live = %(live)s
   and (%(campaign_id)s::int is null or state.campaign_id = %(campaign_id)s)
   /* state reach */
 order by state.created_on desc, state.send_id desc
 limit 1

-- name: link
select send_id, id as link_id from link where id = %(number)s

-- name: send
select %(number)s::bigint as send_id, 0::bigint as link_id

-- name: external_id
select send_id, 0::bigint as link_id
  from alias
 where organization_id = %(organization_id)s and live = %(live)s and kind = 'external_id' and value = %(text)s

-- name: email
select send_id, 0::bigint as link_id
  from term
  join send using (send_id)
 where term.organization_id = %(organization_id)s and term.live = %(live)s and term = %(term)s
   and lower(recipient ->> 'email') = lower(%(text)s)

-- name: page
select response.id, response.send_id, state.kind, link_id, state.campaign_id, coalesce(campaign.name, ''), occurred_at,
       recorded_at, value_cents, currency, reference, bot, test
  from response
  join state using (send_id)
  left join campaign on campaign.id = state.campaign_id
 where response.organization_id = %(organization_id)s
   and response.live = %(live)s
   and code = 2
   and (%(ids)s::bigint[] is null or response.id = any (%(ids)s))
   and (%(before)s::bigint is null or response.id < %(before)s)
   and (%(send_id)s::bigint is null or response.send_id = %(send_id)s)
   and (%(campaign_id)s::int is null or state.campaign_id = %(campaign_id)s)
   and (%(start)s::timestamptz is null or occurred_at >= %(start)s)
   and (%(end)s::timestamptz is null or occurred_at < %(end)s)
   /* state reach */
 order by response.id desc
 limit %(limit)s
