-- How far somebody reaches: conditions on a row that says whose it is, and what stands for the totals.

-- name: row_none
and false

-- name: row_own
and row.owner_id = %(member_id)s and row.owner_id <> 0

-- name: row_teams
and (row.team_id = any (%(teams)s) and row.team_id <> 0 or row.owner_id = %(member_id)s and row.owner_id <> 0)

-- name: row_organization

-- name: campaign_none
and false

-- name: campaign_own
-- A campaign is somebody's if they began it or a send in it is theirs.
and (campaign.owner_id = %(member_id)s and campaign.owner_id <> 0
     or campaign.id in (
            select campaign_id from state
             where organization_id = %(organization_id)s and live = %(live)s
               and owner_id = %(member_id)s and owner_id <> 0))

-- name: campaign_teams
and (campaign.owner_id = %(member_id)s and campaign.owner_id <> 0
     or campaign.team_id = any (%(teams)s)
     or exists (
            select from counts
             where organization_id = %(organization_id)s and live = %(live)s
               and campaign_id = campaign.id and campaign_id <> 0 and team_id = any (%(teams)s) and n > 0)
     or campaign.id in (
            select campaign_id from state
             where organization_id = %(organization_id)s and live = %(live)s
               and owner_id = %(member_id)s and owner_id <> 0))

-- name: campaign_organization

-- name: counts_none
(select * from counts where false) counts

-- name: counts_own
-- Few enough to be counted straight.
(select organization_id, live, created_on, campaign_id, team_id, kind, best_status(best) as status, currency,
        count(*) as n, sum(cost_cents) as cost_cents
   from state
  where organization_id = %(organization_id)s and live = %(live)s and owner_id = %(member_id)s and owner_id <> 0
    and best <> 0
  group by organization_id, live, created_on, campaign_id, team_id, kind, best_status(best), currency) counts

-- name: counts_teams
-- What the teams sent is kept as totals; of one's own the rest is counted.
(select organization_id, live, created_on, campaign_id, team_id, kind, status, currency, n, cost_cents
   from counts
  where organization_id = %(organization_id)s and live = %(live)s and team_id = any (%(teams)s)
  union all
 select organization_id, live, created_on, campaign_id, team_id, kind, best_status(best), currency, count(*),
        sum(cost_cents)
   from state
  where organization_id = %(organization_id)s and live = %(live)s and owner_id = %(member_id)s and owner_id <> 0
    and team_id <> all (%(teams)s) and best <> 0
  group by organization_id, live, created_on, campaign_id, team_id, kind, best_status(best), currency) counts

-- name: counts_organization
counts

-- name: history_none
(select * from history where false) history

-- name: history_own
-- Worked out from the trails of one's own sends.
(select turned.organization_id, live, side.category, created_on, campaign_id, kind,
        (moment(quarter * 900000) at time zone time_zone)::date as day, side.entered, side.ceased, side.remained
   from turned
   join organization on organization.id = turned.organization_id
  cross join lateral (values (turned.category, 1, 0, last::int), (before, 0, 1, 0))
                     side (category, entered, ceased, remained)
  where turned.organization_id = %(organization_id)s and live = %(live)s
    and owner_id = %(member_id)s and owner_id <> 0
    and side.category is not null) history

-- name: history_teams
(select organization_id, live, category, created_on, campaign_id, kind, day, entered, ceased, remained
   from history
  where organization_id = %(organization_id)s and live = %(live)s and team_id = any (%(teams)s)
  union all
 select turned.organization_id, live, side.category, created_on, campaign_id, kind,
        (moment(quarter * 900000) at time zone time_zone)::date, side.entered, side.ceased, side.remained
   from turned
   join organization on organization.id = turned.organization_id
  cross join lateral (values (turned.category, 1, 0, last::int), (before, 0, 1, 0))
                     side (category, entered, ceased, remained)
  where turned.organization_id = %(organization_id)s and live = %(live)s
    and owner_id = %(member_id)s and owner_id <> 0 and team_id <> all (%(teams)s)
    and side.category is not null) history

-- name: history_organization
history
