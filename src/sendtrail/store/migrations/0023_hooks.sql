-- Hooks: whom an organization tells what happens to its sends. What happened is put into the outbox by the transaction in
-- which it happened; a worker makes notifications of it, and a delivery of each for each hook that wants it.

create table hook (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    name            text not null default '',
    target          text not null
                    check (target in ('webhook', 'email', 'slack', 'hubspot', 'pipedrive', 'salesforce')),
    url             text not null default '',           -- where a webhook or a chat takes it
    format          text not null default 'standard'
                    check (format in ('standard', 'flat', 'postgrid_json', 'postgrid_jwt')),
    settings        jsonb not null default '{}',        -- what other targets need: addresses, accounts, field mapping
    secret          text not null default '',
    old_secret      text not null default '',           -- signs too until then, so that it can be changed at leisure
    old_secret_until timestamptz,
    events          text[] not null,                    -- types and patterns, as they were asked for: domain/notices.py
    codes           bigint not null,                    -- a bit for the id of each event that any of them can follow from
    kinds           smallint[] not null default '{}',   -- none: all
    campaigns       int[] not null default '{}',        -- none: all, and what has none
    tags            text[] not null default '{}',       -- none: all; else what has one of them
    bots            boolean not null default false,     -- visits by machines too
    clients         boolean not null default false,     -- an agency's: what happens to its clients' sends too
    wait_days       smallint not null default 0 check (wait_days between 0 and 60),     -- business days
    created_at      timestamptz not null default now(),
    created_by      text not null,                      -- who, as a scope's actor
    disabled_at     timestamptz,                        -- nothing is sent, what happens waits
    disabled_why    text not null default '',
    ended_at        timestamptz,                        -- nothing is told any more
    ended_why       text not null default '',           -- deleted; or gone: the receiver said so
    failures        int not null default 0,             -- in a row
    failing_since   timestamptz,
    rest_until      timestamptz,                        -- after many failures it is left alone for a while
    last_success_at timestamptz,
    last_failure_at timestamptz
);
create index on hook (organization_id, live) where ended_at is null;

create view listening as                                -- which hook hears of the sends of which organization
select hook.id as hook_id, organization.id as organization_id, hook.live, codes, kinds, campaigns, bots
  from hook
  join organization on organization.id = hook.organization_id
    or hook.clients and organization.parent_id = hook.organization_id
 where ended_at is null;

create table outbox (                                   -- what happened and was not told yet
    id              bigint generated always as identity primary key,
    lane            smallint not null,                  -- of its send: what happens to one is told by one worker
    organization_id int not null,
    live            boolean not null,
    send_id         bigint not null,
    told            int,                                -- all of the trail beyond so many events is news
    was             bigint,                             -- its `best` before: an event can become better known in place
    response_id     bigint,                             -- or a visit or goal
    change          jsonb,                              -- or what somebody changed: field -> [before, after], as texts
    created_at      timestamptz not null default now()
);
create index on outbox (lane, id);
create index on outbox (send_id);

create table telling (                                  -- what was told of a send: so many things, numbered from 1
    send_id         bigint primary key,
    organization_id int not null,
    live            boolean not null,
    sequence        int not null,
    postal          int not null,                       -- a bit for each number of Postalytics that was told, once each
    reroutes        smallint not null                   -- and how many times that it was sent another way
) with (fillfactor = 70);

create table notification (                             -- one thing told of a send, in one reader's words
    id              bigint generated always as identity primary key,
    organization_id int not null,                       -- whose send it is
    live            boolean not null,
    send_id         bigint not null,                    -- 0: a trial
    sequence        int not null,
    type            text not null,
    occurred_at     timestamptz not null,
    created_at      timestamptz not null default now(),
    body            text not null                       -- JSON, as of then
);
create index on notification (organization_id, live, id);
create index on notification (send_id, id);
create index on notification (created_at);

create table delivery (                                 -- one notification for one hook
    id              bigint generated always as identity primary key,
    hook_id         int not null references hook,
    organization_id int not null,                       -- the hook's
    live            boolean not null,
    notification_id bigint not null references notification,
    send_id         bigint not null,
    state           smallint not null,                  -- domain/deliveries.py: State
    again           boolean not null default false,     -- somebody had it told once more
    due_at          timestamptz not null,               -- of what is being sent: until then it is whoever sends it
    tries           smallint not null default 0,
    created_at      timestamptz not null default now(),
    ended_at        timestamptz,
    status          smallint,                           -- of the last try: HTTP status, milliseconds, what was answered
    took_ms         int,
    error           text not null default '',
    answer          text not null default '',
    attempts        jsonb not null default '[]'         -- the tries before it: at, status, took_ms, error
);
create index on delivery (hook_id, id);
create index on delivery (notification_id);
create index delivery_due on delivery (hook_id, due_at, id) where state = 1;
create index delivery_order on delivery (hook_id, send_id, id) where state = 1;
create index delivery_waiting on delivery (due_at) where state = 0;
create index delivery_ended on delivery (ended_at) where ended_at is not null;
