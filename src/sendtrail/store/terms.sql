-- What sends are found by.

-- name: put
update send set terms = given.terms
  from (select send_id, coalesce(array_agg(term order by term) filter (where term <> ''), '{}') as terms
          from unnest(%(send_ids)s::bigint[], %(terms)s::text[]) given (send_id, term)
         group by send_id) given
 where send.send_id = given.send_id
   and organization_id = %(organization_id)s
   and live = %(live)s

-- name: list
insert into term (organization_id, live, term, created_on, send_id)
select organization_id, live, unnest(terms), created_on, send_id
  from send
 where send_id = any (%(send_ids)s) and organization_id = %(organization_id)s and live = %(live)s
 order by 1, 2, 3, 4, 5
on conflict do nothing

-- name: remove
delete from term
 using send
 where send.send_id = any (%(send_ids)s)
   and send.organization_id = %(organization_id)s
   and send.live = %(live)s
   and term.organization_id = send.organization_id
   and term.live = send.live
   and term.term = any (send.terms)
   and term.created_on = send.created_on
   and term.send_id = send.send_id
