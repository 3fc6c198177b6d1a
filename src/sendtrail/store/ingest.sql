-- The pipeline: from observations to trails, statuses and counts. One transaction per batch (law 3), set-based
-- throughout, the same text on PostgreSQL 15 to 18 and on Citus. store/ingest.py runs the statements in order.
--
-- Writers do not wait for each other's sends. Each update works on the row as it is at that moment (PostgreSQL evaluates SET and WHERE again
-- when another writer got there first) and leaves in `was` and `told` what it found, so that what it returns is exactly
-- the change that it made. Rows are visited in the order of send_id, so two batches do not wait for each other in a ring.

-- name: settings
-- Unpinned, the planner would read all of `state`.
select set_config(name, value, true) from (values
    ('enable_seqscan', 'off'), ('enable_mergejoin', 'off'), ('random_page_cost', '0.3'), ('work_mem', '128MB'),
    ('jit', 'off')) pinned(name, value)

-- name: tables
create temp table if not exists stage (        -- observations as the feed gave them
    mid_serial bigint, send_id bigint, item bigint, meta bigint, expected bigint, label bigint, detail text
) on commit delete rows;
create temp table if not exists observed (     -- resolved: whose send it is (or less than 0) and what it means
    send_id bigint, mid_serial bigint, item bigint, best bigint, meta bigint, expected bigint, label bigint, detail text
) on commit delete rows;
create temp table if not exists batch (        -- one row for each send: the different items, and all that they touch
    send_id bigint, best bigint, expected bigint, items bigint[], metas bigint[], probe bigint[], bare boolean
) on commit delete rows;
create temp table if not exists moved (        -- what changed, as the update of `state` returned it
    send_id bigint, organization_id int, live boolean, created_on date, campaign_id int, team_id int, kind smallint,
    currency text, cost_cents int, was bigint, best bigint, told int, trail bigint[]
) on commit delete rows;
create temp table if not exists released (     -- trails out of which scans are taken that were another send's
    send_id bigint, mid_serial bigint, label bigint, organization_id int, live boolean, item bigint, meta bigint,
    expected bigint, seq int, detail jsonb, gone boolean
) on commit delete rows;
create temp table if not exists delta (        -- what that does to the totals
    organization_id int, live boolean, created_on date, campaign_id int, team_id int, kind smallint, status smallint,
    currency text, n bigint, cost_cents bigint
) on commit delete rows

-- name: turn
-- Batches of one family of organizations go on side by side, but not while a barcode of theirs passes from one send to
-- another; nor while the meaning of operation codes changes.
select pg_advisory_xact_lock_shared(hashtextextended('windows', coalesce(parent_id, id) * 2 + %(live)s::int))
  from organization
 where id = %(organization_id)s

-- name: meanings
lock table state in row exclusive mode

-- name: copy
copy stage (mid_serial, send_id, item, meta, expected, label, detail) from stdin

-- name: resolve
-- A feed resolves the barcodes of its own organization and that one's clients, in its own mode, in the window in which
-- the serial number meant that send. All 20 digits of the tracking code must be the printed ones: one that was misread
-- is nobody's. The routing code may differ (the post relabels what it forwards) and is then noted.
insert into observed
select coalesce(stage.send_id, barcode.send_id, -1 - stage.mid_serial),
       stage.mid_serial,
       stage.item,
       item_best(stage.item, code.code, code.stage, code.rank),
       meta_by(stage.meta, barcode.organization_id <> %(organization_id)s),
       stage.expected,
       stage.label,
       with_zip_read(stage.detail, barcode.label, stage.label)
  from (select * from stage order by mid_serial, item) stage      -- neighbours in the index one after the other
  left join code on code.selector = item_selector(stage.item)
  left join barcode on barcode.mid_serial = stage.mid_serial
        and stage.send_id is null
        and barcode.organization_id = any (%(organizations)s)
        and barcode.live = %(live)s
        and barcode.label / 100000 = stage.label / 100000
        and barcode.valid_from <= item_ms(stage.item)
        and barcode.valid_until > item_ms(stage.item)

