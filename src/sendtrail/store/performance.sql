-- How the recipients of campaigns responded. Totals of each send stand in `engagement`; trials and robots are in none of
-- its figures but `bots`. What was cancelled does not count, whoever visited its link.

-- name: settings
-- Each row is looked up, by one process: those who responded are few among all sends.
select set_config('work_mem', '32MB', true), set_config('jit', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true)

-- name: linked
-- Campaigns whose sends get links, or that were responded to by some other way.
select campaign_id from landing
 where organization_id = %(organization_id)s and live = %(live)s and campaign_id = any (%(campaign_ids)s)
   and campaign_id <> 0
 union
select campaign_id from unnest(%(campaign_ids)s::int[]) campaign_id
 where exists (select from engagement
                where organization_id = %(organization_id)s and live = %(live)s
                  and engagement.campaign_id = campaign_id.campaign_id
                  /* engagement reach */)

-- name: gone
-- Sends that were responded to, and cancelled all the same.
select send_id
  from engagement
 where engagement.campaign_id = any (%(campaign_ids)s)
   and (select status_category(best_status(best)) from state where state.send_id = engagement.send_id) = %(cancelled)s
   /* that counts */

-- name: engaged
-- How many different people visited, by campaign: from an index alone.
select campaign_id, count(*)
  from (select campaign_id, recipient
          from engagement
         where engagement.campaign_id = any (%(campaign_ids)s)
           and first_visit_at is not null
           /* that counts */
         group by campaign_id, recipient) visitor
 group by campaign_id

-- name: totals
select engagement.campaign_id, count(distinct recipient) filter (where visits > 0), count(*) filter (where visits > 0),
       count(distinct recipient) filter (where goals > 0), sum(visits)::bigint, sum(visitors)::bigint, sum(bots)::bigint,
       sum(unlisted)::bigint, sum(goals)::bigint, sum(value_cents)::bigint,
       least(min(first_visit_at), min(first_goal_at)), greatest(max(last_visit_at), max(last_goal_at))
  from engagement
 where engagement.campaign_id = any (%(campaign_ids)s)
   /* that counts */
 group by engagement.campaign_id

-- name: that_counts
and engagement.organization_id = %(organization_id)s
   and engagement.live = %(live)s
   and engagement.campaign_id <> 0
   and engagement.send_id <> all (%(gone)s)
   /* engagement reach */

-- name: since_delivery
-- Pieces by the day of their first visit, counted from that on which they were delivered: -1 is before it; null where
-- they do not stand as delivered, or are only presumed to.
select case when day is not null then greatest(least(day, %(last)s), -1) end, count(*)
  from (select case when status_category(best_status(best)) = %(delivered)s and not best_is_presumed(best)
                    then (first_visit_at at time zone %(zone)s)::date
                         - (moment(best_ms(best)) at time zone %(zone)s)::date end as day
          from engagement
          join state using (send_id)
         where engagement.campaign_id = any (%(campaign_ids)s)
           and visits > 0
           /* that counts */) visited
 group by 1

-- name: responses
-- Visits, goals and the people who visited, by day (`device` null) and by device (`day` null).
select (occurred_at at time zone %(zone)s)::date, device, count(*) filter (where code = %(visit)s),
       count(*) filter (where code <> %(visit)s), count(distinct recipient) filter (where code = %(visit)s)
  from engagement
  join response using (send_id)
 where engagement.campaign_id = any (%(campaign_ids)s)
   and not bot
   and not test
   /* that counts */
 group by grouping sets ((1), (2))

