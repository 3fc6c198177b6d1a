-- What vendors and carriers say of sends that we do not know (yet).

-- name: keep
insert into unmatched_report (organization_id, live, name, item, meta, expected, detail, feed_file_id)
select %(organization_id)s, %(live)s, name, item, max(meta), max(expected), max(detail), %(feed_file_id)s
  from unnest(%(names)s::text[], %(items)s::bigint[], %(metas)s::bigint[], %(expecteds)s::bigint[], %(details)s::text[])
       as told (name, item, meta, expected, detail)
 group by name, item
 order by name, item
on conflict (organization_id, live, name, item)
do update set expected = excluded.expected where excluded.expected > unmatched_report.expected

-- name: waiting
-- What waits for these sends, told to their organization or its agency.
select report.id, send.send_id, kind, item, meta_by(meta, report.organization_id <> send.organization_id), expected,
       detail, feed_file_id
  from send
  join organization own on own.id = send.organization_id
 cross join lateral (values (vendor || ':' || vendor_id), (tracking_number)) named (name)
  join unmatched_report report on report.name = named.name
       and report.organization_id in (own.id, own.parent_id)
       and report.live = send.live
 where send.send_id = any (%(send_ids)s)
   and send.organization_id = %(organization_id)s
   and send.live = %(live)s
   and (vendor_id <> '' or tracking_number <> '')
 order by report.id
   for update of report

-- name: remove
delete from unmatched_report
 where id = any (%(ids)s)
   and (organization_id = %(organization_id)s
        or organization_id = (select parent_id from organization where id = %(organization_id)s))

-- name: page
select id, name, item, meta, feed_file_id from unmatched_report
 where organization_id = %(organization_id)s and live = %(live)s and id > %(after)s
 order by id
 limit %(limit)s

-- name: count
select count(*) from unmatched_report where organization_id = %(organization_id)s and live = %(live)s

-- name: matchable
-- Sends for which something waits after all: one was made, or given a number, while it came in.
select distinct alias.organization_id, alias.live, alias.send_id
  from unmatched_report report
  join organization own on own.id = report.organization_id or own.parent_id = report.organization_id
  join alias on alias.organization_id = own.id
       and alias.live = report.live
       and alias.kind in ('vendor_id', 'tracking_number')
       and alias.value = report.name
 limit %(limit)s