-- name: recall
-- Unmatched scans whose send has appeared since.
with matched as (
    delete from unmatched using barcode
     where barcode.mid_serial = unmatched.mid_serial
       and barcode.live = unmatched.live
       and barcode.label / 100000 = unmatched.label / 100000
       and barcode.valid_from <= item_ms(unmatched.item)
       and barcode.valid_until > item_ms(unmatched.item)
       and (barcode.organization_id = unmatched.organization_id
            or exists (select from organization client
                        where client.id = barcode.organization_id and client.parent_id = unmatched.organization_id))
       and unmatched.mid_serial = any (%(mid_serials)s)
       and unmatched.live = %(live)s
       and barcode.organization_id in (select family(%(organization_id)s))
    returning barcode.send_id, unmatched.mid_serial, item,
              meta_by(meta, barcode.organization_id <> unmatched.organization_id) as meta, expected, unmatched.label, detail,
              barcode.label as printed
)
insert into observed
select matched.send_id, mid_serial, item, item_best(item, code.code, code.stage, code.rank), meta, expected, label,
       with_zip_read(detail, printed, label)
  from matched
  left join code on code.selector = item_selector(matched.item)

-- name: matchable
-- Unmatched barcodes for which there is a send after all: one was created while its scan came in.
select unmatched.organization_id, unmatched.live, unmatched.mid_serial
  from unmatched
  join barcode on barcode.mid_serial = unmatched.mid_serial
       and barcode.live = unmatched.live
       and barcode.label / 100000 = unmatched.label / 100000
       and barcode.valid_from <= item_ms(unmatched.item)
       and barcode.valid_until > item_ms(unmatched.item)
       and (barcode.organization_id = unmatched.organization_id
            or exists (select from organization client
                        where client.id = barcode.organization_id and client.parent_id = unmatched.organization_id))
 group by 1, 2, 3
 limit %(limit)s

-- name: gather
-- `probe`: the items, and each scan as it would be without its phase; `bare`: some came without. They tell `advance`
-- when all of the batch is new to the send and can simply be appended.
insert into batch
select send_id, max(best), max(expected), array_agg(item), array_agg(meta),
       case when count(*) = 1 and min(item) = min(item_bare(item)) then array[min(item)]
            else array_agg(item) || array_agg(item_bare(item)) end,
       bool_or(item_is_bare(item))
  from (select send_id, item, max(best) as best, max(meta) as meta, max(expected) as expected
          from observed
         where send_id >= 0
         group by send_id, item
         order by send_id, item) each_once
 group by send_id
 order by send_id

-- name: advance
-- A repeated scan changes nothing; one that was known without its phase becomes better known in its place.
with changed as (
    update state
       set trail = case when batch.probe && state.trail or batch.bare and trail_meets(state.trail, batch.items)
                        then (merge_trail(state.trail, state.meta, batch.items, batch.metas)).trail
                        else state.trail || batch.items end,
           meta = case when batch.probe && state.trail or batch.bare and trail_meets(state.trail, batch.items)
                       then (merge_trail(state.trail, state.meta, batch.items, batch.metas)).meta
                       else state.meta || batch.metas end,
           best = case when batch.probe && state.trail or batch.bare and trail_meets(state.trail, batch.items)
                       then trail_best((merge_trail(state.trail, state.meta, batch.items, batch.metas)).trail)
                       else greatest(state.best, batch.best) end,
           was = state.best,
           told = cardinality(state.trail),
           expected = greatest(state.expected, batch.expected)
      from batch
     where state.send_id = batch.send_id
       and (not batch.items <@ state.trail or batch.expected > state.expected)
    returning state.send_id, organization_id, live, created_on, campaign_id, team_id, kind, currency, cost_cents,
              was, state.best, told, state.trail
)
insert into moved select * from changed

-- name: detail
insert into event_detail
select moved.send_id, array_position(moved.trail, observed.item), max(observed.detail)::jsonb
  from observed
  join moved using (send_id)
 where observed.detail <> ''
   and array_position(moved.trail, observed.item) > moved.told
 group by 1, 2
on conflict do nothing

-- name: lapsing
-- Whether `lapse` has anything to do, asked of what moved alone: nearly never.
select exists (select from moved where best_code(best) = expired_code() or best_status(best) = lapsed_status())

