-- How long an organization waits before something is said or presumed, where it differs from domain/thresholds.py.

create table threshold (
    organization_id int not null references organization,
    name            text not null,
    value           bigint not null,
    primary key (organization_id, name)
);
