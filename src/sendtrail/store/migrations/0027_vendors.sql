-- Sends that other vendors produce, and what these say of them.

alter table send
    add column vendor text not null default '',         -- who produces it in our stead
    add column vendor_id text not null default '';      -- and its id there

alter table alias drop constraint alias_kind_check;
alter table alias add constraint alias_kind_check check (kind in ('external_id', 'tracking_number', 'vendor_id'));

alter table feed
    add column vendor text not null default '',         -- whose webhooks these credentials take; '': scans and reports
    add column secret text not null default '';         -- with which the vendor signs them
create index on feed (vendor) where vendor <> '' and revoked_at is null;
create index on feed (password_digest);

create table unmatched_report (                         -- what vendors and carriers say of a send that we do not know (yet)
    id              bigint generated always as identity primary key,
    organization_id int not null,
    live            boolean not null,
    name            text not null,                      -- vendor:id, or a tracking number
    item            bigint not null,
    meta            bigint not null,
    expected        bigint not null,
    detail          text not null default '',
    feed_file_id    bigint,
    unique (organization_id, live, name, item)
);
