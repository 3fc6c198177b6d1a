-- Budgets, and what was spent of them: read from `counts`, as reports are.

-- name: columns
budget.id, budget.team_id, coalesce(team.name, ''), budget.campaign_id, coalesce(campaign.name, ''), budget.period,
budget.cents, budget.currency, budget.strict

-- name: names
left join team on team.id = budget.team_id
left join campaign on campaign.id = budget.campaign_id

-- name: listed
select /* columns */
  from budget /* names */
 where budget.organization_id = %(organization_id)s
   /* budget reach */
 order by budget.campaign_id <> 0, budget.team_id <> 0, lower(team.name), lower(campaign.name), budget.id

-- name: strict
select /* columns */
  from budget /* names */
 where budget.organization_id = %(organization_id)s and budget.strict
   and (budget.team_id = 0 and budget.campaign_id = 0 or budget.team_id = any (%(team_ids)s) and budget.team_id <> 0
        or budget.campaign_id = any (%(campaign_ids)s) and budget.campaign_id <> 0)
 order by budget.id

-- name: hold
select from budget
 where organization_id = %(organization_id)s and id = any (%(ids)s)
 order by id
   for no key update

-- name: spent
select place, coalesce(cents, 0)::bigint
  from unnest(%(team_ids)s::int[], %(campaign_ids)s::int[], %(starts)s::date[], %(ends)s::date[]) with ordinality
       asked (team_id, campaign_id, first_day, last_day, place)
 cross join lateral (
        select sum(cost_cents) as cents
          from counts
         where organization_id = %(organization_id)s and live and currency = %(currency)s and owed(status)
           and created_on between asked.first_day and asked.last_day
           and (asked.team_id = 0 or counts.team_id = asked.team_id)
           and (asked.campaign_id = 0 or counts.campaign_id = asked.campaign_id)) used
 order by place

-- name: put
with kept as (
    insert into budget (organization_id, team_id, campaign_id, period, cents, currency, strict)
    select id, %(team_id)s, %(campaign_id)s, %(period)s, %(cents)s, currency, %(strict)s
      from organization where id = %(organization_id)s
    on conflict (organization_id, team_id, campaign_id, period)
    do update set cents = excluded.cents, strict = excluded.strict
    returning *
)
select /* columns */ from kept budget /* names */

-- name: remove
delete from budget where organization_id = %(organization_id)s and id = %(id)s
