-- Lists of the sends of one kind.

-- name: page
-- By the index on organization, mode, kind and number alone, as long as everything is within reach.
select send_id
  from send
 where organization_id = %(organization_id)s
   and live = %(live)s
   and kind = %(kind)s
   /* send reach */
 order by send_id desc
offset %(skip)s limit %(limit)s
