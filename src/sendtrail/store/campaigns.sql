-- Campaigns. What is told of one, and the tables that have its owner's and its team's names, take the places of comments.

-- name: columns
campaign.id, campaign.name, campaign.type, campaign.created_at, campaign.archived_at, campaign.deleted_at,
campaign.owner_id, coalesce(owner.email, ''), coalesce(owner.name, ''), campaign.team_id, coalesce(team.name, ''),
campaign.fund_id, coalesce(fund.name, ''), coalesce(landing.id, 0), coalesce(landing.template, ''),
coalesce(landing.days, 0), coalesce(landing.testing, false)

-- name: names
left join member owner on owner.id = campaign.owner_id
left join team on team.id = campaign.team_id
left join fund on fund.id = campaign.fund_id
left join landing on landing.campaign_id = campaign.id and landing.organization_id = campaign.organization_id
     and landing.live = campaign.live

-- name: state
case when campaign.deleted_at is not null then 'deleted' when campaign.archived_at is not null then 'archived' else 'active' end

-- name: add
with added as (
    insert into campaign (organization_id, live, name, type, owner_id, team_id, fund_id)
    values (%(organization_id)s, %(live)s, %(name)s, %(type)s, %(owner_id)s, %(campaign_team_id)s, %(fund_id)s)
    on conflict (organization_id, live, name) where deleted_at is null do nothing
    returning *
)
select /* columns */ from added campaign /* names */

-- name: get
select /* columns */
  from campaign /* names */
 where campaign.id = %(id)s and campaign.organization_id = %(organization_id)s and campaign.live = %(live)s
   /* campaign reach */

-- name: held
select /* columns */
  from campaign /* names */
 where campaign.id = %(id)s and campaign.organization_id = %(organization_id)s and campaign.live = %(live)s
   /* own campaign reach */
   for no key update of campaign

-- name: page
select /* columns */
  from campaign /* names */
 where campaign.organization_id = %(organization_id)s and campaign.live = %(live)s
   /* campaign reach */
   and (%(before)s::bigint is null or campaign.id < %(before)s)
   and (%(type)s::text is null or campaign.type = %(type)s)
   and /* state */ = any (%(states)s)
   and strpos(lower(campaign.name), lower(%(q)s)) > 0
 order by campaign.id desc
 limit %(limit)s

-- name: tally
select /* state */, count(*)
  from campaign
 where campaign.organization_id = %(organization_id)s and campaign.live = %(live)s
   /* campaign reach */
   and (%(type)s::text is null or campaign.type = %(type)s)
   and strpos(lower(campaign.name), lower(%(q)s)) > 0
 group by 1

-- name: called
-- Where several had a name, the one that has it now comes last, and before it the one that was deleted last.
select /* columns */
  from campaign /* names */
 where campaign.organization_id = %(organization_id)s and campaign.live = %(live)s
   and (campaign.name = any (%(names)s) or campaign.id = any (%(ids)s))
   /* campaign reach */
 order by campaign.deleted_at is null, campaign.deleted_at, campaign.id

-- name: change
with changed as (
    update campaign
       set name = %(name)s, owner_id = %(owner_id)s, team_id = %(campaign_team_id)s, fund_id = %(fund_id)s
     where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s
 returning *
)
select /* columns */ from changed campaign /* names */

-- name: move
with moved as (
    update campaign
       set archived_at = case %(state)s when 'active' then null when 'archived' then now() else archived_at end,
           deleted_at = case %(state)s when 'deleted' then now() end
     where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s
 returning *
), mailings as (
    update mailing set deleted_at = case %(state)s when 'deleted' then now() end
     where campaign_id in (select id from moved)
)
select /* columns */ from moved campaign /* names */
