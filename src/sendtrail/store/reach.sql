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
        (moment(quarter * 900000) at time zone time_zone)::date as day, side.entered, side.ceased, side.remained,
        side.presumed
   from turned
   join organization on organization.id = turned.organization_id
  cross join lateral (values (turned.category, 1, 0, last::int, presumed::int), (before, 0, 1, 0, 0))
                     side (category, entered, ceased, remained, presumed)
  where turned.organization_id = %(organization_id)s and live = %(live)s
    and owner_id = %(member_id)s and owner_id <> 0
    and side.category is not null) history

-- name: history_teams
(select organization_id, live, category, created_on, campaign_id, kind, day, entered, ceased, remained, presumed
   from history
  where organization_id = %(organization_id)s and live = %(live)s and team_id = any (%(teams)s)
  union all
 select turned.organization_id, live, side.category, created_on, campaign_id, kind,
        (moment(quarter * 900000) at time zone time_zone)::date, side.entered, side.ceased, side.remained,
        side.presumed
   from turned
   join organization on organization.id = turned.organization_id
  cross join lateral (values (turned.category, 1, 0, last::int, presumed::int), (before, 0, 1, 0, 0))
                     side (category, entered, ceased, remained, presumed)
  where turned.organization_id = %(organization_id)s and live = %(live)s
    and owner_id = %(member_id)s and owner_id <> 0 and team_id <> all (%(teams)s)
    and side.category is not null) history

-- name: history_organization
history

-- name: ledger_none
and false

-- name: ledger_own
and (ledger.owner_id = %(member_id)s and ledger.owner_id <> 0
     or ledger.fund_id in (
            select id from fund
             where organization_id = %(organization_id)s and owner_id = %(member_id)s and owner_id <> 0))

-- name: ledger_teams
and (ledger.team_id = any (%(teams)s) and ledger.team_id <> 0
     or ledger.owner_id = %(member_id)s and ledger.owner_id <> 0
     or ledger.fund_id in (
            select id from fund
             where organization_id = %(organization_id)s
               and (team_id = any (%(teams)s) and team_id <> 0 or owner_id = %(member_id)s and owner_id <> 0)))

-- name: ledger_organization

-- name: booked_none
(select * from booked where false) booked

-- name: booked_own
-- Few enough to be summed straight.
(select organization_id, fund_id, booked_on, campaign_id, team_id, type, currency, count(*) as n, sum(cents) as cents
   from ledger
  where organization_id = %(organization_id)s
    and (owner_id = %(member_id)s and owner_id <> 0
         or fund_id in (
                select id from fund
                 where organization_id = %(organization_id)s and owner_id = %(member_id)s and owner_id <> 0))
  group by organization_id, fund_id, booked_on, campaign_id, team_id, type, currency) booked

-- name: booked_teams
-- Of the teams' sends and funds there are totals; of one's own the rest is summed.
(select organization_id, fund_id, booked_on, campaign_id, team_id, type, currency, n, cents
   from booked
  where organization_id = %(organization_id)s
    and (team_id = any (%(teams)s) and team_id <> 0
         or fund_id in (
                select id from fund
                 where organization_id = %(organization_id)s
                   and (team_id = any (%(teams)s) and team_id <> 0 or owner_id = %(member_id)s and owner_id <> 0)))
  union all
 select organization_id, fund_id, booked_on, campaign_id, team_id, type, currency, count(*), sum(cents)
   from ledger
  where organization_id = %(organization_id)s and owner_id = %(member_id)s and owner_id <> 0
    and team_id <> all (%(teams)s)
    and fund_id not in (
            select id from fund
             where organization_id = %(organization_id)s
               and (team_id = any (%(teams)s) and team_id <> 0 or owner_id = %(member_id)s and owner_id <> 0))
  group by organization_id, fund_id, booked_on, campaign_id, team_id, type, currency) booked

-- name: booked_organization
booked

-- name: budget_none
and false

-- name: budget_own
-- A campaign's budget goes with the campaign.
and budget.campaign_id in (
        select id from campaign where organization_id = %(organization_id)s and owner_id = %(member_id)s and owner_id <> 0)

-- name: budget_teams
and (budget.team_id = any (%(teams)s) and budget.team_id <> 0
     or budget.campaign_id in (
            select id from campaign
             where organization_id = %(organization_id)s
               and (team_id = any (%(teams)s) and team_id <> 0 or owner_id = %(member_id)s and owner_id <> 0)))

-- name: budget_organization
