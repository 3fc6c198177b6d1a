-- Rehearsals: a whole journey played to a test send, step by step. All of it is planned when it begins.

create table rehearsal (
    id              bigint generated always as identity primary key,
    organization_id int not null references organization,
    send_id         bigint not null unique,             -- of test mode
    pace            text not null,
    problem         text not null,
    steps           jsonb not null,                     -- what will be told, each so many seconds after `since`
    step            int not null default 0,             -- the next one
    since           timestamptz not null,               -- when it began; later by what it was stopped for
    due_at          timestamptz,                        -- of the next step; null: stopped or finished
    begun_at        timestamptz not null,
    stopped_at      timestamptz,
    finished_at     timestamptz,
    told            int not null,                       -- what the trail held before it, by number,
    expected        bigint not null,                    -- and what was expected then
    items           bigint[] not null default '{}'      -- the events that it told
);
create index on rehearsal (due_at) where due_at is not null;
