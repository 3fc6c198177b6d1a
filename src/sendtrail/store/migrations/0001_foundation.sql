-- Sendtrail's tables. Physical design: one narrow `state` row per send holds its whole trail (docs/architecture.md).
-- PostgreSQL 15 syntax, no extension. Every unique key contains what Citus would distribute by.
-- `live` is in every key that test and live could share: the two never mix.

create table organization (
    id          int generated always as identity primary key,
    parent_id   int references organization,            -- an agency's client
    name        text not null unique check (name <> ''),
    time_zone   text not null default 'America/New_York',
    currency    text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
    created_at  timestamptz not null default now()
);
create index on organization (parent_id);

create table member (
    id            int generated always as identity primary key,
    email         text not null check (email = lower(email)),
    name          text not null default '',
    password_hash text not null,
    created_at    timestamptz not null default now(),
    unique (email)
);

create table membership (
    organization_id int not null references organization,
    member_id       int not null references member,
    role            text not null,
    primary key (organization_id, member_id)
);

create table session (                                  -- server-side sign-in state of the pages
    id         text primary key,                        -- a digest of the cookie: a leaked table opens no session
    data       bytea not null,
    expires_at timestamptz not null
);
create index on session (expires_at);

create table attempt (                                  -- tries to sign in: who guesses passwords is slowed down
    who        bytea primary key,                       -- a digest of the address that somebody tries
    n          int not null,
    expires_at timestamptz not null
);
create index on attempt (expires_at);

create table api_key (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    name            text not null default '',
    hint            text not null,                      -- the first letters, to tell keys apart
    digest          bytea not null unique,              -- sha-256 of the whole key
    created_at      timestamptz not null default now(),
    last_used_on    date,
    revoked_at      timestamptz
);

create table feed (                                     -- credentials with which scans are pushed to us
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    name            text not null,
    username        text not null unique,
    password_digest bytea not null,                     -- sha-256: the password is 192 random bits
    created_at      timestamptz not null default now(),
    revoked_at      timestamptz
);

create table mailer_id (                                -- a Mailer ID, or a range of its serial numbers
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    mid             text not null check (mid ~ '^([0-8]\d{5}|9\d{8})$'),
    first           bigint not null,                    -- Mailer ID and serial as one number, inclusive
    last            bigint not null,
    next            bigint not null,                    -- the next one that we give out
    created_at      timestamptz not null default now(),
    check (first <= last and next between first and last + 1)
);
-- A live serial number belongs to one organization; in test mode to one organization each.
alter table mailer_id add constraint mailer_id_live_ranges_apart
    exclude using gist (int8range(first, last, '[]') with &&) where (live);
create index on mailer_id (organization_id, live, mid);

create table campaign (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    name            text not null,
    type            text not null check (type in ('bulk', 'triggered')),
    created_at      timestamptz not null default now(),
    unique (organization_id, live, name)
);

create table price (                                    -- '' stands for any class; the exact class wins
    organization_id int not null references organization,
    kind            smallint not null,
    mailing_class   text not null default '',
    cents           int not null check (cents >= 0),
    primary key (organization_id, kind, mailing_class)
);

create table deposit (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    cents           bigint not null,
    currency        text not null,
    created_at      timestamptz not null default now()
);
create index on deposit (organization_id);

-- A send: what was asked for. Wide, written once, never touched by feeds.
create sequence send_number as bigint;

create table send (
    send_id         bigint primary key,
    organization_id int not null,
    live            boolean not null,
    kind            smallint not null,
    campaign_id     int not null default 0,             -- 0: a single item
    created_at      timestamptz not null,
    created_on      date not null,                      -- the send's day: send date, else the day it was accepted
    send_date       date,
    recipient       jsonb not null,                     -- `to`: name, company, email, phone, address_line1 …
    return_address  jsonb,                              -- `from`
    mailing_class   text not null default '',
    extra_service   text not null default '',
    post            text not null default '',           -- usps, canada_post; '' for what no post carries
    imb             text not null default '',           -- 20 to 31 digits
    tracking_number text not null default '',
    carrier         text not null default '',
    supplier        text not null default '',
    sender          text not null default '',
    external_id     text not null default '',
    message         text not null default '',
    tags            text[] not null default '{}',
    gift            jsonb,
    metadata        jsonb,
    cost_cents      int not null default 0,
    currency        text not null
);
create index on send (organization_id, live, created_on desc, send_id desc);
create index on send (organization_id, live, send_id desc);
create index on send (campaign_id, send_id) where campaign_id <> 0;

