-- Reports read `counts`, which the pipeline keeps up to date: never the sends themselves.

-- name: days
-- A period, both days inclusive; the condition of a sector, below, takes the place of the comment. Cents of another
-- currency do not add up and are left out.
select created_on, status, sum(n)::bigint,
       coalesce(sum(cost_cents) filter (where currency = %(currency)s), 0)::bigint
  from counts /* reach */
 where organization_id = %(organization_id)s
   and live = %(live)s
   and created_on between %(start)s and %(end)s
   /* sector */
 group by created_on, status
having sum(n) <> 0
 order by created_on, status

-- name: all

-- name: gift
and kind = any (%(gifts)s)

-- name: single
and campaign_id = 0 and kind <> all (%(gifts)s)

-- name: bulk
and campaign_id in (select id from campaign
                     where organization_id = %(organization_id)s and live = %(live)s and type = 'bulk')
and kind <> all (%(gifts)s)

-- name: triggered
and campaign_id in (select id from campaign
                     where organization_id = %(organization_id)s and live = %(live)s and type = 'triggered')
and kind <> all (%(gifts)s)

-- name: campaigns
-- Campaigns with their totals; what is chosen and its order take the places of the comments. A day had mail if any of
-- its rows is above zero. The categories in the order of stannp.CATEGORIES.
with part as (
    select campaign_id, status_category(status) as category, sum(n) as n,
           coalesce(sum(cost_cents) filter (where currency = %(currency)s and owed(status)), 0) as cents,
           min(created_on) filter (where n > 0) as first_day, max(created_on) filter (where n > 0) as last_day
      from counts /* reach */
     where organization_id = %(organization_id)s
       and live = %(live)s
       /* chosen */
     group by 1, 2
), whole as (
    select campaign_id, min(first_day) as first_day, max(last_day) as last_day, sum(n) as total,
           array[
               coalesce(sum(n) filter (where category = 0), 0), coalesce(sum(n) filter (where category = 1), 0),
               coalesce(sum(n) filter (where category = 2), 0), coalesce(sum(n) filter (where category = 3), 0),
               coalesce(sum(n) filter (where category = 4), 0), coalesce(sum(n) filter (where category = 5), 0),
               coalesce(sum(n) filter (where category = 6), 0), coalesce(sum(n) filter (where category = 7), 0)
           ]::bigint[] as categories,
           sum(cents) as spent
      from part
     group by campaign_id
    having sum(n) <> 0
)
select /* columns */, first_day, last_day, total::bigint, categories, spent::bigint
  from whole
  join campaign on campaign.id = campaign_id
  /* names */
 order by /* order */ campaign.id desc
 limit %(limit)s

-- name: teams
-- What each team sent in a period; the condition of a sector takes the place of the comment.
select team_id, coalesce(team.name, ''), status, sum(n)::bigint,
       coalesce(sum(cost_cents) filter (where currency = %(currency)s), 0)::bigint
  from counts /* reach */
  left join team on team.id = team_id
 where counts.organization_id = %(organization_id)s
   and live = %(live)s
   and created_on between %(start)s and %(end)s
   /* sector */
 group by team_id, team.name, status
having sum(n) <> 0
 order by team_id = 0, lower(team.name), team_id, status

-- name: kinds
select kind, status_category(status), sum(n)::bigint
  from counts /* reach */
 where organization_id = %(organization_id)s and live = %(live)s and campaign_id = %(campaign_id)s and campaign_id <> 0
 group by 1, 2
having sum(n) <> 0
 order by 1, 2

-- name: last_day
-- By the primary key, from its end.
select created_on
  from counts /* reach */
 where organization_id = %(organization_id)s
   and live = %(live)s
   and created_on < %(before)s
   and n > 0
   /* sector */
 order by created_on desc
 limit 1

-- name: fold_turn
-- Not while all is counted anew.
lock table state in row exclusive mode

-- name: fold
-- Slot 16 is nobody's: it holds what is put together.
with gone as (
    delete from counts
     using unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id)
     where organization_id = %(organization_id)s
       and live = %(live)s
       and counts.created_on = cell.created_on
       and counts.campaign_id = cell.campaign_id
       and slot < 16
    returning counts.created_on, counts.campaign_id, team_id, kind, status, currency, n, cost_cents
)
insert into counts
select %(organization_id)s, %(live)s, created_on, campaign_id, team_id, kind, status, currency, 16, sum(n),
       sum(cost_cents)
  from gone
 group by created_on, campaign_id, team_id, kind, status, currency
having sum(n) <> 0 or sum(cost_cents) <> 0
on conflict (organization_id, live, created_on, campaign_id, team_id, kind, status, currency, slot)
do update set n = counts.n + excluded.n, cost_cents = counts.cost_cents + excluded.cost_cents

-- name: fold_empty
delete from counts
 using unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id)
 where organization_id = %(organization_id)s
   and live = %(live)s
   and counts.created_on = cell.created_on
   and counts.campaign_id = cell.campaign_id
   and slot = 16
   and n = 0
   and cost_cents = 0

-- name: campaigns_only
and campaign_id <> 0 and kind <> all (%(gifts)s)
