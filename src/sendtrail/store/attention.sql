-- What needs attention, as people look at it and act on it. noticing.sql keeps it.

-- name: open
and done_at is null and (snoozed_until is null or snoozed_until <= %(now)s)

-- name: snoozed
and done_at is null and snoozed_until > %(now)s

-- name: done
and done_at is not null

-- name: columns
attention.id, attention.live, rule, about, since, status, amount, noticed_at, snoozed_until, done_at, assignee_id,
       coalesce(nullif(assignee.name, ''), assignee.email, ''), note, send.kind, send.recipient, send.post,
       coalesce(feed.name, mailer_id.mid, ''), coalesce(campaign.name, ''), said.detail

-- name: joins
left join send on send.send_id = attention.about and created_on_of is not null
  left join campaign on campaign.id = attention.campaign_id and attention.campaign_id <> 0
  left join feed on feed.id = attention.about and attention.rule = %(feed_rule)s
  left join mailer_id on mailer_id.id = attention.about and attention.rule = %(mailer_rule)s
  left join member assignee on assignee.id = attention.assignee_id
  left join lateral (
            select detail
              from event
              join event_detail using (send_id, seq)
             where event.send_id = send.send_id and code_id = best_code(attention.status)
             order by ms desc
             limit 1) said on true

-- name: page
select /* columns */
  from (select *, created_on as created_on_of
          from attention
         where organization_id = %(organization_id)s
           and live = %(live)s
           and rule = any (%(rules)s)
           and (%(assignee)s::int is null or assignee_id = %(assignee)s)
           and (%(after)s::bigint is null
                or (rule, since, id) > (select rule, since, id from attention where id = %(after)s
                                           and organization_id = %(organization_id)s))
           /* state */
           /* attention reach */
         order by rule, since, id
         limit %(limit)s) attention
  /* joins */
 order by rule, since, attention.id

-- name: heads
-- The first of each rule.
select /* columns */
  from unnest(%(rules)s::smallint[]) wanted (number)
 cross join lateral (
        select *, created_on as created_on_of
          from attention
         where organization_id = %(organization_id)s
           and live = %(live)s
           and rule = wanted.number
           and (%(assignee)s::int is null or assignee_id = %(assignee)s)
           /* state */
           /* attention reach */
         order by rule, since, id
         limit %(limit)s) attention
  /* joins */
 order by rule, since, attention.id

-- name: some
select /* columns */
  from (select *, created_on as created_on_of
          from attention
         where organization_id = %(organization_id)s
           and live = %(live)s
           and rule = any (%(rules)s)
           and (id = any (%(ids)s::bigint[]) or about = any (%(abouts)s::bigint[]) and created_on is not null)
           /* attention reach */) attention
  /* joins */
 order by rule, since, attention.id

-- name: counts
select rule, count(*)
  from attention
 where organization_id = %(organization_id)s
   and live = %(live)s
   and rule = any (%(rules)s)
   and (%(assignee)s::int is null or assignee_id = %(assignee)s)
   /* state */
   /* attention reach */
 group by rule

-- name: waiting
select count(*)
  from (select
          from attention
         where organization_id = %(organization_id)s
           and live = %(live)s
           and rule = any (%(rules)s)
           /* state */
           /* attention reach */
         limit %(most)s) bounded

-- name: chosen
-- Held in the order of their numbers, so that two people who act at once do not wait for each other in a ring.
select id
  from attention
 where organization_id = %(organization_id)s
   and live = %(live)s
   and rule = any (%(rules)s)
   and (%(ids)s::bigint[] is null or id = any (%(ids)s::bigint[]))
   and (%(assignee)s::int is null or assignee_id = %(assignee)s)
   /* state */
   /* attention reach */
 order by id
   for no key update

-- name: snooze
update attention set snoozed_until = %(until)s, done_at = null, acted_by = %(actor)s
 where organization_id = %(organization_id)s and live = %(live)s and id = any (%(ids)s)

-- name: finish
update attention set done_at = %(now)s, snoozed_until = null, acted_by = %(actor)s
 where organization_id = %(organization_id)s and live = %(live)s and id = any (%(ids)s)

-- name: reopen
update attention set done_at = null, snoozed_until = null, acted_by = %(actor)s
 where organization_id = %(organization_id)s and live = %(live)s and id = any (%(ids)s)

-- name: annotate
update attention set note = %(note)s
 where organization_id = %(organization_id)s and live = %(live)s and id = any (%(ids)s)

-- name: assign
-- By the reach of whom it is given to, not of who gives it.
update attention set assignee_id = %(assignee)s
 where organization_id = %(organization_id)s
   and live = %(live)s
   and rule = any (%(rules)s)
   and id = any (%(ids)s)
   /* attention reach */

-- name: looked_at
select looked_at from attention_round where organization_id = %(organization_id)s and live = %(live)s
