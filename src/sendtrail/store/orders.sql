-- Lists of the sends of one kind.

-- name: pin
-- Without statistics it looks as if sorting all of them were better.
select set_config('enable_bitmapscan', 'off', true)

-- name: page
-- By the index send_of_kind alone, as long as everything is within reach: its expression stands for organization, kind
-- and mode.
select send_id
  from send
 where organization_id * 16 + kind * 2 + live::int
       = %(organization_id)s::int * 16 + %(kind)s::int * 2 + %(live)s::boolean::int
   /* send reach */
 order by send_id desc
offset %(skip)s limit %(limit)s
