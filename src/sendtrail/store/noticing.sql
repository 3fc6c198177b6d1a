-- What needs attention is worked out by cell (one day's sends of a campaign): when its sends changed, or the next of them
-- has waited for too long. A cell in which nothing happens is not looked at, however many there are.

-- name: due
select cell.organization_id, cell.live, cell.created_on, cell.campaign_id, size.sends::bigint
  from (select organization_id, live, created_on, campaign_id
          from attention_cell
         where changed or due_at <= %(now)s
         order by organization_id, live, created_on, campaign_id
         limit %(limit)s) cell
 cross join lateral (
        select coalesce(sum(n), 0) as sends
          from counts
         where counts.organization_id = cell.organization_id
           and counts.live = cell.live
           and counts.created_on = cell.created_on
           and counts.campaign_id = cell.campaign_id) size

-- name: watched
-- Every organization, and the test mode of those that use it.
select id, true from organization
 union
select organization_id, live from attention_cell
 union
select organization_id, live from feed
 union
select organization_id, live from mailer_id
 union
select organization_id, live from attention_round
 order by 1, 2

-- name: claim
-- The cells are ours until the transaction ends, and what changes from here on is looked at once more: the trails are
-- read later.
update attention_cell set changed = false, due_at = null
  from (select created_on, campaign_id
          from attention_cell
          join unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id)
         using (created_on, campaign_id)
         where organization_id = %(organization_id)s
           and live = %(live)s
           and (changed or due_at <= %(now)s)
         order by created_on, campaign_id
           for update of attention_cell skip locked) mine
 where attention_cell.organization_id = %(organization_id)s
   and attention_cell.live = %(live)s
   and attention_cell.created_on = mine.created_on
   and attention_cell.campaign_id = mine.campaign_id
returning attention_cell.created_on, attention_cell.campaign_id

-- name: settings
select set_config('work_mem', '128MB', true), set_config('jit', 'off', true)

