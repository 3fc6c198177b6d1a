-- What people did at the links of sends. A response never touches a trail: it has a row of its own, up to so many a
-- minute, and always counts in the totals of its send.

-- name: hold
-- Whoever counts a reference once looks for it while nobody else can add it.
insert into engagement (send_id, organization_id, live, campaign_id, team_id, owner_id, created_on, kind, recipient)
select send_id, organization_id, live, campaign_id, team_id, owner_id, created_on, kind, 0
  from state
 where send_id = any (%(send_ids)s)
 order by send_id
    on conflict (send_id) do update set minute = engagement.minute

-- name: record
-- One statement for all: who is new today, what the totals become, which of the responses get rows, and which of those
-- hooks may want to hear of. Rows of visitors and
-- of totals are visited in the order of their sends, so two writers do not wait for each other in a ring.
with given as (
    select *, row_number() over (partition by send_id, reference order by n) as turn
      from unnest(%(send_ids)s::bigint[], %(link_ids)s::bigint[], %(tracker_ids)s::int[], %(codes)s::smallint[],
                  %(sources)s::smallint[], %(evidences)s::smallint[], %(bots)s::boolean[], %(tests)s::boolean[],
                  %(occurred_ats)s::timestamptz[], %(devices)s::text[], %(countries)s::text[], %(regions)s::text[],
                  %(referrers)s::text[], %(visitors)s::bigint[], %(addresses)s::inet[], %(values)s::bigint[],
                  %(references)s::text[])
           with ordinality given (send_id, link_id, tracker_id, code, source, evidence, bot, test, occurred_at, device, country,
                                  region, referrer, visitor, address, value_cents, reference, n)
), fresh as (           -- a reference counts once; without one everything does
    select *, not bot and not test and code = %(visit)s as visit, not bot and not test and code <> %(visit)s as goal,
           row_number() over (partition by send_id order by n) as place
      from given
     where reference = ''
        or turn = 1 and not exists (select from response
                                     where response.send_id = given.send_id
                                       and response.reference = given.reference
                                       and response.reference <> '')
), seen as (
    insert into visitor (day, send_id, visitor)
    select distinct %(day)s::date, send_id, visitor from fresh where visit and visitor is not null order by 2, 3
        on conflict do nothing
    returning send_id, visitor
), tracked_now as (
    insert into tracked as known (link_id, tracker_id, send_id, visits, visitors)
    select link_id, tracker_id, send_id, count(*), count(distinct seen.visitor)
      from fresh
      left join seen using (send_id, visitor)
     where visit and tracker_id <> 0
     group by link_id, tracker_id, send_id
     order by link_id
        on conflict (link_id) do update
       set visits = known.visits + excluded.visits, visitors = known.visitors + excluded.visitors
), total as (
    select send_id, count(*) as responses, count(*) filter (where visit) as visits,
           count(*) filter (where bot and not test) as bots, count(*) filter (where goal) as goals,
           coalesce(sum(value_cents) filter (where goal), 0) as value_cents,
           min(occurred_at) filter (where visit) as first_visit_at,
           max(occurred_at) filter (where visit) as last_visit_at,
           min(occurred_at) filter (where goal) as first_goal_at,
           max(occurred_at) filter (where goal) as last_goal_at
      from fresh
     group by send_id
), engaged as (         -- `in_minute` tells afterwards how many there were before
    insert into engagement as known (
           send_id, organization_id, live, campaign_id, team_id, owner_id, created_on, kind, recipient, visits, visitors,
           bots, unlisted, goals, value_cents, first_visit_at, last_visit_at, first_goal_at, last_goal_at, minute,
           in_minute)
    select send_id, state.organization_id, state.live, state.campaign_id, state.team_id, state.owner_id,
           state.created_on, state.kind,
           hashtextextended(coalesce(substring(send.terms from E'\n(=[^\n]*)\n'), send_id::text), 0),
           total.visits, coalesce(seen.visitors, 0), total.bots,
           case when total.responses > %(most)s
                then (select count(*) from fresh
                       where fresh.send_id = total.send_id and not test and reference = '' and place > %(most)s)
                else 0 end,
           total.goals, total.value_cents, total.first_visit_at, total.last_visit_at, total.first_goal_at,
           total.last_goal_at, %(minute)s, total.responses
      from total
      join state using (send_id)
      join send using (send_id)
      left join (select send_id, count(*) as visitors from seen group by send_id) seen using (send_id)
     order by send_id
        on conflict (send_id) do update
       set campaign_id = excluded.campaign_id,
           team_id = excluded.team_id,
           owner_id = excluded.owner_id,
           created_on = excluded.created_on,
           recipient = excluded.recipient,
           visits = known.visits + excluded.visits,
           visitors = known.visitors + excluded.visitors,
           bots = known.bots + excluded.bots,
           unlisted = known.unlisted
                      + case when known.minute <> excluded.minute then excluded.unlisted
                             when known.in_minute + excluded.in_minute <= %(most)s then 0
                             else (select count(*) from fresh
                                    where fresh.send_id = known.send_id and not test and reference = ''
                                      and known.in_minute + place > %(most)s) end,
           goals = known.goals + excluded.goals,
           value_cents = known.value_cents + excluded.value_cents,
           first_visit_at = least(known.first_visit_at, excluded.first_visit_at),
           last_visit_at = greatest(known.last_visit_at, excluded.last_visit_at),
           first_goal_at = least(known.first_goal_at, excluded.first_goal_at),
           last_goal_at = greatest(known.last_goal_at, excluded.last_goal_at),
           minute = excluded.minute,
           in_minute = excluded.in_minute + case when known.minute = excluded.minute then known.in_minute else 0 end
    returning known.send_id, known.organization_id, known.live, known.in_minute
), listed as (
    select fresh.*, nextval('response_id_seq') as id, organization_id, live
      from fresh
      join total using (send_id)
      join engaged using (send_id)
     where reference <> '' or engaged.in_minute - total.responses + place <= %(most)s
), written as (
    insert into response (
           id, send_id, organization_id, live, link_id, code, source, evidence, bot, test, occurred_at, recorded_at,
           device, country, region, referrer, visitor, address, value_cents, reference)
    overriding system value
    select id, send_id, organization_id, live, link_id, code, source, evidence, bot, test, occurred_at, %(now)s, device,
           country, region, referrer, visitor, address, value_cents, reference
      from listed
), announced as (
    insert into outbox (lane, organization_id, live, send_id, response_id)
    select mod(send_id, 16), organization_id, live, send_id, id
      from listed
     where not test
       and exists (select from listening
                    where listening.organization_id = listed.organization_id
                      and listening.live = listed.live
                      and codes >> listed.code::int & 1 = 1
                      and (bots or not listed.bot))
)
select coalesce(listed.id, known.id, 0), fresh.n is not null and engaged.send_id is not null
  from given
  left join fresh using (n)
  left join engaged on engaged.send_id = given.send_id
  left join listed using (n)
  left join lateral (
        select id from response
         where fresh.n is null and response.send_id = given.send_id and response.reference = given.reference
           and response.reference <> ''
         limit 1) known on true
 order by n
