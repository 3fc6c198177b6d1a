-- Lists of the Send Tracker that somebody keeps under a name.

create table saved_view (
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    member_id       int not null references member,
    name            text not null,
    query           text not null,                      -- the address's, without the page
    created_at      timestamptz not null default now(),
    unique (organization_id, member_id, name)
);