-- name: look
-- Writes what is to be told of these cells, takes back what is over, and answers what still waits: the oldest of each
-- cell, status and service. `term`: how long each status may last, by service and post; `first`: the same before a send
-- itself is looked at; `service`: by what the silence of a post's classes is measured.
with cell as materialized (
    select created_on, campaign_id, created_on::timestamp at time zone %(zone)s as began
      from unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id)
), busy as materialized (
    select *
      from cell
     where exists (select
                     from counts
                    where organization_id = %(organization_id)s
                      and live = %(live)s
                      and counts.created_on = cell.created_on
                      and counts.campaign_id = cell.campaign_id
                      and status = any (%(statuses)s)
                      and n <> 0)
), term as materialized (
    select *
      from unnest(%(term_rules)s::smallint[], %(term_statuses)s::smallint[], %(term_services)s::text[],
                  %(term_canadas)s::boolean[], %(term_befores)s::timestamptz[], %(term_thresholds)s::text[])
           term (rule, status, service, canada, before, threshold)
), first as materialized (
    select status, max(before) as before, min(threshold) filter (where before = latest) as threshold
      from (select *, max(before) over (partition by status, rule) as latest from term) term
     group by rule, status
), service as materialized (
    select *
      from unnest(%(posts)s::text[], %(classes)s::text[], %(services)s::text[]) service (post, mailing_class, word)
), standing as (
    select cell.created_on, cell.campaign_id, state.send_id, state.kind, state.owner_id, state.team_id, state.best,
           state.trail, first.status, first.before, first.threshold,
           greatest(moment(best_ms(state.best)),       -- what is on its way waits for its day no more
                    case when first.threshold <> '' and best_stage(state.best) < 3 then cell.began end) as since
      from busy cell
      join state on state.organization_id = %(organization_id)s
           and state.live = %(live)s
           and state.created_on = cell.created_on
           and state.campaign_id = cell.campaign_id
      join first on first.status = best_status(state.best)
), asked as (
    select standing.*, rule, term.before as until, term.threshold as by_threshold, term.canada,
           standing.since < term.before as over
      from standing
      join send using (send_id)
      left join service using (post, mailing_class)
      join term on term.status = standing.status
           and term.canada = (send.post = 'canada_post')
           and term.service = case when term.service = '' then ''
                                   when standing.kind = 5 then case when send.tracking_number = '' then '-' else 'parcel' end
                                   else coalesce(service.word, '-') end
     where standing.since < standing.before
       and standing.since >= %(oldest)s
       and (term.service = '' or not exists (select from unnest(standing.trail) item where item_is_scan(item)))
), unnumbered as (
    select cell.created_on, cell.campaign_id, state.send_id, state.owner_id, state.team_id, best_status(best) as status,
           moment(gone.ms) as since, gone.ms, send.post = 'canada_post' as canada
      from cell
      join send on send.organization_id = %(organization_id)s
           and send.live = %(live)s
           and send.created_on = cell.created_on
           and send.campaign_id = cell.campaign_id
           and tracking_number = ''
           and (send.kind = 5 or extra_service <> ''
                or mailing_class ~ 'certified|registered|signature|express|priority')
      join state using (send_id)
     cross join lateral (
            select min(item_ms(item)) as ms
              from unnest(trail) item
              join code on code.selector = item_selector(item)
             where code.stage >= 3) gone
     where best_status(best) = any (%(under_way)s)
       and gone.ms is not null
       and moment(gone.ms) >= %(oldest)s
), astray as (
    select cell.created_on, cell.campaign_id, state.send_id, state.owner_id, state.team_id, best_status(best) as status,
           moment(seen.latest) as since, seen.latest
      from busy cell
      join state on state.organization_id = %(organization_id)s
           and state.live = %(live)s
           and state.created_on = cell.created_on
           and state.campaign_id = cell.campaign_id
           and best_status(best) = any (%(cancelled)s)
     cross join lateral (
            select max(item_ms(item)) as latest
              from unnest(trail) item
              left join code on code.selector = item_selector(item)
             where item_is_scan(item) or code.stage between 3 and 6 and item_ms(item) > best_ms(best)) seen
     where moment(seen.latest) >= %(oldest)s
), found as (
    select rule, send_id, created_on, campaign_id, owner_id, team_id, since, best as fact, status
      from asked
     where over
     union all
    select %(no_number)s::smallint, send_id, created_on, campaign_id, owner_id, team_id, since, ms, status
      from unnumbered
     where since < case when canada then %(number_before_canada)s::timestamptz else %(number_before)s::timestamptz end
     union all
    select %(astray)s::smallint, send_id, created_on, campaign_id, owner_id, team_id, since, latest, status
      from astray
), over as (
    delete from attention
     using cell
     where attention.organization_id = %(organization_id)s
       and attention.live = %(live)s
       and attention.created_on = cell.created_on
       and attention.campaign_id = cell.campaign_id
       and not exists (select from found where found.rule = attention.rule and found.send_id = attention.about)
), noticed as (
    insert into attention (organization_id, live, rule, about, since, fact, status, created_on, campaign_id, owner_id,
                           team_id, noticed_at)
    select %(organization_id)s, %(live)s, rule, send_id, since, fact, status, created_on, campaign_id, owner_id, team_id,
           %(now)s
      from found
     order by rule, send_id
    on conflict (organization_id, live, rule, about)
    do update set since = excluded.since, fact = excluded.fact, status = excluded.status,
                  created_on = excluded.created_on, campaign_id = excluded.campaign_id, owner_id = excluded.owner_id,
                  team_id = excluded.team_id,
                  done_at = case when attention.fact = excluded.fact
                                      or exists (select from send where replaces = excluded.about)
                                 then attention.done_at end,
                  snoozed_until = case when attention.fact = excluded.fact then attention.snoozed_until end
       where (attention.since, attention.fact, attention.status, attention.created_on, attention.campaign_id,
              attention.owner_id, attention.team_id)
             is distinct from (excluded.since, excluded.fact, excluded.status, excluded.created_on, excluded.campaign_id,
                               excluded.owner_id, excluded.team_id)
)
select created_on, campaign_id, threshold, null::boolean, min(since)
  from standing
 where since >= before and threshold <> ''
 group by 1, 2, 3
 union all
select created_on, campaign_id, by_threshold, canada, min(since)
  from asked
 where not over
 group by 1, 2, 3, 4
 union all
select created_on, campaign_id, %(number_threshold)s, canada, min(since)
  from unnumbered
 where since >= case when canada then %(number_before_canada)s::timestamptz else %(number_before)s::timestamptz end
 group by 1, 2, 3, 4

