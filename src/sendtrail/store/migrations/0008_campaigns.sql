-- A campaign is put away, or taken off the lists; a team is given up. What they sent counts as before, and is told by the
-- same names: the rows stay, and their names are free again.

alter table campaign
    add column archived_at timestamptz,
    add column deleted_at timestamptz;
alter table campaign drop constraint campaign_organization_id_live_name_key;
create unique index campaign_names on campaign (organization_id, live, name) where deleted_at is null;
create index on campaign (organization_id, live, name) where deleted_at is not null;

alter table team add column removed_at timestamptz;
alter table team drop constraint team_organization_id_name_key;
create unique index team_names on team (organization_id, name) where removed_at is null;
