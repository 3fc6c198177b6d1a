-- Funding sources, and what is in them.

-- name: columns
fund.id, fund.name, fund.currency, fund.team_id, coalesce(team.name, ''), fund.owner_id, coalesce(owner.email, ''),
coalesce(owner.name, ''), fund.main, fund.never_below_zero, fund.created_at, fund.closed_at

-- name: names
left join team on team.id = fund.team_id
left join member owner on owner.id = fund.owner_id

-- name: listed
select /* columns */
  from fund /* names */
 where fund.organization_id = %(organization_id)s
   /* fund reach */
 order by fund.closed_at is not null, fund.main desc, fund.owner_id <> 0, fund.team_id <> 0, lower(fund.name), fund.id

-- name: open
-- All of them: whom a send is charged to does not depend on what its maker may see.
select /* columns */
  from fund /* names */
 where fund.organization_id = %(organization_id)s and fund.closed_at is null
 order by fund.id

-- name: hold
select id from fund
 where organization_id = %(organization_id)s and id = any (%(ids)s)
 order by id
   for no key update

-- name: left
select fund_id, sum(cents)::bigint
  from balance
 where organization_id = %(organization_id)s and fund_id = any (%(ids)s)
 group by fund_id

-- name: totals
select type, sum(cents)::bigint
  from balance
 where organization_id = %(organization_id)s and currency = %(currency)s
 group by type

-- name: by_fund
select fund_id, type, sum(cents)::bigint
  from balance
 where organization_id = %(organization_id)s and fund_id = any (%(ids)s)
 group by fund_id, type

-- name: add
with added as (
    insert into fund (organization_id, name, currency, team_id, owner_id, never_below_zero)
    select id, %(name)s, currency, %(team_id)s, %(owner_id)s, %(never_below_zero)s
      from organization where id = %(organization_id)s
    on conflict do nothing
    returning *
)
select /* columns */ from added fund /* names */

-- name: change
with changed as (
    update fund set name = %(name)s, never_below_zero = %(never_below_zero)s
     where id = %(id)s and organization_id = %(organization_id)s
    returning *
)
select /* columns */ from changed fund /* names */

-- name: close
with closed as (
    update fund set closed_at = now()
     where id = %(id)s and organization_id = %(organization_id)s and closed_at is null and not main
    returning *
)
select /* columns */ from closed fund /* names */