-- name: wait
update attention_cell set due_at = least(attention_cell.due_at, next.due_at)
  from unnest(%(days)s::date[], %(campaign_ids)s::int[], %(due_ats)s::timestamptz[])
       next (created_on, campaign_id, due_at)
 where organization_id = %(organization_id)s
   and live = %(live)s
   and attention_cell.created_on = next.created_on
   and attention_cell.campaign_id = next.campaign_id

-- name: settle
-- Cells of which nothing is to be expected. One that changes comes again.
delete from attention_cell
 using unnest(%(days)s::date[], %(campaign_ids)s::int[]) cell (created_on, campaign_id)
 where organization_id = %(organization_id)s
   and live = %(live)s
   and attention_cell.created_on = cell.created_on
   and attention_cell.campaign_id = cell.campaign_id
   and due_at is null
   and not changed

-- name: outdate
-- All cells of an organization in which anything can need attention still.
insert into attention_cell (organization_id, live, created_on, campaign_id)
select distinct organization_id, live, created_on, campaign_id
  from counts
 where organization_id = %(organization_id)s and created_on > %(oldest)s
 order by organization_id, live, created_on, campaign_id
on conflict (organization_id, live, created_on, campaign_id) do update set changed = true

-- name: age
delete from attention
 where organization_id = %(organization_id)s
   and live = %(live)s
   and rule = any (%(rules)s)
   and since < %(oldest)s

-- name: quiet_feeds
-- Credentials that brought something on more than their first day, and nothing since; the longest quiet first. Vendors
-- tell what happens to few sends, and are quiet as long as there are none.
select id, last_heard_at
  from feed
 where organization_id = %(organization_id)s
   and live = %(live)s
   and vendor = ''
   and revoked_at is null
   and last_heard_at < %(before)s
   and last_heard_at >= %(oldest)s
   and last_heard_at > created_at + interval '1 day'

-- name: quiet_folder
select 0, latest.received_at
  from (select max(received_at) as received_at, min(received_at) as began
          from feed_file
         where organization_id = %(organization_id)s and live = %(live)s and brought_by = 'feed-dir') latest
 where received_at < %(before)s and received_at >= %(oldest)s and received_at > began + interval '1 day'

-- name: strays
-- Barcodes within the organization's own Mailer IDs that belong to no send: how many, and from when to when they were
-- scanned. Not more than so many scans of each range are read.
select mailer_id.id, count(distinct seen.mid_serial), moment(min(item_ms(seen.item))), max(item_ms(seen.item))
  from mailer_id
 cross join lateral (
        select unmatched.mid_serial, item, meta
          from unmatched
         where unmatched.mid_serial between mailer_id.first and mailer_id.last
           and unmatched.organization_id = %(organization_id)s
           and unmatched.live = %(live)s
         order by unmatched.mid_serial
         limit %(most)s) seen
 where mailer_id.organization_id = %(organization_id)s
   and mailer_id.live = %(live)s
 group by mailer_id.id
having moment(min(item_ms(seen.item))) < %(before)s and moment(max(item_ms(seen.item))) >= %(oldest)s

-- name: put
-- What is to be told of the organization as a whole by some rules; all else of theirs is over.
with found as (
    select *
      from unnest(%(found_rules)s::smallint[], %(abouts)s::bigint[], %(sinces)s::timestamptz[], %(facts)s::bigint[],
                  %(amounts)s::bigint[]) found (rule, about, since, fact, amount)
), over as (
    delete from attention
     where organization_id = %(organization_id)s
       and live = %(live)s
       and rule = any (%(rules)s)
       and not exists (select from found where found.rule = attention.rule and found.about = attention.about)
)
insert into attention (organization_id, live, rule, about, since, fact, amount, noticed_at)
select %(organization_id)s, %(live)s, rule, about, since, fact, amount, %(now)s
  from found
 order by rule, about
on conflict (organization_id, live, rule, about)
do update set since = case when attention.fact = excluded.fact then attention.since else excluded.since end,
              fact = excluded.fact, amount = excluded.amount,
              done_at = case when attention.fact = excluded.fact then attention.done_at end,
              snoozed_until = case when attention.fact = excluded.fact then attention.snoozed_until end
   where (attention.fact, attention.amount) is distinct from (excluded.fact, excluded.amount)

-- name: looked
insert into attention_round (organization_id, live, looked_at) values (%(organization_id)s, %(live)s, %(now)s)
on conflict (organization_id, live) do update set looked_at = greatest(attention_round.looked_at, excluded.looked_at)