-- name: traits
-- Mailing classes, regions and tags with the most pieces; all others of a trait as one, with a null value. `places`: how
-- many values that is.
with piece as materialized (
    select mailing_class, upper(trim(coalesce(region, ''))) as region,
           case when tags = '{}' then array[''] else tags end as tags, sum(n) as n
      from (/* source */) counted
     group by 1, 2, 3
    having sum(n) <> 0
), part as (
    select 'mailing_class' as trait, mailing_class as value, n from piece
    union all
    select 'region', region, n from piece
    union all
    select 'tag', tag, n from piece cross join unnest(tags) tag
), ranked as (
    select trait, value, sum(n) as n, row_number() over (partition by trait order by sum(n) desc, value) as place
      from part
     group by trait, value
)
select trait, value, n::bigint, 1 from ranked where place <= %(most)s
union all
select trait, null, sum(n)::bigint, count(*) from ranked where place > %(most)s and trait <> 'tag' group by trait
union all
select 'tag', null,             -- a piece that has several of them is one piece
       (select sum(n) from piece where tags && array_agg(value))::bigint, count(*)
  from ranked
 where place > %(most)s and trait = 'tag'
having count(*) > 0

-- name: pieces
-- All that were sent, less those that were cancelled, which are looked for only where there are any.
select /* trait columns */, count(*) as n
  from send
 where organization_id = %(organization_id)s and live = %(live)s and campaign_id = any (%(campaign_ids)s) and campaign_id <> 0
   /* send reach */
 group by 1, 2, 3
union all
select /* trait columns */, -count(*)
  from (select send_id
          from state
         where organization_id = %(organization_id)s and live = %(live)s and campaign_id = any (%(campaign_ids)s)
           and campaign_id <> 0
           and %(partly_cancelled)s
           and status_category(best_status(best)) = %(cancelled)s
           /* state reach */
        offset 0) gone
  join send using (send_id)
 group by 1, 2, 3

-- name: visited_pieces
select /* trait columns */, count(*) as n
  from engagement
  join send using (send_id)
 where engagement.campaign_id = any (%(campaign_ids)s)
   and visits > 0
   /* that counts */
 group by 1, 2, 3

-- name: trait_columns
send.mailing_class, send.recipient ->> 'state' as region, send.tags

-- name: engaged_by_trait
-- How many different people visited, by kind and by the values of the traits that were asked for; null: by the others.
with visited as materialized (
    select engagement.recipient as who, engagement.kind, mailing_class,
           upper(trim(coalesce(send.recipient ->> 'state', ''))) as region,
           case when tags = '{}' then array[''] else tags end as tags
      from engagement
      join send using (send_id)
     where engagement.campaign_id = any (%(campaign_ids)s)
       and visits > 0
       /* that counts */
)
select 'kind', kind::text, count(distinct who) from visited group by 2
union all
select 'mailing_class', case when mailing_class = any (%(mailing_class)s) then mailing_class end, count(distinct who)
  from visited group by 2
union all
select 'region', case when region = any (%(region)s) then region end, count(distinct who) from visited group by 2
union all
select 'tag', case when tag = any (%(tag)s) then tag end, count(distinct who)
  from visited cross join unnest(tags) tag group by 2

-- name: people
-- Sends to which somebody responded, those that were visited first at the top.
select engagement.send_id
  from engagement
 where engagement.campaign_id = any (%(campaign_ids)s)
   and (visits > 0 or goals > 0)
   /* that counts */
 order by first_visit_at nulls last, first_goal_at, engagement.send_id

-- name: people_rows
select engagement.send_id, engagement.kind, coalesce(send.recipient ->> 'name', ''),
       coalesce(send.recipient ->> 'company', ''), coalesce(send.recipient ->> 'email', ''), first_visit_at,
       last_visit_at, visits, goals, value_cents,
       array(select link.id from link where link.send_id = send.send_id order by link.id), coalesce(member.email, '')
  from unnest(%(send_ids)s::bigint[]) with ordinality listed (send_id, place)
  join engagement using (send_id)
  join send using (send_id)
  left join member on member.id = engagement.owner_id
 where engagement.organization_id = %(organization_id)s
   and engagement.live = %(live)s
   /* engagement reach */
 order by place
