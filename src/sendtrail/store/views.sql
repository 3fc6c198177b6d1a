-- Functions and views that are brought up to date at every start; they hold no data.

-- name: item_is_bare
-- A postal scan that came without its phase.
create or replace function item_is_bare(item bigint) returns boolean language sql immutable parallel safe
return item_sub(item) = 0 and item_is_scan(item)

-- name: family
-- The organization, its agency and that one's clients.
create or replace function family(organization_id int) returns setof int language sql stable parallel safe
begin atomic
    select relative.id
      from organization own
      join organization relative on coalesce(relative.parent_id, relative.id) = coalesce(own.parent_id, own.id)
     where own.id = organization_id;
end

-- name: with_zip_read
-- The detail of a scan, with the recipient's ZIP as it was read where another one was printed. Stable, as making JSON is:
-- the planner puts only what is declared as it is in place of a call.
create or replace function with_zip_read(detail text, printed bigint, label bigint) returns text
language sql stable parallel safe
return case when printed % 100000 <> nullif(label % 100000, 0) and printed % 100000 <> 0
            then (coalesce(nullif(detail, '')::jsonb, '{}')
                  || jsonb_build_object('zip_read', lpad((label % 100000)::text, 5, '0')))::text
            else detail end

-- name: trail_best
create or replace function trail_best(trail bigint[]) returns bigint language sql stable parallel safe
return (select coalesce(max(item_best(item, code.code, code.stage, code.rank)), 0)
          from unnest(trail) item
          left join code on code.selector = item_selector(item))

-- name: trail_meets
-- Is one of these items, some of which came without their phase, known to the trail or said better by it or the batch?
create or replace function trail_meets(trail bigint[], items bigint[]) returns boolean
language plpgsql immutable parallel safe as $$
begin
    return items && trail or exists (select from unnest(trail || items) known
                                      where item_bare(known) <> known and item_bare(known) = any (items));
end $$

-- name: merge_trail
-- The trail with the items in it. An item is dropped where the trail or the batch knows the same scan with its phase;
-- the phase takes the place of a scan that was known without it, so the status may even go back.
create or replace function merge_trail(inout trail bigint[], inout meta bigint[], items bigint[], metas bigint[])
language plpgsql immutable parallel safe as $$
begin
    with fresh as (
        select item, meta_of
          from unnest(items, metas) as given (item, meta_of)
         where item <> all (trail)
           and not (item_is_bare(item) and exists (
                    select from unnest(trail || items) other where other <> item and item_bare(other) = item))
    ), phase as (      -- the first item, by its number, that says more of a known scan
        select item_bare(item) as bare, min(item) as item
          from fresh
         where item_bare(item) <> item and item_bare(item) = any (trail)
         group by 1
    ), result as (
        select 0 as part, seq, coalesce(phase.item, known.item) as item, known.meta_of
          from unnest(trail, meta) with ordinality as known (item, meta_of, seq)
          left join phase on phase.bare = known.item
        union all
        select 1, row_number() over (order by item), item, meta_of
          from fresh
         where not exists (select from phase where phase.item = fresh.item)
    )
    select array_agg(item order by part, seq), array_agg(meta_of order by part, seq) into trail, meta from result;
end $$

-- name: event
-- The trails, one row for each event.
create or replace view event as
select state.send_id, organization_id, live, packed.seq::int as seq, coalesce(code.code, unknown_code()) as code_id,
       item_ms(item) as ms, item_source(item)::smallint as source, item_evidence(item)::smallint as evidence,
       (case when item_is_scan(item) then item_sub(item) else 0 end)::smallint as phase,
       (case when item_is_scan(item) then item_op(item) else no_operation() end)::smallint as operation,
       meta_recorded(meta_of) as recorded, meta_zip(meta_of)::int as zip, meta_zoneless(meta_of) = 1 as zoneless, item,
       owner_id, team_id
  from state
 cross join lateral unnest(trail, meta) with ordinality as packed (item, meta_of, seq)
  left join code on code.selector = item_selector(item)

-- name: turned
-- When each send came from one category into another, in quarters of an hour from 2020; and whether it is only presumed
-- that it stands where it does. What was presumed and turned out otherwise never was.
create or replace view turned as
select state.send_id, organization_id, live, created_on, campaign_id, team_id, owner_id, kind, before, category, quarter,
       last, last and best_is_presumed(best) as presumed
  from state
 cross join lateral (
        select before, category, ms / 900000 as quarter, lead(category) over (order by ms, best) is null as last
          from (select ms, best, category, lag(category) over (order by ms, best) as before
                  from (select ms, best, status_category(best_status(max(best) over past)) as category
                          from (select item_ms(item) as ms,
                                       item_best(item, code.code, code.stage, code.rank) as best
                                  from unnest(trail) item
                                  left join code on code.selector = item_selector(item)
                                 where not item_is_presumed(item)
                                    or item_best(item, code.code, code.stage, code.rank) = state.best
                                offset 0) happened            -- `best` is worked out once
                        window past as (order by ms, best rows unbounded preceding)) stood) followed
         where before is distinct from category) turn
