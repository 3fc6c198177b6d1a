-- Days to deliver are those of deliveries that somebody told of.

alter table history add column presumed bigint not null default 0; -- of those that remained: only presumed to be there
