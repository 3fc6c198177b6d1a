-- People: what each may do and how far, whose a send is, and who did what.

create table team (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    name            text not null,
    created_at      timestamptz not null default now(),
    unique (organization_id, name)
);

create table team_member (
    organization_id int not null references organization,
    member_id       int not null references member,
    team_id         int not null references team on delete cascade,
    joined_at       timestamptz not null default now(), -- whoever has several: sends go to the first, unless they say
    primary key (organization_id, member_id, team_id)
);
create index on team_member (team_id);

create table role (                                     -- an organization's own, beside those of domain/roles.py
    organization_id int not null references organization,
    name            text not null,
    rights          jsonb not null,                     -- permission → reach
    primary key (organization_id, name)
);

alter table membership
    add column whole boolean not null default false,    -- what their role may do for teams, they may for all
    add column joined_at timestamptz not null default now();
create index on membership (member_id);

alter table member
    add column operator boolean not null default false, -- an admin of the installation
    add column totp_secret text not null default '',    -- '' : none; Base32
    add column totp_step bigint not null default 0,     -- the last one that was used: no code opens twice
    add column recovery_digests bytea[] not null default '{}';
update member set operator = true where id = (select min(id) from member);

-- Whose a send is. 0: nobody's, which only those see who reach the organization.
alter table send add column owner_id int not null default 0, add column team_id int not null default 0;
alter table state add column owner_id int not null default 0;
create index on send (organization_id, live, owner_id, send_id desc) where owner_id <> 0;
create index on send (organization_id, live, team_id, send_id desc) where team_id <> 0;
create index on state (organization_id, live, owner_id, created_on, campaign_id) where owner_id <> 0;

alter table campaign add column owner_id int not null default 0, add column team_id int not null default 0;

alter table history add column team_id int not null default 0;
alter table history drop constraint history_pkey;
alter table history
    add primary key (organization_id, live, category, created_on, campaign_id, team_id, kind, day);

alter table api_key
    add column rights jsonb,                            -- null: everything
    add column agency boolean not null default false,   -- it may also speak for the organization's clients
    add column made_by text not null default '';        -- the actor

create table invitation (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    email           text not null,
    role            text not null,
    whole           boolean not null default false,
    team_id         int references team on delete set null,
    digest          bytea not null unique,              -- sha-256 of the token in the link
    created_at      timestamptz not null default now(),
    expires_at      timestamptz not null,
    unique (organization_id, email)
);

create table password_reset (
    digest     bytea primary key,                       -- sha-256 of the token in the link
    member_id  int not null references member,
    expires_at timestamptz not null
);
create index on password_reset (member_id);
create index on password_reset (expires_at);

create table audit (                                    -- written in the transaction of what it tells
    id              bigint generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean,                            -- null: of both modes
    at              timestamptz not null default now(),
    actor           text not null,
    action          text not null,
    subject         text not null default '',
    detail          jsonb not null default '{}'
);
create index on audit (organization_id, id desc);

create table email (                                    -- to be sent, or, where no server is set, to be looked at
    id         bigint generated always as identity primary key,
    recipient  text not null,
    subject    text not null,
    body       text not null,                           -- emptied once sent: it may hold a link that lets somebody in
    created_at timestamptz not null default now(),
    due_at     timestamptz not null default now(),
    attempts   int not null default 0,
    sent_at    timestamptz,
    error      text not null default ''
);
create index on email (due_at) where sent_at is null;
