-- What was told of a send is told once, and changes of an order begin where the last one ended.

alter table telling
    add column events int not null default 0,           -- `postal` and `reroutes` speak of so many events of the trail
    add column shown jsonb;                             -- of PostGrid's order the fields that change, as last told
