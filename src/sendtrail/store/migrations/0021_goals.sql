-- Goals are few among many visits, and trials are few among all: what lists or removes them reads these alone.

create index on response (organization_id, live, id) where code = 2;
create index on response (link_id) where test;
