-- How the days went: the past of each send, event by event in the order in which they happened, added up by cell. The
-- pipeline lists in `stale` the cells that it touches; the worker takes them from there one by one.

-- name: claim
-- One worker at the cells of an organization and mode. They are ours until the transaction ends.
select pg_try_advisory_xact_lock(hashtextextended('history', %(organization_id)s * 2 + %(live)s::int))

-- name: settings
select set_config('work_mem', '128MB', true), set_config('jit', 'off', true)

-- name: marks
-- Read before the trails: what changes later counts `times` up, or adds a row.
select created_on, campaign_id, slot, times
  from stale
  join unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id) using (created_on, campaign_id)
 where organization_id = %(organization_id)s and live = %(live)s

-- name: merge
with cell as (
    select * from unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id)
), counted as (
    select created_on, campaign_id, team_id, kind, before, category, quarter, count(*) as n,
           count(*) filter (where last) as last, count(*) filter (where presumed) as presumed
      from cell
      join turned using (created_on, campaign_id)
     where organization_id = %(organization_id)s and live = %(live)s
     group by 1, 2, 3, 4, 5, 6, 7
), fresh as (          -- no clock has been off UTC by less than quarters since 2020
    select created_on, campaign_id, team_id, kind, side.category, (moment(quarter * 900000) at time zone time_zone)::date as day,
           sum(side.entered) as entered, sum(side.ceased) as ceased, sum(side.remained) as remained,
           sum(side.presumed) as presumed
      from counted
      join organization on organization.id = %(organization_id)s
     cross join lateral (values (counted.category, n, 0, last, counted.presumed), (before, 0, n, 0, 0))
                        side (category, entered, ceased, remained, presumed)
     where side.category is not null
     group by 1, 2, 3, 4, 5, 6
), gone as (
    delete from history using cell
     where organization_id = %(organization_id)s
       and live = %(live)s
       and history.created_on = cell.created_on
       and history.campaign_id = cell.campaign_id
       and not exists (select from fresh
                        where fresh.created_on = history.created_on and fresh.campaign_id = history.campaign_id
                          and fresh.team_id = history.team_id and fresh.kind = history.kind
                          and fresh.category = history.category and fresh.day = history.day)
)
insert into history (organization_id, live, category, created_on, campaign_id, team_id, kind, day, entered, ceased,
                     remained, presumed)
select %(organization_id)s, %(live)s, category, created_on, campaign_id, team_id, kind, day, entered, ceased, remained,
       presumed
  from fresh
 order by category, created_on, campaign_id, team_id, kind, day
on conflict (organization_id, live, category, created_on, campaign_id, team_id, kind, day)
do update set entered = excluded.entered, ceased = excluded.ceased, remained = excluded.remained,
              presumed = excluded.presumed
   where (history.entered, history.ceased, history.remained, history.presumed)
         is distinct from (excluded.entered, excluded.ceased, excluded.remained, excluded.presumed)

-- name: clear
-- A mark that was touched since it was read stays: its transaction may have committed after the trails were read. What
-- has changed is to be looked at for what needs attention, too.
with cleared as (
    delete from stale
     using unnest(%(days)s::date[], %(campaign_ids)s::int[], %(slots)s::smallint[], %(times)s::bigint[])
           as seen (created_on, campaign_id, slot, times)
     where organization_id = %(organization_id)s
       and live = %(live)s
       and stale.created_on = seen.created_on
       and stale.campaign_id = seen.campaign_id
       and stale.slot = seen.slot
       and stale.times = seen.times
    returning organization_id, live, stale.created_on, stale.campaign_id
)
insert into attention_cell (organization_id, live, created_on, campaign_id)
select distinct organization_id, live, created_on, campaign_id
  from cleared
 order by organization_id, live, created_on, campaign_id
on conflict (organization_id, live, created_on, campaign_id) do update set changed = true

-- name: postpone
-- What is left has changed since this transaction began.
update stale set since = now()
  from unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id)
 where organization_id = %(organization_id)s
   and live = %(live)s
   and stale.created_on = cell.created_on
   and stale.campaign_id = cell.campaign_id
   and since < now()

-- name: outdate
-- All cells of an organization, or of all of them.
insert into stale (organization_id, live, created_on, campaign_id, slot)
select distinct organization_id, live, created_on, campaign_id, 0
  from counts
 where %(organization_id)s::int is null or organization_id = %(organization_id)s
 order by organization_id, live, created_on, campaign_id
on conflict (organization_id, live, created_on, campaign_id, slot) do update set times = stale.times + 1

-- name: due
-- Cells to be worked out, with how many sends they have; those that wait longest first. A cell rests the longer the more
-- sends it has.
select cell.organization_id, cell.live, cell.created_on, cell.campaign_id, size.sends::bigint
  from (select organization_id, live, created_on, campaign_id, min(since) as since
          from stale
         group by organization_id, live, created_on, campaign_id) cell
 cross join lateral (
        select coalesce(sum(n), 0) as sends
          from counts
         where counts.organization_id = cell.organization_id
           and counts.live = cell.live
           and counts.created_on = cell.created_on
           and counts.campaign_id = cell.campaign_id) size
 where since <= now() - %(rest)s * (1 + size.sends / 100000)::float8
 order by since
 limit %(limit)s

-- name: as_of
-- All that was known at this moment is in the history of these cells.
select coalesce(min(since), now())
  from stale
 where organization_id = %(organization_id)s
   and live = %(live)s
   and created_on between %(start)s and %(end)s
   and (%(campaign_id)s::int is null or campaign_id = %(campaign_id)s)

-- name: moves
-- By how much the sends of a campaign in each category grew or shrank from day to day.
select day, category, sum(entered - ceased)::bigint
  from history /* reach */
 where organization_id = %(organization_id)s and live = %(live)s and campaign_id = %(campaign_id)s
 group by day, category
having sum(entered - ceased) <> 0
 order by day, category

-- name: taken
-- How many days those took that came into a category and are still there, but for those that are only presumed to be:
-- nobody knows when they came. A sector's condition, or that of a campaign, takes the place of the comment. A send that
-- was there before its day took none.
select greatest(day - created_on, 0), sum(remained - presumed)::bigint
  from history /* reach */
 where organization_id = %(organization_id)s
   and live = %(live)s
   and category = %(category)s
   and created_on between %(start)s and %(end)s
   and (%(campaign_id)s::int is null or campaign_id = %(campaign_id)s)
   /* sector */
 group by 1
having sum(remained - presumed) <> 0
 order by 1
