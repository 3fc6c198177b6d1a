-- Claims of barcodes. An organization, its agency and the agency's clients share one feed and so one set of barcodes.

-- name: lock
select pg_advisory_xact_lock(hashtextextended('barcodes', coalesce(parent_id, id) * 2 + %(live)s::int))
  from organization
 where id = %(organization_id)s

-- name: refused
with claim as (
    select * from unnest(%(mid_serials)s::bigint[], %(valid_froms)s::bigint[], %(send_ids)s::bigint[])
             as claim (mid_serial, valid_from, send_id)
)
select send_id, 'foreign'
  from claim
 where %(live)s
   and exists (select from mailer_id
                where mailer_id.live and int8range(first, last, '[]') @> claim.mid_serial
                  and organization_id <> %(organization_id)s
                  and organization_id not in (      -- an agency and its clients use each other's, siblings do not
                          select id from organization where parent_id = %(organization_id)s
                          union all
                          select parent_id from organization where id = %(organization_id)s and parent_id is not null))
union
select send_id, 'taken'
  from claim
 where exists (select from barcode
                where barcode.mid_serial = claim.mid_serial
                  and barcode.live = %(live)s
                  and barcode.organization_id in (select family(%(organization_id)s))
                  and abs(barcode.valid_from - claim.valid_from) < %(reuse)s)
union
select claim.send_id, 'taken'                   -- in the same batch the first one has it
  from claim
  join claim earlier on earlier.mid_serial = claim.mid_serial
       and earlier.send_id < claim.send_id
       and abs(earlier.valid_from - claim.valid_from) < %(reuse)s

-- name: cut
-- Windows that these claims shorten, and by what.
select barcode.send_id, barcode.mid_serial, barcode.label, min(claim.valid_from), barcode.valid_until
  from unnest(%(mid_serials)s::bigint[], %(valid_froms)s::bigint[]) as claim (mid_serial, valid_from)
  join barcode using (mid_serial)
 where barcode.live = %(live)s
   and barcode.organization_id in (select family(%(organization_id)s))
   and barcode.valid_from < claim.valid_from
   and barcode.valid_until > claim.valid_from
 group by barcode.send_id, barcode.mid_serial, barcode.label, barcode.valid_until

-- name: close
update barcode
   set valid_until = least(barcode.valid_until, claim.valid_from)
  from unnest(%(mid_serials)s::bigint[], %(valid_froms)s::bigint[]) as claim (mid_serial, valid_from)
 where barcode.mid_serial = claim.mid_serial
   and barcode.live = %(live)s
   and barcode.organization_id in (select family(%(organization_id)s))
   and barcode.valid_from < claim.valid_from
   and barcode.valid_until > claim.valid_from

-- name: open
-- A window ends where the next one begins, be that one in the table or in this batch.
insert into barcode (mid_serial, organization_id, live, valid_from, valid_until, label, send_id)
select claim.mid_serial, %(organization_id)s, %(live)s, claim.valid_from,
       coalesce(least(lead(claim.valid_from) over (partition by claim.mid_serial order by claim.valid_from),
                      (select min(later.valid_from) from barcode later
                        where later.mid_serial = claim.mid_serial
                          and later.live = %(live)s
                          and later.organization_id in (select family(%(organization_id)s))
                          and later.valid_from > claim.valid_from)),
                9223372036854775807),
       claim.label, claim.send_id
  from unnest(%(mid_serials)s::bigint[], %(valid_froms)s::bigint[], %(labels)s::bigint[], %(send_ids)s::bigint[])
         as claim (mid_serial, valid_from, label, send_id)

-- name: withdraw
with gone as (
    delete from barcode
     where mid_serial = %(mid_serial)s and organization_id = %(organization_id)s and live = %(live)s
       and send_id = %(send_id)s
    returning valid_from, valid_until
)
update barcode set valid_until = gone.valid_until
  from gone
 where barcode.mid_serial = %(mid_serial)s
   and barcode.live = %(live)s
   and barcode.organization_id in (select family(%(organization_id)s))
   and barcode.valid_until = gone.valid_from

-- name: ranges
select id, first, last, next from mailer_id
 where organization_id = %(organization_id)s and live = %(live)s
 order by sample, id                                   -- those of an own Mailer ID first
   for update

-- name: busy
select mid_serial from barcode
 where mid_serial = any (%(candidates)s)
   and live = %(live)s
   and organization_id in (select family(%(organization_id)s))
   and valid_from > %(since)s
