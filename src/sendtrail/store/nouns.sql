-- What is made, listed, changed and deleted alike: one row each, which stays when it is deleted. Table and columns take
-- the places in braces; they are written in the code, never given.

-- name: page
select {columns} from {table}
 where organization_id = %(organization_id)s and live = %(live)s and deleted_at is null
   {narrowed} {searched}
 order by {key} desc
offset %(skip)s limit %(limit)s

-- name: count
select count(*) from (
    select from {table}
     where organization_id = %(organization_id)s and live = %(live)s and deleted_at is null
       {narrowed} {searched}
     limit %(most)s) counted

-- name: text
and ({searched}) ilike {term}

-- name: word
-- Words that follow each other, of the last one its beginning. What holds no word at all is in everything. The planner
-- sees through it: all of it is known before it begins.
and case when numnode(phraseto_tsquery('simple', {term})) > 0
         then {searched} @@ (phraseto_tsquery('simple', {term})::text || ':*')::tsquery
         else true end

-- name: read
-- What was deleted too: whoever named it before still shows it.
select {columns} from {table}
 where organization_id = %(organization_id)s and live = %(live)s and {key} = any (%(numbers)s)

-- name: hold
select {columns} from {table}
 where organization_id = %(organization_id)s and live = %(live)s and {key} = %(number)s and deleted_at is null
   for update

-- name: add
insert into {table} (organization_id, live, {names}) values (%(organization_id)s, %(live)s, {values})
returning {columns}

-- name: change
update {table} set {changes}, updated_at = now()
 where organization_id = %(organization_id)s and live = %(live)s and {key} = %(number)s and deleted_at is null
returning {columns}

-- name: remove
update {table} set deleted_at = now()
 where organization_id = %(organization_id)s and live = %(live)s and {key} = %(number)s and deleted_at is null
