-- The Send Tracker: what a send can be found by, and lists from the latest day down.

alter table send add column terms text;                  -- each between line ends; null: not worked out yet
create index on send (send_id) where terms is null;

create table term (                                     -- the same, one row for each, to be looked up
    organization_id int not null,
    live            boolean not null,
    term            text collate "C" not null,          -- domain/terms.py
    created_on      date not null,
    send_id         bigint not null,
    primary key (organization_id, live, term, created_on, send_id)
);

-- Lists are read from `state`, which knows where a send stands; what led to lists from `send` is not needed any more.
drop index state_organization_id_live_owner_id_created_on_campaign_id_idx;
drop index send_organization_id_live_owner_id_send_id_idx;
drop index send_organization_id_live_team_id_send_id_idx;
drop index send_organization_id_live_send_id_idx;
drop index send_organization_id_live_created_on_send_id_idx;
drop index send_campaign_id_send_id_idx;
create index on state (organization_id, live, created_on, send_id);
create index on state (organization_id, live, campaign_id, created_on, send_id) where campaign_id <> 0;
create index on state (organization_id, live, team_id, created_on, send_id) where team_id <> 0;
create index on state (organization_id, live, owner_id, created_on, send_id) where owner_id <> 0;
