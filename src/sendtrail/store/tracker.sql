-- The Send Tracker: lists of sends, from the latest day down, and how many stand where. Filters that are null do not
-- count. Each list is read from one source, chosen by services/tracker.py as the one that has to read the least.

-- name: pin
-- A list ends after its first rows: to prepare for reading all of a table would be the slowest way to begin.
select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
       set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)

-- name: source_all
-- By the indexes of `state`, each of which ends in created_on, send_id.
state

-- name: source_cells
-- Days of campaigns in which somebody stands where the list looks.
unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id) join state using (created_on, campaign_id)

-- name: source_ids
(select unnest(%(send_ids)s::bigint[]) as send_id) listed join state using (send_id)

-- name: source_term
term listed join state using (send_id, created_on)

-- name: source_prefix
(select distinct created_on, send_id
   from term
  where organization_id = %(organization_id)s and live = %(live)s
    and term >= %(prefix)s and term < %(prefix)s || chr(1114111)
  order by created_on desc, send_id desc
 offset 0) listed join state using (send_id, created_on)

-- name: is_term
and listed.organization_id = %(organization_id)s and listed.live = %(live)s and listed.term = %(term)s

-- name: matching
where state.organization_id = %(organization_id)s
   and state.live = %(live)s
   /* state reach */
   /* source condition */
   and (%(kind)s::smallint is null or state.kind = %(kind)s)
   and (%(campaign_id)s::int is null or state.campaign_id = %(campaign_id)s and state.campaign_id <> 0)
   and (%(team_id)s::int is null or state.team_id = %(team_id)s and state.team_id <> 0)
   and (%(owner_id)s::int is null or state.owner_id = %(owner_id)s and state.owner_id <> 0)
   and (%(standings)s::int[] is null or state.kind * %(statuses)s + best_status(state.best) = any (%(standings)s))
   and (%(start)s::date is null or /* row */.created_on >= %(start)s)
   and (%(end)s::date is null or /* row */.created_on <= %(end)s)
   /* sector */
   /* terms */
   /* beyond */

-- name: has_terms
and exists (select from send where send.send_id = state.send_id and send.terms like all (%(patterns)s::text[]))

-- name: beyond_day
and (/* row */.created_on, /* row */.send_id) /* compared */ (%(after_key)s::date, %(after_id)s::bigint)

-- name: list
select state.send_id, state.created_on
  from /* source */
 /* matching */
 order by /* row */.created_on /* direction */, /* row */.send_id /* direction */
 limit %(limit)s

-- name: list_term
-- Those that have a term, where nothing else is asked of them: the sends themselves are not looked at.
select listed.send_id, listed.created_on
  from term listed
 where listed.organization_id = %(organization_id)s
   and listed.live = %(live)s
   and listed.term = %(term)s
   and (%(start)s::date is null or listed.created_on >= %(start)s)
   and (%(end)s::date is null or listed.created_on <= %(end)s)
   /* beyond */
 order by listed.created_on /* direction */, listed.send_id /* direction */
 limit %(limit)s

-- name: sorted
-- By something that no index knows: for lists that are short enough to be read whole.
select state.send_id, (/* key */)::text
  from /* source */
  join send using (send_id)
 /* matching */
 order by /* key */ /* direction */, state.send_id /* direction */
 limit %(limit)s

-- name: beyond_key
and (/* key */, state.send_id) /* compared */ (%(after_key)s::/* type */, %(after_id)s::bigint)

-- name: tally
select kind, best_status(best), count(*)
  from (select state.kind, state.best from /* source */ /* matching */ limit %(limit)s) matched
 group by 1, 2

-- name: tally_some
-- The same of some sends alone, in no order, and how many were looked at.
select seen.kind, best_status(best), count(*) filter (where send.terms like all (%(patterns)s::text[])), count(*)
  from (select state.send_id, state.kind, state.best from /* source */ /* matching */ limit %(limit)s) seen
  join send using (send_id)
 group by 1, 2

-- name: window
-- The first of the last days on which so many sends together were sent.
select max(created_on)
  from (select created_on, sum(sum(n)) over (order by created_on desc) as so_far
          from counts
         where organization_id = %(organization_id)s and live = %(live)s
           and (%(end)s::date is null or created_on <= %(end)s)
         group by created_on) since
 where so_far >= %(limit)s