-- name: lapse
-- An eGift whose offer ran out although nobody looked at it is refunded at that very moment: an event of our own, just
-- above the one that it rests on. Where a late word says that it was looked at, the expiry stands again, just above
-- that. `moved` keeps the trail that came from outside: what follows from it is no news.
with ended as (
    select moved.send_id, moved.best, best_code(moved.best) = expired_code() as expired,
           exists (select from unnest(state.trail) item
                    where item_sub(item) = any (witness_codes()) and not item_is_scan(item)) as seen
      from moved
      join state using (send_id)
     where best_code(moved.best) = expired_code() or best_status(moved.best) = lapsed_status()
), following as (
    select send_id, best as before, case when seen then expiry_item(best) else refund_item(best) end as item
      from ended
     where expired <> seen
), changed as (
    update state
       set trail = state.trail || item,
           meta = state.meta || %(meta)s::bigint,
           best = item_best(item, code.code, code.stage, code.rank)
      from following
      join code on code.selector = item_selector(item)
     where state.send_id = following.send_id
    returning state.send_id, before, state.best
)
update moved set best = changed.best
  from changed
 where moved.send_id = changed.send_id and moved.best = changed.before

-- name: unpin
-- From here on only the batch itself is read. Were reading all of a table still pinned to be dear, every plan would look
-- equally bad, and sums would be made by sorting.
select set_config('enable_seqscan', 'on', true)

-- name: differ
-- How the batch changes the totals: each send leaves its old status and enters the new one. And whose past it changes,
-- even where the status stays; a mark that is there is touched, lest somebody clears it who cannot see this batch.
with step as (
    select organization_id, live, created_on, campaign_id, team_id, kind, currency, best_status(was) as was,
           best_status(best) as is_now, count(*) as n, sum(cost_cents) as cost_cents
      from moved
     group by organization_id, live, created_on, campaign_id, team_id, kind, currency, 8, 9
), outdated as (
    insert into stale (organization_id, live, created_on, campaign_id, slot)
    select distinct organization_id, live, created_on, campaign_id, (pg_backend_pid() % 16)::smallint
      from step
     order by organization_id, live, created_on, campaign_id
    on conflict (organization_id, live, created_on, campaign_id, slot) do update set times = stale.times + 1
)
insert into delta
select organization_id, live, created_on, campaign_id, team_id, kind, side.status, currency, sum(side.sign * n),
       sum(side.sign * cost_cents)
  from step
 cross join lateral (values (was, -1), (is_now, 1)) side (status, sign)
 where was <> is_now
   and side.status <> 0                                -- a send that is only just being made was nothing before
 group by organization_id, live, created_on, campaign_id, team_id, kind, side.status, currency
having sum(side.sign * n) <> 0 or sum(side.sign * cost_cents) <> 0

-- name: count
insert into counts
select organization_id, live, created_on, campaign_id, team_id, kind, status, currency,
       (pg_backend_pid() % 16)::smallint, n, cost_cents
  from delta
 order by organization_id, live, created_on, campaign_id, team_id, kind, status, currency
on conflict (organization_id, live, created_on, campaign_id, team_id, kind, status, currency, slot)
do update set n = counts.n + excluded.n, cost_cents = counts.cost_cents + excluded.cost_cents

-- name: announce
-- What hooks may want to hear goes into the outbox. An event that only became better known makes the trail no longer, nor
-- do scans that turned out to be another send's: what that changes shows when it is told.
insert into outbox (lane, organization_id, live, send_id, told, was)
select mod(moved.send_id, 16), moved.organization_id, moved.live, send_id, told, was
  from moved
 where exists (
        select from listening
         where listening.organization_id = moved.organization_id
           and listening.live = moved.live
           and (kinds = '{}' or moved.kind = any (kinds))
           and (campaigns = '{}' or moved.campaign_id = any (campaigns))
           and (cardinality(moved.trail) <= told
                or exists (select from observed
                            where observed.send_id = moved.send_id
                              and codes >> best_code(observed.best)::int & 1 = 1)))
 order by send_id

-- name: keep_unmatched
insert into unmatched
select mid_serial, %(organization_id)s, %(live)s, item, max(meta), max(expected), label, max(detail), %(feed_file_id)s
  from observed
 where send_id < 0
 group by mid_serial, item, label
 order by mid_serial, item, label
