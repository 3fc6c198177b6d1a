-- Figures of the whole installation, for monitoring: of tables that have a row for each scan or send only as much is
-- read as tells whether it is much.

-- name: files
-- One pass over the list of files, which is short beside what they hold.
select live,
       count(*) filter (where finished_at is null and claimed_until <= now()),
       count(*) filter (where finished_at is null and claimed_until > now()),
       count(*) filter (where finished_at is not null and failed),
       count(*) filter (where finished_at is not null and not failed and incomplete),
       count(*) filter (where finished_at is not null and not failed and not incomplete),
       coalesce(sum(new), 0)::bigint, coalesce(sum(duplicate), 0)::bigint, coalesce(sum(unmatched), 0)::bigint,
       coalesce(sum(rejected), 0)::bigint, max(received_at)
  from feed_file
 cross join lateral (select format = '' or rejected > 0 and new + duplicate + unmatched = 0) state (failed)
 group by live
 order by live

-- name: sends
select live, status_category(status), sum(n)::bigint
  from counts
 group by 1, 2
 order by 1, 2

-- name: queues
with due as materialized (
    select delivery.due_at
      from hook
     cross join lateral (
            select due_at from delivery
             where hook_id = hook.id and state = 1 and due_at <= now()
             order by due_at, id
             limit %(most)s) delivery
     where ended_at is null and disabled_at is null and (rest_until is null or rest_until <= now())
     limit %(most)s
)
select (select count(*) from (select from email where sent_at is null and due_at <= now() and attempts < %(attempts)s
                                and created_at > now() - interval '2 days' limit %(most)s) due),
       (select count(distinct (organization_id, live, created_on, campaign_id))
          from (select * from stale limit %(most)s) stale),
       (select count(*) from (select from presumption where due_at <= now() limit %(most)s) due),
       (select count(*) from (select from send where terms is null limit %(most)s) unlisted),
       (select count(*) from (select from unmatched limit %(most)s) unmatched),
       (select count(*) from (select from outbox limit %(most)s) outbox),
       (select count(*) from due),
       (select coalesce(extract(epoch from now() - min(due_at)), 0)::float from due)
