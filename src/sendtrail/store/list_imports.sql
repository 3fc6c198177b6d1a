-- How imports for mailing lists are read. Whoever does holds one until a moment that nobody else was given: who took too
-- long changes nothing any more.

-- name: claim
update mailing_list_import
   set claimed_until = clock_timestamp() + %(lease)s
 where id = (select id from mailing_list_import
              where status = 'validating' and deleted_at is null and claimed_until < now()
              order by id limit 1 for update skip locked)
returning id, claimed_until, organization_id, live

-- name: begin
update mailing_list_import
   set valid_rows = 0, invalid_rows = 0, verified = 0, corrected = 0, failed = 0,
       sender_verified = 0, sender_corrected = 0, sender_failed = 0
 where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s
   and claimed_until = %(until)s and deleted_at is null

-- name: forget_rows
delete from mailing_list_import_row
 using mailing_list_import
 where mailing_list_import.id = import_id and organization_id = %(organization_id)s and live = %(live)s
   and import_id = %(id)s

-- name: go_on
update mailing_list_import
   set claimed_until = clock_timestamp() + %(lease)s,
       valid_rows = valid_rows + %(valid)s, invalid_rows = invalid_rows + %(invalid)s,
       verified = verified + %(verified)s, corrected = corrected + %(corrected)s, failed = failed + %(failed)s,
       sender_verified = sender_verified + %(sender_verified)s,
       sender_corrected = sender_corrected + %(sender_corrected)s,
       sender_failed = sender_failed + %(sender_failed)s
 where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s
   and claimed_until = %(until)s and deleted_at is null
returning claimed_until

-- name: renew
update mailing_list_import set claimed_until = clock_timestamp() + %(lease)s
 where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s
   and claimed_until = %(until)s and deleted_at is null
returning claimed_until

-- name: put_rows
insert into mailing_list_import_row (import_id, line, contact_id, sender_id, variables, problem)
select %(import_id)s, line, contact_id, sender_id, variables::jsonb, problem
  from unnest(%(lines)s::int[], %(contact_ids)s::bigint[], %(sender_ids)s::bigint[], %(variables)s::text[],
              %(problems)s::text[]) as row (line, contact_id, sender_id, variables, problem)

-- name: end
update mailing_list_import
   set status = %(status)s, errors = %(errors)s, notes = %(notes)s, updated_at = now()
 where id = %(id)s and organization_id = %(organization_id)s and live = %(live)s
   and claimed_until = %(until)s and deleted_at is null

-- name: problems
select line, problem from mailing_list_import_row
  join mailing_list_import on mailing_list_import.id = import_id
 where organization_id = %(organization_id)s and live = %(live)s and import_id = %(id)s and problem <> ''
 order by line
 limit %(limit)s
