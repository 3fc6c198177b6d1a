-- What needs somebody's attention: kept by the worker, so that looking at it costs nothing.

create table attention (
    id              bigint generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    rule            smallint not null,                  -- its number in domain/attention.py
    about           bigint not null,                    -- the number of the send, feed or Mailer ID; 0: neither
    since           timestamptz not null,
    fact            bigint not null,                    -- what it rests on: another one is news
    status          smallint not null default 0,        -- of the send
    amount          bigint not null default 0,          -- barcodes, cents
    created_on      date,                               -- the send's cell
    campaign_id     int not null default 0,
    owner_id        int not null default 0,
    team_id         int not null default 0,
    noticed_at      timestamptz not null default now(),
    snoozed_until   timestamptz,
    assignee_id     int not null default 0,
    done_at         timestamptz,                        -- for as long as the fact is the same
    acted_by        text not null default '',           -- who snoozed it last, or was done with it
    note            text not null default '',
    unique (organization_id, live, rule, about)
);
create index on attention (organization_id, live, rule, since, id);
create index on attention (organization_id, live, created_on, campaign_id) where created_on is not null;
create index on attention (organization_id, live, owner_id) where owner_id <> 0;
create index on attention (organization_id, live, team_id) where team_id <> 0;

create table attention_cell (                           -- one day's sends of a campaign that are to be looked at
    organization_id int not null,
    live            boolean not null,
    created_on      date not null,
    campaign_id     int not null,
    changed         boolean not null default true,      -- since they were looked at
    due_at          timestamptz,                        -- when the next of them will have waited for too long
    primary key (organization_id, live, created_on, campaign_id)
);
create index on attention_cell (organization_id) where changed;
create index on attention_cell (due_at) where due_at is not null;
insert into attention_cell (organization_id, live, created_on, campaign_id)
select distinct organization_id, live, created_on, campaign_id from counts where created_on > current_date - 200;

create table attention_round (                          -- up to when an organization was looked at
    organization_id int not null references organization,
    live            boolean not null,
    looked_at       timestamptz not null,
    primary key (organization_id, live)
);

-- What can be followed, and nobody knows by which number. The same condition stands in noticing.sql.
create index send_without_number on send (organization_id, live, created_on, campaign_id, send_id)
 where tracking_number = ''
   and (kind = 5 or extra_service <> '' or mailing_class ~ 'certified|registered|signature|express|priority');

create index on feed_file (organization_id, live, received_at) where brought_by = 'feed-dir';

-- A send takes the place of one that came back.
alter table send add column replaces bigint;
create index on send (replaces) where replaces is not null;

-- The daily digest: what a member chose, else what their role suggests; and the last day on which they had it.
alter table membership
    add column digest boolean,
    add column digested_on date;
