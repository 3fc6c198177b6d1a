-- What workers do, and how it goes.

-- name: see_to
insert into duty (name, about, every, alone, seen_at)
select name, about, every, alone, now()
  from unnest(%(names)s::text[], %(abouts)s::text[], %(everys)s::interval[], %(alones)s::boolean[])
       given (name, about, every, alone)
 order by name
on conflict (name)
do update set about = excluded.about, every = excluded.every, alone = excluded.alone, seen_at = excluded.seen_at

-- name: began
update duty set started_at = greatest(started_at, now() - %(ago)s) where name = %(name)s

-- name: ended
update duty
   set started_at = now() - %(ago)s - %(took)s,
       finished_at = now() - %(ago)s,
       took = %(took)s,
       due_at = now() - %(ago)s + %(wait)s,
       failures = %(failures)s,
       succeeded_at = case when %(error)s = '' then now() - %(ago)s else succeeded_at end,
       failed_at = case when %(error)s <> '' then now() - %(ago)s else failed_at end,
       error = case when %(error)s <> '' then %(error)s else error end
 where name = %(name)s and (finished_at is null or finished_at <= now() - %(ago)s)

-- name: pause
-- From one doing to the next: after failures it doubles, as far as `longest` unless the duty is done less often anyway.
least(every * power(2, least(/* failures */, 20)), greatest(every, %(longest)s))

-- name: bury
-- A claim that lapsed was that of a worker that died.
update duty
   set failures = failures + 1, failed_at = now(), claimed_by = '', due_at = now() + /* pause after failures + 1 */,
       error = 'the worker that was at it ended in the middle'
 where name = %(name)s and claimed_by <> '' and claimed_until <= now()

-- name: claim
insert into duty as known (name, about, every, alone, seen_at, started_at, claimed_by, claimed_until)
values (%(name)s, %(about)s, %(every)s, true, now(), now(), %(worker)s, now() + %(lease)s)
on conflict (name) do update
   set started_at = now(), claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until
 where known.due_at <= now() and known.claimed_by = ''

-- name: until_due
select greatest(due_at, claimed_until) - now() from duty where name = %(name)s

-- name: renew
update duty set claimed_until = now() + %(lease)s, seen_at = now()
 where name = %(name)s and claimed_by = %(worker)s

-- name: finish
update duty
   set failures = case when %(error)s = '' then 0 else failures + 1 end,
       due_at = now() + case when %(error)s = '' then every else /* pause after failures + 1 */ end,
       finished_at = now(),
       took = now() - started_at,
       claimed_by = '',
       claimed_until = 'epoch',
       succeeded_at = case when %(error)s = '' then now() else succeeded_at end,
       failed_at = case when %(error)s <> '' then now() else failed_at end,
       error = case when %(error)s <> '' then %(error)s else error end
 where name = %(name)s and claimed_by = %(worker)s

-- name: give_back
update duty set claimed_by = '', claimed_until = 'epoch' where name = %(name)s and claimed_by = %(worker)s

-- name: listed
select name, about, every, alone, seen_at, started_at, finished_at, succeeded_at, took, failures, failed_at, error, due_at,
       case when alone then claimed_until > now()
            else coalesce(started_at > coalesce(finished_at, '-infinity') and seen_at > now() - %(sign)s, false) end,
       now()
  from duty
 order by name

-- name: forget
delete from duty where seen_at < now() - %(age)s
