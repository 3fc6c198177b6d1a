-- How campaigns perform: who engaged, campaign by campaign, and what a campaign's pieces are, without reading all others.
-- A further visit of a piece changes nothing that either index holds.
create index on engagement (organization_id, live, campaign_id, recipient) include (send_id, team_id, owner_id)
    where first_visit_at is not null;
create index on send (campaign_id, send_id) where campaign_id <> 0;
