-- What people change of sends that were made.

-- name: hold
select send_id, kind, best from state
 where send_id = any (%(send_ids)s) and organization_id = %(organization_id)s and live = %(live)s
   /* state reach */
 order by send_id
   for no key update

-- name: actor
select coalesce((select email from member where 'member:' || id = %(actor)s),
                (select 'API key ' || name from api_key where 'key:' || id = %(actor)s), '')
