-- Whom a campaign that makes its sends itself could never send to, and what it waits for.

alter table mailing
    add column refused_count int not null default 0,
    add column stopped       text not null default '';  -- why it waits; its sends go on once that is mended

create table mailing_refusal (                          -- a contact of the list that was passed over for good
    campaign_id int not null references mailing,
    contact_id  bigint not null,
    reason      text not null,
    primary key (campaign_id, contact_id)
);
