-- How the days went, and indexes for pages that show one campaign or what was sent one by one.

-- A cell: the sends of one organization, mode, day and campaign. Those listed here have changed since their history was
-- worked out. `slot` spreads concurrent writers.
create table stale (
    organization_id int not null,
    live            boolean not null,
    created_on      date not null,
    campaign_id     int not null,
    slot            smallint not null,
    since           timestamptz not null default now(),
    times           bigint not null default 1,          -- tells whether it changed again meanwhile
    primary key (organization_id, live, created_on, campaign_id, slot)
) with (fillfactor = 50);

-- How many sends of a cell came to stand in a category on a day, and ceased to. The pipeline never waits for it: the
-- worker makes it from the trails.
create table history (
    organization_id int not null,
    live            boolean not null,
    category        smallint not null,                  -- its place among the eight
    created_on      date not null,
    campaign_id     int not null,
    kind            smallint not null,
    day             date not null,                      -- by the organization's clocks
    entered         bigint not null,
    ceased          bigint not null,
    remained        bigint not null,                    -- of those that entered: still there
    primary key (organization_id, live, category, created_on, campaign_id, kind, day)
);
create index on history (organization_id, live, campaign_id, created_on);

create index on state (organization_id, live, created_on, campaign_id, send_id);
create index on counts (organization_id, live, campaign_id) where campaign_id <> 0;
create index on send (organization_id, live, created_on desc, send_id desc) where campaign_id = 0 and kind < 5;
create index on send (organization_id, live, created_on desc, send_id desc) where kind >= 5;

insert into stale (organization_id, live, created_on, campaign_id, slot)
select distinct organization_id, live, created_on, campaign_id, 0 from counts;
