-- What orders are made of: contacts, how a piece is to be made and from which content, templates, accounts that cheques
-- draw on, return envelopes and their stock, mailing lists, and campaigns that make their own sends from one.
-- What was deleted keeps its row: orders that name it go on showing it.

create table contact (
    id              bigint generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    first_name      text not null default '',
    last_name       text not null default '',
    company         text not null default '',
    job_title       text not null default '',
    email           text not null default '',
    phone           text not null default '',
    address_line1   text not null default '',
    address_line2   text not null default '',
    city            text not null default '',
    state           text not null default '',
    postal_code     text not null default '',
    country         text not null,                      -- two letters
    address_status  text not null check (address_status in ('verified', 'corrected', 'failed')),
    address_errors  text not null default '',
    settings        jsonb not null default '{}',        -- skip_verification, force_verified_status, secret
    digest          bytea not null,                     -- of all that tells two contacts apart
    description     text not null default '',
    metadata        jsonb,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz,
    words           tsvector not null generated always as (
                        to_tsvector('simple', first_name || ' ' || last_name || ' ' || company || ' ' || email || ' '
                            || phone || ' ' || address_line1 || ' ' || address_line2 || ' ' || city || ' ' || state
                            || ' ' || postal_code || ' ' || description)) stored
);
create unique index on contact (organization_id, live, digest) where deleted_at is null;
create index on contact (organization_id, live, id) where deleted_at is null;
create index on contact using gin (words);

create table document (                                 -- content as it was given, once however often it is sent
    organization_id int not null references organization,
    live            boolean not null,
    digest          bytea not null,                     -- SHA-256 of the content
    media_type      text not null,
    content         bytea not null,
    created_at      timestamptz not null default now(),
    primary key (organization_id, live, digest)
);

create table template (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    html            text not null default '',
    description     text not null default '',
    metadata        jsonb,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz
);
create index on template (organization_id, live, id) where deleted_at is null;

create table bank_account (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    bank_name       text not null,
    primary_line    text not null default '',
    secondary_line  text not null default '',
    country         text not null check (country in ('US', 'CA')),
    routing_number  text not null default '',           -- US
    route_number    text not null default '',           -- Canada
    transit_number  text not null default '',
    designation_number text not null default '',
    account_number  bytea not null,                     -- enciphered with a key that is not in the database
    last4           text not null,
    signature_text  text not null default '',
    signature_image bytea,                              -- a document
    description     text not null default '',
    metadata        jsonb,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz
);
create index on bank_account (organization_id, live, id) where deleted_at is null;

create table return_envelope (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    contact_id      bigint not null references contact, -- whom it is addressed to
    description     text not null default '',
    metadata        jsonb,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz,
    unique (organization_id, live, contact_id)
);

create table stock_order (                              -- of return envelopes
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    return_envelope_id int not null references return_envelope,
    quantity_ordered int not null check (quantity_ordered > 0),
    quantity_filled int,
    status          text not null default 'placed' check (status in ('placed', 'filled', 'cancelled')),
    description     text not null default '',
    metadata        jsonb,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz
);
create index on stock_order (return_envelope_id, id);

create table piece (                                    -- how a send is to be made, and from what: domain/pieces.py
    send_id         bigint primary key,
    organization_id int not null,
    live            boolean not null,
    to_contact_id   bigint,
    from_contact_id bigint,
    return_envelope_id int,
    description     text not null default '',
    making          jsonb not null                      -- domain/pieces.py: Making
);
create index on piece (return_envelope_id) where return_envelope_id is not null;
-- The pieces of a kind in the order in which they were made, whatever their days. By an expression: where PostgreSQL has no
-- statistics yet, it would take an index on the columns themselves for a good way to single sends, and read all of it.
create index send_of_kind on send ((organization_id * 16 + kind * 2 + live::int), send_id)
    include (organization_id, kind, live);

create table mailing_list (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    status          text not null default 'completed'
                    check (status in ('creating_contacts', 'removing_contacts', 'counting_recipient_country_codes',
                                      'completed')),
    errors          jsonb not null default '[]',
    description     text not null default '',
    metadata        jsonb,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz
);
create index on mailing_list (organization_id, live, id) where deleted_at is null;

create table mailing_list_import (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    url             text not null,
    mappings        jsonb not null,                     -- which column holds what, of receivers and senders
    status          text not null default 'validating' check (status in ('validating', 'completed', 'changes_required')),
    valid_rows      int not null default 0,
    invalid_rows    int not null default 0,
    verified        int not null default 0,             -- receivers by the status of their address
    corrected       int not null default 0,
    failed          int not null default 0,
    errors          jsonb not null default '[]',
    notes           jsonb not null default '[]',
    description     text not null default '',
    metadata        jsonb,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz
);
create index on mailing_list_import (organization_id, live, id) where deleted_at is null;
create index on mailing_list_import (id) where status = 'validating' and deleted_at is null;

create table mailing_list_import_row (
    import_id       int not null references mailing_list_import,
    line            int not null,                       -- of the file, counted from 1
    contact_id      bigint,                             -- none: the row cannot be taken
    sender_id       bigint,
    variables       jsonb,                              -- what is merged for this recipient
    problem         text not null default '',
    primary key (import_id, line)
);

create table mailing_list_member (
    mailing_list_id int not null references mailing_list,
    contact_id      bigint not null references contact,
    import_id       int,                                -- with which they came
    sender_id       bigint,
    variables       jsonb,
    primary key (mailing_list_id, contact_id)
);

create table mailing (                                  -- a campaign that makes its sends itself, one for each of a list
    campaign_id     int primary key references campaign,
    organization_id int not null references organization,
    live            boolean not null,
    mailing_list_id int not null references mailing_list,
    sender_id       bigint,                             -- the contact whom they are from, unless the list says
    kind            smallint,                           -- none yet: changes are required
    making          jsonb not null default '{}',        -- as a piece's, with mailing class and extra service
    send_date       date,
    status          text not null default 'draft'
                    check (status in ('drafting', 'changes_required', 'draft', 'creating_orders', 'ready')),
    made_up_to      bigint not null default 0,          -- the last contact of the list whose send is made
    created_count   int not null default 0,
    errors          jsonb not null default '[]',
    actor           text not null default '',           -- who had it sent
    description     text not null default '',
    metadata        jsonb,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz
);
create index on mailing (organization_id, live, campaign_id) where deleted_at is null;
create index on mailing (campaign_id) where status = 'creating_orders';

create table tracker (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    live            boolean not null,
    landing_id      int not null references landing,    -- where its links lead, and for how long
    description     text not null default '',
    metadata        jsonb,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz
);
create index on tracker (organization_id, live, id) where deleted_at is null;
create unique index on tracker (landing_id);

alter table hook
    add column description text not null default '',
    add column metadata jsonb;
create index on notification (organization_id, live, type, id);
