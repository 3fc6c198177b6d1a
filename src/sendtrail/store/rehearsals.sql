-- Rehearsals of test sends. What is told of one takes the place of the comment.

-- name: columns
id, organization_id, send_id, pace, problem, convert_to(steps::text, 'UTF8'), step, since, due_at, begun_at, stopped_at,
finished_at, told, expected, items

-- name: origin
select cardinality(trail), expected from state
 where send_id = %(send_id)s and organization_id = %(organization_id)s and not live

-- name: begin
insert into rehearsal (organization_id, send_id, pace, problem, steps, since, due_at, begun_at, told, expected)
values (%(organization_id)s, %(send_id)s, %(pace)s, %(problem)s, %(steps)s::jsonb, %(now)s, %(due_at)s, %(now)s, %(told)s,
        %(expected)s)
returning /* columns */

-- name: of_send
select /* columns */ from rehearsal where send_id = %(send_id)s and organization_id = %(organization_id)s

-- name: hold
select /* columns */ from rehearsal where send_id = %(send_id)s and organization_id = %(organization_id)s
   for update

-- name: of_campaign
select state.send_id, state.kind
  from rehearsal
  join state using (send_id)
 where rehearsal.organization_id = %(organization_id)s and state.live = %(live)s and state.campaign_id = %(campaign_id)s
   /* state reach */
 order by state.send_id

-- name: tally
select count(*), count(due_at)
  from rehearsal
  join state using (send_id)
 where rehearsal.organization_id = %(organization_id)s and state.live = %(live)s and state.campaign_id = %(campaign_id)s
   /* state reach */

-- name: claim
select /* columns */ from rehearsal where due_at <= %(now)s order by due_at limit 1
   for update skip locked

-- name: postpone
update rehearsal set due_at = due_at + %(by)s where id = %(id)s and due_at is not null

-- name: told
update rehearsal
   set step = step + 1, items = items || %(items)s::bigint[], due_at = %(due_at)s, finished_at = %(finished_at)s
 where id = %(id)s and organization_id = %(organization_id)s

-- name: stop
update rehearsal set due_at = null, stopped_at = %(now)s
 where id = %(id)s and organization_id = %(organization_id)s

-- name: go_on
update rehearsal set since = since + %(pause)s, due_at = %(due_at)s, stopped_at = null
 where id = %(id)s and organization_id = %(organization_id)s

-- What one brought is taken out of its send's trail again, by the tables and steps of the pipeline (ingest.sql): statuses,
-- totals and the marks of history follow from `moved`, as they do when something is told.

-- name: sort_out
-- Of the events that came after its beginning those go that it told, and what Sendtrail made of them by itself.
insert into released
select send_id, 0, 0, organization_id, live, item, meta_of, 0, seq, detail,
       seq > %(told)s and (item = any (%(items)s) or item_source(item) = 0)
  from state
 cross join lateral unnest(trail, meta) with ordinality as packed (item, meta_of, seq)
  left join event_detail using (send_id, seq)
 where send_id = %(send_id)s

-- name: rewind
-- The delivery that was expected before is expected again, where one of these scans told of another.
with changed as (
    update state
       set trail = kept.trail, meta = kept.meta, was = best, told = cardinality(kept.trail), best = trail_best(kept.trail),
           expected = case when expected_ms(state.expected) = any (kept.gone) then %(expected)s else state.expected end
      from (select send_id,
                   array_agg(item order by seq) filter (where not gone) as trail,
                   array_agg(meta order by seq) filter (where not gone) as meta,
                   array_agg(item_ms(item)) filter (where gone) as gone
              from released
             group by send_id
            having bool_or(gone)) kept
     where state.send_id = kept.send_id
    returning state.send_id, organization_id, live, created_on, campaign_id, team_id, kind, currency, cost_cents,
              was, state.best, told, state.trail
)
insert into moved select * from changed

-- name: forget_rejects
delete from reject using feed_file
 where feed_file.id = reject.feed_file_id
   and feed_file.organization_id = %(organization_id)s and not feed_file.live and brought_by = %(brought_by)s

-- name: forget_unmatched
delete from unmatched using feed_file
 where feed_file.id = unmatched.feed_file_id
   and unmatched.organization_id = %(organization_id)s and not unmatched.live
   and feed_file.organization_id = %(organization_id)s and not feed_file.live and brought_by = %(brought_by)s

-- name: forget_files
delete from feed_file where organization_id = %(organization_id)s and not live and brought_by = %(brought_by)s

-- name: forget
delete from rehearsal where id = %(id)s and organization_id = %(organization_id)s
