-- Lists of the sends of one kind, and searches among those that were ordered with their content.

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

-- name: found
-- By the index on words alone: the order is an expression, or PostgreSQL would rather read all pieces from the newest on.
select send_id
  from piece
 where organization_id = %(organization_id)s and live = %(live)s and words @@ /* query */
   and (%(all)s::boolean or exists (select from send where send.send_id = piece.send_id /* send reach */))
 order by send_id + 0 desc
offset %(skip)s limit %(limit)s

-- name: found_count
select count(*) from (
    select from piece
     where organization_id = %(organization_id)s and live = %(live)s and words @@ /* query */
       and (%(all)s::boolean or exists (select from send where send.send_id = piece.send_id /* send reach */))
     limit %(most)s) counted

-- name: query
-- All of these marks, and of each text its words one after the other, of the last one its beginning. Texts without a word
-- are in everything.
(select string_agg(part, ' & ')::tsquery
   from (select '(' || phraseto_tsquery('simple', wanted.text)::text || ':*)' as part
           from unnest(%(texts)s::text[]) wanted (text)
          where numnode(phraseto_tsquery('simple', wanted.text)) > 0
          union all
         select quote_literal(mark) from unnest(%(marks)s::text[]) marks (mark)) parts)

-- name: ordered
select send_id
  from piece
 where send_id = any (%(send_ids)s::bigint[]) and organization_id = %(organization_id)s and live = %(live)s
