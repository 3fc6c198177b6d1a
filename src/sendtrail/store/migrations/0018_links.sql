-- Links: the QR codes and personal URLs of sends, who came by them, and what they did there. Responses stand beside the
-- trail: there can be any number of them, and none changes a status.

alter table organization
    add column address_days int not null default 0;     -- for so long a visitor's address is kept; 0: it never is

create table destination (                              -- where an organization's links may lead
    organization_id int not null references organization,
    host            text not null check (host <> ''),   -- with the port, where it is not the usual one
    created_at      timestamptz not null default now(),
    primary key (organization_id, host)
);

create table landing (                                  -- where the links of a campaign lead, or one link alone
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    campaign_id     int not null default 0,             -- 0: of no campaign
    template        text not null,                      -- a URL with merge variables: domain/landing.py
    days            int not null check (days in (30, 60, 90, 180, 365)),
    testing         boolean not null default false,     -- what happens now is a trial, and counts nowhere
    created_at      timestamptz not null default now()
);
create unique index on landing (organization_id, live, campaign_id) where campaign_id <> 0;

create table link (                                     -- its code is the tail of its public id
    id              bigint generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    send_id         bigint not null,
    landing_id      int not null references landing,
    created_at      timestamptz not null default now(),
    unique (send_id, landing_id)
);
create index on link (landing_id, id);
create index on link (organization_id, live, id);

create table response (                                 -- a visit, a goal: one row each
    id              bigint generated always as identity,
    send_id         bigint not null,
    organization_id int not null,
    live            boolean not null,
    link_id         bigint not null default 0,          -- 0: it came by none
    code            smallint not null,                  -- domain/events.py: link_opened, goal_reached
    source          smallint not null,
    evidence        smallint not null,
    bot             boolean not null default false,
    test            boolean not null default false,     -- while the link was tried out
    occurred_at     timestamptz not null,
    recorded_at     timestamptz not null default now(),
    device          text not null default '',
    country         text not null default '',           -- two letters
    region          text not null default '',
    referrer        text not null default '',           -- the host alone
    visitor         bigint,                             -- a hash that nobody can repeat after the day
    address         inet,                               -- for as long as the organization has it kept
    value_cents     bigint not null default 0,
    reference       text not null default '',           -- of a goal, by whoever counts it: once each
    primary key (send_id, id)
);
create unique index response_references on response (send_id, reference) where reference <> '';
create index on response (organization_id, live, id);
create index on response (organization_id, recorded_at) where address is not null;

create table engagement (                               -- one row for each send that anybody responded to: its totals
    send_id         bigint primary key,
    organization_id int not null,
    live            boolean not null,
    campaign_id     int not null,
    team_id         int not null,
    owner_id        int not null,
    created_on      date not null,
    kind            smallint not null,
    recipient       bigint not null,                    -- a hash of whom it is for
    visits          int not null default 0,             -- by people; trials and robots do not count
    visitors        int not null default 0,             -- different ones, day by day
    bots            int not null default 0,
    unlisted        int not null default 0,             -- visits beyond so many a minute: counted, without a row
    goals           int not null default 0,
    value_cents     bigint not null default 0,
    first_visit_at  timestamptz,
    last_visit_at   timestamptz,
    first_goal_at   timestamptz,
    last_goal_at    timestamptz,
    minute          int not null default 0,             -- of the last response, since 1970; and how many it had
    in_minute       int not null default 0
) with (fillfactor = 70);
create index on engagement (organization_id, live, campaign_id, created_on);

create table visitor_salt (                             -- one a day, forgotten afterwards
    day  date primary key,
    salt bytea not null
);
create table visitor (                                  -- who came by which link today
    day     date not null,
    send_id bigint not null,
    visitor bigint not null,
    primary key (day, send_id, visitor)
);
