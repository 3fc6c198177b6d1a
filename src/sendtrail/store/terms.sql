-- What sends are found by.

-- name: put
update send set terms = given.terms
  from unnest(%(send_ids)s::bigint[], %(terms)s::text[]) given (send_id, terms)
 where send.send_id = given.send_id
   and organization_id = %(organization_id)s
   and live = %(live)s

-- name: list
insert into term (organization_id, live, term, created_on, send_id)
select organization_id, live, term, created_on, send_id
  from send
 cross join unnest(string_to_array(trim(terms, chr(10)), chr(10))) term
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
   and term.term = any (string_to_array(trim(send.terms, chr(10)), chr(10)))
   and term.created_on = send.created_on
   and term.send_id = send.send_id
