-- What workers do again and again; and which sends are to be looked at for what may be presumed of them.

create table duty (                                     -- the installation's, not an organization's
    name          text primary key,                     -- as it is shown
    about         text not null,                        -- what it is for
    every         interval not null,
    alone         boolean not null,                     -- by one worker at a time
    seen_at       timestamptz not null,                 -- when a worker last said that it sees to it
    started_at    timestamptz,
    finished_at   timestamptz,                          -- well or not
    succeeded_at  timestamptz,
    took          interval,
    failures      int not null default 0,               -- in a row
    failed_at     timestamptz,
    error         text not null default '',             -- of the last failure, also when it goes well again
    due_at        timestamptz not null default now(),
    claimed_by    text not null default '',
    claimed_until timestamptz not null default 'epoch'
);

-- Cells (one day's sends of a campaign) in which something may have to be presumed. The history of a cell is worked out
-- whenever it changes, and with it the cell comes here; there is nothing to do before `due_at`.
create table presumption (
    organization_id int not null,
    live            boolean not null,
    created_on      date not null,
    campaign_id     int not null,
    due_at          timestamptz not null default now(), -- infinity: when it changes
    looked_at       timestamptz not null default 'epoch',
    rest            interval not null default '0',      -- from one look to the next, however often it changes
    times           bigint not null default 1,          -- tells whether it changed again meanwhile
    primary key (organization_id, live, created_on, campaign_id)
);
create index on presumption (due_at) where due_at < 'infinity';

insert into presumption (organization_id, live, created_on, campaign_id)
select distinct organization_id, live, created_on, campaign_id from counts;
