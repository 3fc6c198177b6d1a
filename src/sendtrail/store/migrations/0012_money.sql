-- Money: who pays, a ledger that is only ever added to, totals of it that are read rather than summed, and budgets.

create table fund (                                     -- a funding source: money that sends are charged to
    id               int generated always as identity primary key,
    organization_id  int not null references organization,
    name             text not null check (name <> ''),
    currency         text not null,
    team_id          int not null default 0,            -- a team's; 0: no team's
    owner_id         int not null default 0,            -- a member's; 0: nobody's
    main             boolean not null default false,    -- pays for whatever nobody else does; each organization has one
    never_below_zero boolean not null default false,    -- what it cannot pay for is refused
    created_at       timestamptz not null default now(),
    closed_at        timestamptz,
    check (team_id = 0 or owner_id = 0),
    check (not main or team_id = 0 and owner_id = 0 and closed_at is null)
);
create unique index fund_main on fund (organization_id) where main;
create unique index fund_names on fund (organization_id, lower(name)) where closed_at is null;

-- However an organization comes to be, it has its main fund, in its own currency.
create or replace function follow_organization() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into fund (organization_id, name, currency, main) values (new.id, 'Main account', new.currency, true);
    else
        update fund set currency = new.currency where organization_id = new.id;
    end if;
    return null;
end $$;
create trigger fund_of_new after insert on organization for each row execute function follow_organization();
create trigger fund_currency after update of currency on organization for each row
    when (old.currency <> new.currency) execute function follow_organization();
insert into fund (organization_id, name, currency, main) select id, 'Main account', currency, true from organization;

alter table send add column fund_id int not null default 0;     -- who pays, decided once; 0: the main fund
alter table campaign add column fund_id int not null default 0; -- who pays for its sends; 0: as for any other

alter table price add column extra_service text not null default '';  -- '' stands for any
alter table price drop constraint price_pkey;
alter table price add primary key (organization_id, kind, mailing_class, extra_service);

create table ledger (                                   -- every movement of money; live mode alone has any
    id              bigint generated always as identity primary key,
    organization_id int not null,
    fund_id         int not null,
    type            smallint not null,                  -- domain/money.py
    cents           bigint not null check (cents <> 0), -- what it adds to the fund: charges are below zero
    currency        text not null,
    at              timestamptz not null,
    booked_on       date not null,                      -- the day of `at` by the organization's clocks of that time
    send_id         bigint not null default 0,          -- 0: it is not about a send
    sent_on         date,                               -- the send's day, by which reports count
    campaign_id     int not null default 0,
    team_id         int not null default 0,
    owner_id        int not null default 0,
    code            smallint not null default 0,        -- the event that was the reason: its id
    actor           text not null,
    note            text not null default ''
);

create table booked (                                   -- the ledger by day, for statements; slots as in `counts`
    organization_id int not null,
    fund_id         int not null,
    booked_on       date not null,
    campaign_id     int not null,
    team_id         int not null,
    type            smallint not null,
    currency        text not null,
    slot            smallint not null,
    n               bigint not null,
    cents           bigint not null,
    primary key (organization_id, booked_on, fund_id, campaign_id, team_id, type, currency, slot)
) with (fillfactor = 50);

create table balance (                                  -- the ledger by fund, so that a balance is read
    organization_id int not null,
    fund_id         int not null,
    type            smallint not null,
    currency        text not null,
    slot            smallint not null,
    cents           bigint not null,
    primary key (organization_id, fund_id, type, currency, slot)
) with (fillfactor = 50);

create table budget (                                   -- what may be spent: by all, by a team, or on a campaign
    id              int generated always as identity primary key,
    organization_id int not null references organization,
    team_id         int not null default 0,
    campaign_id     int not null default 0,
    period          text not null check (period in ('month', 'quarter', 'year', 'all')),
    cents           bigint not null check (cents >= 0),
    currency        text not null,
    strict          boolean not null,                   -- what goes beyond it is refused; else it is only shown
    created_at      timestamptz not null default now(),
    check (team_id = 0 or campaign_id = 0),
    unique (organization_id, team_id, campaign_id, period)
);

-- What was paid in and sent before there was a ledger. The numbers are those of domain/packing.py, domain/events.py and
-- domain/money.py, whose functions may not be there yet. An offer of an eGift that ran out unopened is to be refunded:
-- it gets the event that says so, and its status, counts and refund follow once the new meanings come into force.
update state
   set trail = trail || ((((best >> 16) & 2199023255551) << 22) | ((36 << 16) + (1023 << 6) + 1)),
       meta = meta || ((extract(epoch from now())::bigint - 1577836800) << 17)
 where kind = 6 and best & 63 = 29
   and not exists (select from unnest(trail) item where (item >> 16) & 63 in (17, 21));

insert into ledger (organization_id, fund_id, type, cents, currency, at, booked_on, send_id, sent_on, campaign_id,
                    team_id, owner_id, code, actor)
select entry.organization_id, fund.id, entry.type, entry.cents, entry.currency, entry.at,
       (entry.at at time zone organization.time_zone)::date, entry.send_id, entry.sent_on, entry.campaign_id,
       entry.team_id, entry.owner_id, entry.code, 'system'
  from (select organization_id, 1 as type, cents, currency, created_at as at, 0::bigint as send_id,
               null::date as sent_on, 0 as campaign_id, 0 as team_id, 0 as owner_id, 0 as code
          from deposit
         where cents <> 0
        union all
        select state.organization_id, side.type, side.cents, state.currency, side.at, send_id, state.created_on,
               state.campaign_id, state.team_id, state.owner_id, side.code
          from state
          join send using (send_id)
         cross join lateral (
                select 2, -state.cost_cents, send.created_at, 3
                union all
                select 3, state.cost_cents, to_timestamp((((best >> 16) & 2199023255551) + 1577836800000) / 1000::float8),
                       (best & 63)::int
                 where best & 63 in (33, 34, 35, 36)) side (type, cents, at, code)
         where state.live and state.cost_cents <> 0 and best <> 0) entry
  join organization on organization.id = entry.organization_id
  join fund on fund.organization_id = organization.id and fund.main
 order by entry.at, entry.send_id, entry.type;

create index on ledger (send_id) where send_id <> 0;
create index on ledger (organization_id, booked_on, id);
create index on ledger (organization_id, campaign_id, booked_on, id);
create index on ledger (organization_id, team_id, booked_on, id) where team_id <> 0;
create index on ledger (organization_id, owner_id, booked_on, id) where owner_id <> 0;
create index on ledger (organization_id, fund_id, booked_on, id);

insert into booked
select organization_id, fund_id, booked_on, campaign_id, team_id, type, currency, 0, count(*), sum(cents)
  from ledger group by organization_id, fund_id, booked_on, campaign_id, team_id, type, currency;
insert into balance
select organization_id, fund_id, type, currency, 0, sum(cents)
  from ledger group by organization_id, fund_id, type, currency;

create or replace function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is only ever added to: book a further entry' using errcode = 'restrict_violation';
end $$;
create trigger ledger_is_kept before update or delete or truncate on ledger
    for each statement execute function refuse_change();

drop table deposit;
drop table spend;
