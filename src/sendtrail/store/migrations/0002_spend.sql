-- What an organization spent, by status: `counts` without day and campaign, so that a balance reads a few rows however
-- long the history is. Triggers keep it in step: whatever writes `counts` writes this too, in the same transaction.

create table spend (
    organization_id int not null,
    live            boolean not null,
    currency        text not null,
    status          smallint not null,
    slot            smallint not null,                  -- spreads concurrent writers, as in `counts`
    cost_cents      bigint not null,
    primary key (organization_id, live, currency, status, slot)
) with (fillfactor = 50);

create function spend_more() returns trigger language plpgsql as $$
begin
    insert into spend
    select organization_id, live, currency, status, slot, sum(cost_cents)
      from now_so
     group by organization_id, live, currency, status, slot
    having sum(cost_cents) <> 0
     order by organization_id, live, currency, status, slot
    on conflict (organization_id, live, currency, status, slot)
    do update set cost_cents = spend.cost_cents + excluded.cost_cents;
    return null;
end
$$;

create function spend_less() returns trigger language plpgsql as $$
begin
    insert into spend
    select organization_id, live, currency, status, slot, -sum(cost_cents)
      from was_so
     group by organization_id, live, currency, status, slot
    having sum(cost_cents) <> 0
     order by organization_id, live, currency, status, slot
    on conflict (organization_id, live, currency, status, slot)
    do update set cost_cents = spend.cost_cents + excluded.cost_cents;
    return null;
end
$$;

create function spend_otherwise() returns trigger language plpgsql as $$
begin
    insert into spend
    select organization_id, live, currency, status, slot, sum(cents)
      from (select organization_id, live, currency, status, slot, cost_cents as cents from now_so
            union all
            select organization_id, live, currency, status, slot, -cost_cents from was_so) change
     group by organization_id, live, currency, status, slot
    having sum(cents) <> 0
     order by organization_id, live, currency, status, slot
    on conflict (organization_id, live, currency, status, slot)
    do update set cost_cents = spend.cost_cents + excluded.cost_cents;
    return null;
end
$$;

create trigger spend_more after insert on counts
    referencing new table as now_so for each statement execute function spend_more();
create trigger spend_less after delete on counts
    referencing old table as was_so for each statement execute function spend_less();
create trigger spend_otherwise after update on counts
    referencing old table as was_so new table as now_so for each statement execute function spend_otherwise();

insert into spend
select organization_id, live, currency, status, slot, sum(cost_cents)
  from counts
 group by organization_id, live, currency, status, slot;