on conflict (mid_serial, organization_id, live, item, label)
do update set expected = excluded.expected where excluded.expected > unmatched.expected

-- name: tally
-- How the batch went. A scan that only gave a known one its phase is a duplicate.
select count(*) filter (where send_id >= 0),
       (select coalesce(sum(cardinality(trail) - told), 0)::bigint from moved),
       count(*) filter (where send_id < 0)
  from observed

-- name: take_turn
select pg_advisory_xact_lock(hashtextextended('windows', coalesce(parent_id, id) * 2 + %(live)s::int))
  from organization
 where id = %(organization_id)s

-- name: hold
select from state where send_id = any (%(send_ids)s) order by send_id for no key update

-- name: release
-- The trails of sends whose barcode means another send from some moment on: which of their scans go, to be unmatched
-- under the organization whose feed brought them.
insert into released
select cut.send_id, cut.mid_serial, cut.label,
       case when meta_agency(meta_of) = 1 then organization.parent_id else organization.id end,
       state.live, item, meta_by(meta_of, false),
       case when expected_ms(state.expected) = item_ms(item) then state.expected else 0 end,
       seq, detail, item_source(item) = 1 and item_ms(item) >= cut.valid_from and item_ms(item) < cut.valid_until
  from unnest(%(send_ids)s::bigint[], %(mid_serials)s::bigint[], %(labels)s::bigint[], %(valid_froms)s::bigint[],
              %(valid_untils)s::bigint[]) as cut (send_id, mid_serial, label, valid_from, valid_until)
  join state using (send_id)
  join organization on organization.id = state.organization_id
 cross join lateral unnest(trail, meta) with ordinality as packed (item, meta_of, seq)
  left join event_detail using (send_id, seq)

-- name: release_scans
insert into unmatched
select mid_serial, organization_id, live, item, meta, expected, label, coalesce(detail::text, ''), null
  from released
 where gone
 order by mid_serial, item, label
on conflict do nothing

-- name: release_details
delete from event_detail where send_id in (select send_id from released where gone)

-- name: release_trails
with changed as (
    update state
       set trail = kept.trail, meta = kept.meta, was = best, told = cardinality(kept.trail),
           best = trail_best(kept.trail), expected = case when kept.expected then 0 else state.expected end
      from (select send_id, bool_or(gone and expected <> 0) as expected,
                   array_agg(item order by seq) filter (where not gone) as trail,
                   array_agg(meta order by seq) filter (where not gone) as meta
              from released
             group by send_id
            having bool_or(gone)) kept
     where state.send_id = kept.send_id
    returning state.send_id, organization_id, live, created_on, campaign_id, team_id, kind, currency, cost_cents,
              was, state.best, told, state.trail
)
insert into moved select * from changed

-- name: release_news
-- What was not told yet of them stands at other places now.
update outbox
   set told = (select count(*) from released
                where released.send_id = outbox.send_id and not gone and seq <= outbox.told)
 where told is not null
   and send_id in (select send_id from released where gone)

-- name: release_renumber
insert into event_detail
select send_id, place, detail
  from (select send_id, detail, row_number() over (partition by send_id order by seq) as place
          from released
         where not gone and send_id in (select send_id from released where gone)) kept
 where detail is not null

-- name: restate
-- Every status anew from its trail, after the meaning of events changed; how many moved. For the ledger those are kept
-- that come to be owed by it, or cease to be.
with changed as (
    update state set was = best, told = cardinality(trail), best = trail_best(trail)
     where best <> trail_best(trail)
    returning send_id, organization_id, live, created_on, campaign_id, team_id, kind, currency, cost_cents, was, best,
              told
), kept as (
    insert into moved select * from changed where live and cost_cents <> 0 and owed(was) <> owed(best)
)
select count(*) from changed

-- name: recount
insert into counts
select organization_id, live, created_on, campaign_id, team_id, kind, best_status(best), currency, 0, count(*),
       sum(cost_cents)
  from state
 where best <> 0
 group by organization_id, live, created_on, campaign_id, team_id, kind, best_status(best), currency