-- Where a send stands. `trail` is the send's events in order of arrival (its position is the sequence number), packed by
-- domain/packing.py; `meta` runs parallel to it. Half of each page stays free so that every update is heap-only.
create table state (
    send_id         bigint primary key,
    best            bigint not null default 0,          -- the greatest event: law 1
    was             bigint not null default 0,          -- `best` and trail length before the last change: what an
    told            int not null default 0,             -- update returns, so that concurrent writers need no lock
    expected        bigint not null default 0,          -- expected delivery as the latest scan told it
    organization_id int not null,
    campaign_id     int not null default 0,
    team_id         int not null default 0,
    cost_cents      int not null default 0,
    created_on      date not null,
    kind            smallint not null,
    live            boolean not null,
    currency        text not null,
    trail           bigint[] not null default '{}',
    meta            bigint[] not null default '{}'
) with (fillfactor = 50);

create table event_detail (                             -- what does not fit into a packed event: mostly absent
    send_id bigint not null,
    seq     int not null,
    detail  jsonb not null,
    primary key (send_id, seq)
);

-- Which send a barcode meant, and when: serial numbers come around again. Windows of one barcode never overlap.
create table barcode (
    mid_serial      bigint not null,                    -- Mailer ID and serial: the last 15 digits of a tracking code
    organization_id int not null,
    live            boolean not null,
    valid_from      bigint not null,                    -- milliseconds from 2020, like events
    valid_until     bigint not null default 9223372036854775807,
    label           bigint not null,                    -- the rest of the printed code: scans must agree
    send_id         bigint not null,
    primary key (mid_serial, organization_id, live, valid_from) include (valid_until, send_id, label)
);

create table alias (                                    -- other names of a send, by which feeds may speak of it
    organization_id int not null,
    live            boolean not null,
    kind            text not null check (kind in ('external_id', 'tracking_number')),
    value           text not null,
    send_id         bigint not null,
    primary key (organization_id, live, kind, value, send_id)
);

create table idempotency (
    organization_id int not null,
    live            boolean not null,
    key             text not null,
    request_digest  bytea not null,
    response        bytea not null,
    created_at      timestamptz not null default now(),
    primary key (organization_id, live, key)
);
create index on idempotency (created_at);

-- How many sends stand where. `slot` spreads concurrent writers; readers sum over it.
create table counts (
    organization_id int not null,
    live            boolean not null,
    created_on      date not null,
    campaign_id     int not null,
    team_id         int not null,
    kind            smallint not null,
    status          smallint not null,                  -- code and evidence: best & status mask
    currency        text not null,
    slot            smallint not null,
    n               bigint not null,
    cost_cents      bigint not null,
    primary key (organization_id, live, created_on, campaign_id, team_id, kind, status, currency, slot)
) with (fillfactor = 50);

create table spend (                                    -- all that was ever spent, so that a balance is read, not summed
    organization_id int not null,
    live            boolean not null,
    currency        text not null,
    status          smallint not null,
    slot            smallint not null,
    cost_cents      bigint not null,
    primary key (organization_id, live, currency, status, slot)
) with (fillfactor = 50);

-- Bytes from outside. The file itself lies in the archive under its hash, compressed.
create table feed_file (
    id              bigint generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    feed_id         int references feed,
    name            text not null,
    format          text not null default '',           -- '' until recognised
    digest          bytea not null,                     -- sha-256 of the bytes as they came
    bytes           bigint not null,
    received_at     timestamptz not null default now(),
    claimed_until   timestamptz not null default 'epoch', -- whoever ingests it holds it until then
    finished_at     timestamptz,
    new             bigint not null default 0,
    duplicate       bigint not null default 0,
    unmatched       bigint not null default 0,
    rejected        bigint not null default 0,
    unique (organization_id, live, digest)
);
create index on feed_file (received_at) where finished_at is null;

create table reject (
    feed_file_id    bigint not null references feed_file,
    organization_id int not null,
    live            boolean not null,
    line            bigint not null,
    reason          text not null,
    raw             bytea not null,
    primary key (feed_file_id, line, reason)
);

create table unmatched (                                -- scans whose send we do not know (yet)
    mid_serial      bigint not null,
    organization_id int not null,
    live            boolean not null,
    item            bigint not null,
    meta            bigint not null,
    expected        bigint not null,
    label           bigint not null,
    detail          text not null default '',
    feed_file_id    bigint,
    primary key (mid_serial, organization_id, live, item, label)
);
create index on unmatched (organization_id, live);

create table facility (                                 -- learned from feeds; the trail keeps the ZIP only
    organization_id int not null,
    live            boolean not null,
    zip             int not null,
    name            text not null,
    city            text not null,
    state           text not null,
    locale          text not null default '',
    primary key (organization_id, live, zip)
);

-- What a packed event means. Written from the domain's tables at migration and when operation codes are loaded.
create table operation (
    operation int primary key check (operation between 0 and 999),
    code      text not null,
    note      text not null default ''
);

create table code (
    selector int primary key,                           -- the part of an item that decides its meaning
    code     smallint not null,
    stage    smallint not null,
    rank     smallint not null
);

create table installation (                             -- one row: what this installation made up for itself
    only_row boolean primary key default true check (only_row),
    id_key   bytea not null,
    schema_digest bytea not null default '',
    own_operations boolean not null default false       -- the operation codes were loaded, not ours
);