-- name: counted
-- The same, all of it, for what the totals know.
select kind, status, sum(n)::bigint
  from counts /* reach */
 where organization_id = %(organization_id)s
   and live = %(live)s
   /* within totals */
 group by kind, status
having sum(n) <> 0

-- name: within_totals
and (%(kind)s::smallint is null or kind = %(kind)s)
   and (%(campaign_id)s::int is null or campaign_id = %(campaign_id)s and campaign_id <> 0)
   and (%(team_id)s::int is null or team_id = %(team_id)s and team_id <> 0)
   and (%(start)s::date is null or created_on >= %(start)s)
   and (%(end)s::date is null or created_on <= %(end)s)
   /* sector */

-- name: cells
-- Where the sends of some statuses lie, day by day until there are as many as asked for (or all): how many match, and
-- how many sends the cell has. Who knows how many of the first day were on the page before: they do not count.
select created_on, campaign_id, matching, whole
  from (select created_on, campaign_id, matching, whole, sum(matching) over (partition by created_on) as on_day,
               sum(matching) filter (where created_on is distinct from %(after_key)s::date)
                   over (order by created_on /* direction */) as so_far
          from (select created_on, campaign_id, sum(n)::bigint as whole,
                       coalesce(sum(n) filter (where %(standings)s::int[] is null
                                                  or kind * %(statuses)s + status = any (%(standings)s)), 0)::bigint
                           as matching
                  from counts /* reach */
                 where organization_id = %(organization_id)s
                   and live = %(live)s
                   and (%(after_key)s::date is null or created_on /* compared */= %(after_key)s)
                   /* span */
                   /* within totals */
                 group by created_on, campaign_id) cell
         where matching > 0) standing
 where coalesce(so_far, 0) - on_day < %(limit)s
 order by created_on /* direction */

-- name: last_days
and created_on > (select max(created_on) from counts
                   where organization_id = %(organization_id)s and live = %(live)s
                     and (%(after_key)s::date is null or created_on <= %(after_key)s)
                     and (%(end)s::date is null or created_on <= %(end)s)) - %(span)s::int

-- name: first_days
and created_on < (select min(created_on) from counts
                   where organization_id = %(organization_id)s and live = %(live)s
                     and (%(after_key)s::date is null or created_on >= %(after_key)s)
                     and (%(start)s::date is null or created_on >= %(start)s)) + %(span)s::int

-- name: probe_term
select count(*) from (select from term
                       where organization_id = %(organization_id)s and live = %(live)s and term = %(term)s
                       limit %(limit)s) found

-- name: words
-- The first and the last word with a beginning.
select (select term from term
         where organization_id = %(organization_id)s and live = %(live)s
           and term >= %(prefix)s and term < %(prefix)s || chr(1114111)
         order by term limit 1),
       (select term from term
         where organization_id = %(organization_id)s and live = %(live)s
           and term >= %(prefix)s and term < %(prefix)s || chr(1114111)
         order by term desc limit 1)

-- name: probe_prefix
select count(*) from (select from term
                       where organization_id = %(organization_id)s and live = %(live)s
                         and term >= %(prefix)s and term < %(prefix)s || chr(1114111)
                       limit %(limit)s) found

-- name: named
-- Sends that somebody calls by their exact number: one of theirs, a carrier's, a vendor's, or a printed barcode.
select send_id
  from alias
 where organization_id = %(organization_id)s and live = %(live)s and kind in ('external_id', 'tracking_number')
   and value = any (%(names)s)
 union
select send_id
  from alias
 where organization_id = %(organization_id)s and live = %(live)s and kind = 'vendor_id'
   and value = any (%(vendor_names)s)
 union
select barcode.send_id
  from barcode
  join send on send.send_id = barcode.send_id
 where mid_serial = %(mid_serial)s and barcode.organization_id = %(organization_id)s and barcode.live = %(live)s
   and starts_with(imb, %(imb)s)
 union
select send_id from state
 where send_id = %(send_id)s and organization_id = %(organization_id)s and live = %(live)s
